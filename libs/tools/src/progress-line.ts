import { type OnToolProgress } from "./tool-progress.ts";

/** The part of a terminal or file that progress is written to. */
export interface ProgressStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

const plainIntervalMs = 30_000;

const duration = (ms: number): string => {
  const seconds = Math.floor(ms / 1000);
  return seconds < 60
    ? `${seconds}s`
    : `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, "0")}s`;
};

const sentence = (step: string, elapsedMs: number, detail: string): string =>
  `${step}  ${duration(elapsedMs)}${detail === "" ? "" : `  ${detail}`}`;

/**
 * Renders progress for people: on a terminal one line that rewrites itself and ends as the step's time; elsewhere a
 * plain line at a step's start and end and at most one every 30 s between.
 */
export const createProgressLine = (stream: ProgressStream): OnToolProgress => {
  const isTerminal = stream.isTTY === true;
  const running = new Map<string, { text: string; lastLineMs: number }>();
  const paint = () => {
    const texts = [...running.values()].map(({ text }) => text);
    const width = Math.max(20, (stream.columns ?? 80) - 1);
    stream.write(`\r\x1b[2K${texts.join("  |  ").slice(0, width)}`);
  };
  const settle = (text: string) =>
    stream.write(isTerminal ? `\r\x1b[2K${text}\n` : `${text}\n`);
  return (progress) => {
    const { step } = progress;
    switch (progress.kind) {
      case "started":
        running.set(step, { text: sentence(step, 0, ""), lastLineMs: 0 });
        if (isTerminal) paint();
        else stream.write(`${step} …\n`);
        return;
      case "running": {
        const entry = running.get(step);
        if (entry === undefined) return;
        entry.text = sentence(step, progress.elapsedMs, progress.detail);
        if (isTerminal) return paint();
        if (progress.elapsedMs - entry.lastLineMs < plainIntervalMs) return;
        entry.lastLineMs = progress.elapsedMs;
        stream.write(`${entry.text}\n`);
        return;
      }
      case "finished": {
        running.delete(step);
        const failed = progress.outcome === "failed" ? "failed" : "";
        settle(sentence(step, progress.elapsedMs, failed));
        if (isTerminal && running.size > 0) paint();
      }
    }
  };
};
