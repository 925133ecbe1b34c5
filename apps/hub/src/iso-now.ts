import { type Clock } from "@wheelhouse/clock";

/** The wall's time as RFC 3339 in UTC with milliseconds: such texts compare as times. */
export function isoNow(clock: Clock): string {
  return new Date(clock.nowMs()).toISOString();
}
