import { spawn } from "node:child_process";
import { constants } from "node:os";

/**
 * Runs Node with these arguments on this terminal, and passes on what this
 * process is told. Resolves with what the program ended with, as a shell has
 * it: its code, or 128 and the number of the signal that ended it. Rejects
 * where it cannot be started.
 */
export function handOver(args, { cwd, env }) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, env, stdio: "inherit" });
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
      process.on(signal, () => {
        // On a terminal Ctrl-C reaches the program, too.
        const reachedIt = signal === "SIGINT" && process.stdin.isTTY === true;
        if (!reachedIt) child.kill(signal);
      });
    }
    child.on("error", reject);
    child.on("close", (code, signal) =>
      resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]),
    );
  });
}
