import { type Clock } from "@wheelhouse/clock";

/** Waits by a clock, or until one of the signals. True where the time was waited out. */
export function waitFor(
  clock: Clock,
  delayMs: number,
  ...signals: readonly AbortSignal[]
): Promise<boolean> {
  return new Promise((resolve) => {
    if (signals.some(({ aborted }) => aborted)) {
      resolve(false);
      return;
    }
    const end = (isWaitedOut: boolean) => {
      for (const signal of signals) {
        signal.removeEventListener("abort", onAbort);
      }
      resolve(isWaitedOut);
    };
    const stopTimer = clock.setTimer(delayMs, () => end(true));
    function onAbort(): void {
      stopTimer();
      end(false);
    }
    for (const signal of signals) {
      signal.addEventListener("abort", onAbort, { once: true });
    }
  });
}
