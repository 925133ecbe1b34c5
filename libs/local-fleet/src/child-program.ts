import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";

/** A program of ours, started as a process, with its output in a file. */
export interface ChildProgram {
  readonly name: string;
  readonly pid: number;
  readonly logPath: string;
  /** The exit code; null where a signal ended it. */
  readonly ended: Promise<number | null>;
  isRunning(): boolean;
  /** Ends it: SIGTERM and, after `graceMs`, SIGKILL; or SIGKILL at once. Resolves when it is gone. */
  stop(how?: "gently" | "at once"): Promise<void>;
}

/** How a child is started. */
export interface ChildOptions {
  readonly name: string;
  readonly args: readonly string[];
  readonly logPath: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const graceMs = 5_000;

/** Starts `node ARGS…`; its log is appended to, so that a restart keeps what was said before. */
export function startChild(options: ChildOptions): ChildProgram {
  const log = openSync(options.logPath, "a");
  const child = spawn(process.execPath, options.args, {
    // The channel breaks when we are killed; the program stops then.
    stdio: ["ignore", log, log, "ipc"],
    env: { ...process.env, ...options.env },
  });
  closeSync(log);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  ended.catch(() => undefined);
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  return {
    name: options.name,
    pid: child.pid ?? -1,
    logPath: options.logPath,
    ended,
    isRunning,
    stop: async (how = "gently") => {
      if (!isRunning()) return;
      child.kill(how === "gently" ? "SIGTERM" : "SIGKILL");
      const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** The last lines that a program said, for an error that tells why it ended. */
export function tailOf({ logPath }: ChildProgram, lines = 12): string {
  return readFileSync(logPath, "utf8")
    .trimEnd()
    .split("\n")
    .slice(-lines)
    .join("\n");
}
