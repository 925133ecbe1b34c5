import { KubeError } from "@wheelhouse/kube-apply";

/** A time limit that is linked to a caller's signal. */
export interface Deadline {
  /** Aborted when the time is up, or the caller's signal is. */
  readonly signal: AbortSignal;
  /** Ends the time limit; the caller's signal still counts. */
  readonly release: () => void;
  /** Lets go of the caller's signal, too. To be called once, whatever happened. */
  readonly close: () => void;
}

/**
 * Starts a time limit. It is undone by `close`, and not left to the garbage
 * collector as `AbortSignal.any` and `AbortSignal.timeout` are: a spoke sends
 * thousands of requests under one signal that lives as long as it does.
 */
export function startDeadline(
  ms: number,
  parent: AbortSignal | undefined,
): Deadline {
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(parent?.reason);
  const timer = setTimeout(
    () => controller.abort(new KubeError("timeout", "no answer in time")),
    ms,
  );
  if (parent?.aborted === true) onAbort();
  parent?.addEventListener("abort", onAbort, { once: true });
  const release = (): void => clearTimeout(timer);
  return {
    signal: controller.signal,
    release,
    close: () => {
      release();
      parent?.removeEventListener("abort", onAbort);
    },
  };
}
