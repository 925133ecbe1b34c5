import { type ToolName } from "./pinned-tools.ts";

/** What bringing tools is doing: each step starts, reports about once a second, and ends. Times are milliseconds. */
export type ToolProgress =
  | {
      readonly kind: "started";
      readonly step: string;
      readonly tools: readonly ToolName[];
    }
  | {
      readonly kind: "running";
      readonly step: string;
      readonly elapsedMs: number;
      /** Where the step is, for example `120 of 160 MB`; empty before it is known. */
      readonly detail: string;
    }
  | {
      readonly kind: "finished";
      readonly step: string;
      readonly elapsedMs: number;
      readonly outcome: "done" | "failed";
    };

/** Receives progress; it must not throw. */
export type OnToolProgress = (progress: ToolProgress) => void;

const tickMs = 1_000;

/** Runs one step and reports it; `isGood` says from its result whether it ended well. */
export const withStep = async <T>(
  options: {
    step: string;
    tools: readonly ToolName[];
    onProgress: OnToolProgress | undefined;
    isGood: (result: T) => boolean;
  },
  work: (onDetail: (detail: string) => void) => Promise<T>,
): Promise<T> => {
  const { step, tools, onProgress } = options;
  const start = performance.now();
  const elapsedMs = () => Math.round(performance.now() - start);
  let detail = "";
  onProgress?.({ kind: "started", step, tools });
  const tick = setInterval(
    () =>
      onProgress?.({ kind: "running", step, elapsedMs: elapsedMs(), detail }),
    tickMs,
  );
  let outcome: "done" | "failed" = "failed";
  try {
    const result = await work((now) => (detail = now));
    if (options.isGood(result)) outcome = "done";
    return result;
  } finally {
    clearInterval(tick);
    onProgress?.({ kind: "finished", step, elapsedMs: elapsedMs(), outcome });
  }
};
