import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { open } from "node:fs/promises";

/** One running program of a control plane. */
export interface Component {
  readonly pid: number;
  readonly logPath: string;
  /** Resolves, with how it ended, when the program is gone. */
  readonly ended: Promise<string>;
  /** How it ended, once it has. */
  readonly outcome: () => string | undefined;
  /** Sends SIGTERM, and SIGKILL to whatever is left after 3 s; resolves when it is gone. */
  readonly stop: () => Promise<void>;
}

// kube-apiserver waits for its watchers to leave, up to a minute; nothing here is worth that wait.
const killAfterMs = 3_000;
const tailBytes = 4_096;
const tailLines = 20;

/** The last 20 lines of a log (of its last 4 KiB), for a message. */
export const readLogTail = async (path: string): Promise<string> => {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - tailBytes);
    const buffer = Buffer.alloc(size - start);
    await file.read(buffer, 0, buffer.length, start);
    return buffer
      .toString("utf8")
      .trimEnd()
      .split("\n")
      .slice(-tailLines)
      .join("\n");
  } finally {
    await file.close();
  }
};

const watchEnd = (child: ChildProcess) => {
  let outcome: string | undefined;
  const ended = new Promise<string>((resolve) => {
    const end = (how: string) => {
      outcome ??= how;
      resolve(outcome);
    };
    child.once("error", (error) => end(error.message));
    child.once("exit", (code, signal) =>
      end(`ended with ${signal ?? `code ${code}`}`),
    );
  });
  return { ended, outcome: () => outcome };
};

/**
 * Starts a program in a process group of its own, so that an interrupt typed at the terminal reaches only us and the
 * order of stopping stays ours; all it prints goes to the log file.
 */
export const startComponent = async (
  file: string,
  args: readonly string[],
  options: { cwd: string; logPath: string },
): Promise<Component> => {
  const log = openSync(options.logPath, "a", 0o600);
  const child = spawn(file, args, {
    cwd: options.cwd,
    detached: true,
    stdio: ["ignore", log, log],
    env: { PATH: "/usr/bin:/bin", HOME: options.cwd },
  });
  closeSync(log);
  const { ended, outcome } = watchEnd(child);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${file}: ${await ended}`);
  const stop = async () => {
    if (outcome() !== undefined) return;
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), killAfterMs);
    await ended;
    clearTimeout(timer);
  };
  return { pid, logPath: options.logPath, ended, outcome, stop };
};
