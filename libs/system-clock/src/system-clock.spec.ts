import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { holdingSystemClock, systemClock } from "./system-clock.ts";

const run = promisify(execFile);

/** What a process prints that sets one timer by a clock and has nothing else to do. */
async function outputOf(clock: string, delayMs: number): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { ${clock} as clock } from "./system-clock.ts";
        clock.setTimer(${delayMs}, () => console.log("rang"));`,
      resolveDir: join(import.meta.dirname),
    },
    bundle: true,
    write: false,
    format: "cjs",
  });
  const code = outputFiles[0]?.text ?? "";
  const { stdout } = await run(process.execPath, ["-e", code]);
  return stdout.trim();
}

describe.each([
  ["systemClock", systemClock],
  ["holdingSystemClock", holdingSystemClock],
])("%s", (_name, clock) => {
  it.each([0, 5])("rings once after %i ms by its own count", async (ms) => {
    const before = clock.monotonicMs();
    await new Promise<void>((resolve) => clock.setTimer(ms, resolve));
    expect(clock.monotonicMs() - before).toBeGreaterThanOrEqual(ms - 1);
  });

  it.each([0, 1])("does not ring once it was cancelled (%i ms)", async (ms) => {
    let rings = 0;
    clock.setTimer(ms, () => (rings += 1))();
    await new Promise<void>((resolve) => clock.setTimer(5, resolve));
    expect(rings).toBe(0);
  });

  it("does not ring at once for a delay that Node cannot keep", async () => {
    let rings = 0;
    const cancel = clock.setTimer(2 ** 40, () => (rings += 1));
    await new Promise<void>((resolve) => clock.setTimer(5, resolve));
    cancel();
    expect(rings).toBe(0);
  });
});

describe("a process that waits for nothing but a timer", () => {
  it.each([
    ["systemClock", ""],
    ["holdingSystemClock", "rang"],
  ])("of %s prints %j", async (clock, printed) => {
    expect(await outputOf(clock, 20)).toBe(printed);
  });
});
