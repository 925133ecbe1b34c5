import { type LinkClock, systemClock } from "@wheelhouse/protocol";

/** Time as the hub needs it: by the wall for people, monotonic for durations. */
export type HubClock = LinkClock;

/** The clock of this machine. */
export const systemHubClock: HubClock = systemClock;

/** The wall's time as RFC 3339 in UTC with milliseconds: such texts compare as times. */
export function isoNow(clock: HubClock): string {
  return new Date(clock.nowMs()).toISOString();
}
