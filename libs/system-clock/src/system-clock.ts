import { type Clock } from "@wheelhouse/clock";

/** Longest delay that Node keeps; a longer one would fire at once, and is shortened to this, about 24 days. */
const maxDelayMs = 2 ** 31 - 1;

/** The machine's own clock. Its timers do not keep a process alive. */
export const systemClock: Clock = clockWith((timer) => timer.unref());

/** The machine's own clock. A timer keeps the process alive until it rings or is cancelled. */
export const holdingSystemClock: Clock = clockWith((timer) => timer);

type Timer = NodeJS.Timeout | NodeJS.Immediate;

function clockWith(arm: (timer: Timer) => Timer): Clock {
  return {
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    setTimer: (delayMs, callback) => {
      if (delayMs <= 0) {
        const immediate = setImmediate(callback);
        arm(immediate);
        return () => clearImmediate(immediate);
      }
      const timer = setTimeout(callback, Math.min(delayMs, maxDelayMs));
      arm(timer);
      return () => clearTimeout(timer);
    },
  };
}
