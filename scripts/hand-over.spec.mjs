import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { describe, expect, it } from "vitest";

const module = JSON.stringify(new URL("hand-over.mjs", import.meta.url).href);

/** A process that hands over to a program, which says `ready`. */
function handOverTo(program) {
  const code = `import { handOver } from ${module};
    process.exitCode = await handOver(["-e", process.argv[1]], {});`;
  return spawn(
    process.execPath,
    ["--input-type=module", "-e", code, `${program}; console.log("ready");`],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
}

const waiting = "setInterval(() => {}, 1000)";

describe("a program that was handed over to", () => {
  it.each([0, 3, 130])(
    "ends with %i, and so does who started it",
    async (code) => {
      const [seen] = await once(
        handOverTo(`process.exitCode = ${code}`),
        "close",
      );
      expect(seen).toBe(code);
    },
  );

  it.each(["SIGTERM", "SIGINT", "SIGHUP"])(
    "hears of %s, and may end as it likes",
    async (signal) => {
      const child = handOverTo(
        `${waiting}; process.on(${JSON.stringify(signal)}, () => process.exit(7))`,
      );
      await once(child.stdout, "data");
      child.kill(signal);
      expect(await once(child, "close")).toEqual([7, null]);
    },
  );

  it.each(["SIGTERM", "SIGINT", "SIGHUP", "SIGKILL", "SIGSEGV"])(
    "is told of as ended by %s",
    async (signal) => {
      const child = handOverTo(
        `setImmediate(() => process.kill(process.pid, ${JSON.stringify(signal)})); ${waiting}`,
      );
      const [seen] = await once(child, "close");
      expect(seen).toBe(128 + constants.signals[signal]);
    },
  );
});
