import { spawn } from "node:child_process";

/** Kills a control plane's programs should this process die without stopping them. */
export interface OrphanGuard {
  /** Takes a program into its care. */
  readonly watch: (pid: number) => void;
  /** Ends the guard without killing anything; to be called when all programs have ended. */
  readonly dismiss: () => void;
}

// Its standard input is a pipe from us: it ends when we end, however we end. A line is a pid; "dismiss" forgets them all.
const script = [
  'pids=""',
  "while read -r line; do",
  '  if [ "$line" = dismiss ]; then exit 0; fi',
  '  pids="$pids $line"',
  "done",
  "kill -TERM $pids 2>/dev/null",
  "sleep 3",
  "kill -KILL $pids 2>/dev/null",
].join("\n");

/** Starts the guard: a shell of its own process group that waits on a pipe from us. */
export const createOrphanGuard = (): OrphanGuard => {
  const shell = spawn("/bin/sh", ["-c", script], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  shell.unref();
  shell.on("error", () => undefined); // without a shell there is no guard, and nothing else changes
  shell.stdin.on("error", () => undefined);
  return {
    watch: (pid) => void shell.stdin.write(`${pid}\n`),
    dismiss: () => void shell.stdin.end("dismiss\n"),
  };
};
