import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";

/** How a program ended, and the last of what it wrote. */
export type ProgramRun =
  | { readonly ok: true; readonly output: string }
  | { readonly ok: false; readonly problem: string; readonly output: string };

/** What to run and within which bounds. */
export interface ProgramOptions {
  readonly cwd?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** After this long the program is interrupted, and killed 5 s later. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** A file that everything written is appended to. */
  readonly logPath?: string;
  readonly onLine?: (line: string) => void;
}

const maxOutputChars = 64 * 1024;
const killAfterMs = 5_000;

/** Runs a program to its end, standard output and error as one; keeps the last 64 KiB of them and never throws. */
export const runProgram = (
  file: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<ProgramRun> =>
  new Promise((resolve) => {
    const child = spawn(file, args, {
      env: options.env as NodeJS.ProcessEnv,
      stdio: ["ignore", "pipe", "pipe"],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    const log =
      options.logPath === undefined
        ? undefined
        : createWriteStream(options.logPath, { flags: "a" });
    let logProblem: string | undefined;
    log?.on("error", (error) => (logProblem = `log: ${error.message}`));
    let output = "";
    let partial = "";
    let stopReason: string | undefined;
    const take = (chunk: string) => {
      log?.write(chunk);
      output = (output + chunk).slice(-maxOutputChars);
      const lines = (partial + chunk).split("\n");
      partial = (lines.pop() ?? "").slice(-maxOutputChars);
      for (const line of lines) options.onLine?.(line);
    };
    child.stdout.setEncoding("utf8").on("data", take);
    child.stderr.setEncoding("utf8").on("data", take);
    let killTimer: NodeJS.Timeout | undefined;
    const stop = (reason: string) => {
      stopReason ??= reason;
      child.kill("SIGINT"); // go build cleans up after an interrupt
      killTimer ??= setTimeout(() => child.kill("SIGKILL"), killAfterMs);
    };
    const timer = setTimeout(
      () => stop(`took longer than ${options.timeoutMs / 1000} s`),
      options.timeoutMs,
    );
    const onAbort = () => stop("was cancelled");
    options.signal?.addEventListener("abort", onAbort, { once: true });
    if (options.signal?.aborted === true) onAbort();
    const end = (problem: string | undefined) => {
      clearTimeout(timer);
      clearTimeout(killTimer);
      options.signal?.removeEventListener("abort", onAbort);
      log?.end();
      if (logProblem !== undefined) output += `\n${logProblem}`;
      resolve(
        problem === undefined
          ? { ok: true, output }
          : { ok: false, problem, output },
      );
    };
    child.on("error", (error) => end(error.message));
    child.on("close", (code, signal) =>
      end(
        stopReason ??
          (code === 0 ? undefined : `ended with ${signal ?? `code ${code}`}`),
      ),
    );
  });
