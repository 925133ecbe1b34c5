import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The checkout's own folder. */
export const checkout = fileURLToPath(new URL("../../../", import.meta.url));

const program = fileURLToPath(
  new URL("../../../apps/cli/dist/wheelhouse.js", import.meta.url),
);

/** What a command wrote, and its exit code; -1 where a signal ended it. */
export interface CommandEnd {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the built `wheelhouse ARGS…` as a process of its own, with no terminal; `input` is its standard input. */
export function runWheelhouse(
  args: readonly string[],
  options: {
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly input?: string;
  },
): Promise<CommandEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: checkout,
      env: { ...process.env, NO_COLOR: "1", ...options.env },
    });
    let out = "";
    let err = "";
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? -1, out, err }));
    child.stdin.end(options.input ?? "");
  });
}
