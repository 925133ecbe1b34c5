import { type Clock } from "@wheelhouse/clock";

/** Time as the two ends of the link need it: the wall for certificates and for people, monotonic for every duration. */
export type LinkClock = Clock;

/** Longest delay that Node keeps; a longer one would fire at once. */
const maxDelayMs = 2 ** 31 - 1;

/** The clock of this machine. A timer keeps the process alive until it fires or is stopped. */
export const systemClock: LinkClock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer: (delayMs, callback) => {
    const timer = setTimeout(callback, Math.min(delayMs, maxDelayMs));
    return () => clearTimeout(timer);
  },
};
