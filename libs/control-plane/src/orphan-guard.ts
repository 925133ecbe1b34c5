import { spawn } from "node:child_process";

/** Kills a control plane's programs should this process die without stopping them. */
export interface OrphanGuard {
  /** Takes a program into its care. */
  readonly watch: (pid: number) => void;
  /** Leaves a program that has ended alone, since its pid may become another's. */
  readonly forget: (pid: number) => void;
  /** Ends the guard without killing anything; to be called when all programs have ended. */
  readonly dismiss: () => void;
}

// Its standard input is a pipe from us: it ends when we end, however we end.
const script = `
pids=" "
while read -r order pid; do
  case "$order" in
    watch) pids="$pids$pid " ;;
    forget) pids="\${pids%% $pid *} \${pids#* $pid }" ;;
    dismiss) exit 0 ;;
  esac
done
kill -TERM $pids 2>/dev/null
sleep 3
kill -KILL $pids 2>/dev/null
`;

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
    watch: (pid) => void shell.stdin.write(`watch ${pid}\n`),
    forget: (pid) => void shell.stdin.write(`forget ${pid}\n`),
    dismiss: () => void shell.stdin.end("dismiss\n"),
  };
};
