import { type Clock } from "@wheelhouse/clock";

/** Waits by a clock, or until a signal. True where the time was waited out. */
export function waitFor(
  clock: Clock,
  delayMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve(false);
      return;
    }
    const stopTimer = clock.setTimer(delayMs, () => {
      signal.removeEventListener("abort", onAbort);
      resolve(true);
    });
    function onAbort(): void {
      stopTimer();
      resolve(false);
    }
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
