import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { BoundedText } from "./bounded-text.ts";
import { type RenderLimits } from "./render-limits.ts";

/** A program to run: no shell, its own process group, and only the environment given. */
export interface ProcessCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
}

/** How a bounded run ended. */
export type ProcessOutcome =
  | { readonly kind: "succeeded"; readonly output: string }
  | { readonly kind: "failed"; readonly error: string }
  | { readonly kind: "killed"; readonly why: string }
  | { readonly kind: "notStarted"; readonly error: string };

const memoryLookMs = 500;

/** Runs a program within limits of time, output and memory; whatever is over them is killed with its whole group. */
export function runBounded(
  command: ProcessCommand,
  limits: RenderLimits,
  signal?: AbortSignal,
): Promise<ProcessOutcome> {
  return new Promise((resolve) => {
    const child = spawn(command.program, command.args, {
      cwd: command.directory,
      env: command.env,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
      shell: false,
    });
    const output: Buffer[] = [];
    const errors = new BoundedText(limits.maxErrorBytes);
    let outputBytes = 0;
    let killedWhy: string | undefined;

    const kill = (why: string): void => {
      killedWhy ??= why;
      killGroup(child.pid);
    };
    const deadline = setTimeout(
      () => kill(`took longer than ${limits.timeoutMs / 1_000} s`),
      limits.timeoutMs,
    );
    const memoryLook = setInterval(() => {
      void residentBytes(child.pid).then((bytes) => {
        if (bytes > limits.maxMemoryBytes) {
          kill(`needed more than ${limits.maxMemoryBytes} bytes of memory`);
        }
      });
    }, memoryLookMs);
    const onAbort = (): void => kill("was cancelled");
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted === true) onAbort();

    const end = (outcome: ProcessOutcome): void => {
      clearTimeout(deadline);
      clearInterval(memoryLook);
      signal?.removeEventListener("abort", onAbort);
      resolve(outcome);
    };
    child.stdout.on("data", (chunk: Buffer) => {
      outputBytes += chunk.length;
      if (outputBytes > limits.maxOutputBytes) {
        kill(`wrote more than ${limits.maxOutputBytes} bytes`);
      } else output.push(chunk);
    });
    child.stderr.on("data", (chunk: Buffer) => errors.take(chunk));
    child.once("error", (error) =>
      end({ kind: "notStarted", error: error.message }),
    );
    child.once("close", (code, exitSignal) => {
      if (killedWhy !== undefined) end({ kind: "killed", why: killedWhy });
      else if (code === 0) {
        end({
          kind: "succeeded",
          output: Buffer.concat(output).toString("utf8"),
        });
      } else {
        const text = errors.text.trim();
        end({
          kind: "failed",
          error: text === "" ? `ended by ${exitSignal ?? code}` : text,
        });
      }
    });
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    // It ended by itself in the meantime: there is nothing left to kill.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Resident memory of a process where the platform tells (Linux); 0 elsewhere and when it has ended. */
async function residentBytes(pid: number | undefined): Promise<number> {
  try {
    const status = await readFile(`/proc/${pid}/statm`, "utf8");
    return Number(status.split(" ")[1]) * 4_096;
  } catch {
    return 0; // no /proc, or no such process any more: the other limits hold
  }
}
