import { systemClock } from "@wheelhouse/system-clock";
import { type Clock } from "@wheelhouse/clock";

/** How many times faster a spoke's clock runs where nothing else is said. */
export const usualSpeed = 30;

/** A clock whose monotonic time and timers run faster than the machine's: what a spoke would do in minutes is done in seconds. */
export function fastClock(speed: number): Clock {
  return {
    nowMs: systemClock.nowMs,
    monotonicMs: () => systemClock.monotonicMs() * speed,
    setTimer: (delayMs, callback) =>
      systemClock.setTimer(delayMs / speed, callback),
  };
}

const hourMs = 3_600_000;

/** Until artifacts that nobody needs are looked for, and how old they are then. */
const collectAgeMs = 600_000;

/** The same with a wall an hour on, and no wait until artifacts are collected: what was written a moment ago is old. */
export function collectingClock(speed: number): Clock {
  const clock = fastClock(speed);
  return {
    ...clock,
    nowMs: () => clock.nowMs() + hourMs,
    setTimer: (delayMs, callback) =>
      clock.setTimer(delayMs === collectAgeMs ? speed * 20 : delayMs, callback),
  };
}
