import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { exitCodes } from "@wheelhouse/programs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runDelegate, runInit } from "./init-command.ts";

const nowMs = Date.parse("2026-01-01T00:00:00Z");

describe("wheelhouse init", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "init-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const init = (data: string, root: string, fleet = "main") =>
    runInit(
      [
        ...["--data", path.join(folder, data)],
        ...["--root-key", path.join(folder, root)],
        ...["--fleet", fleet],
      ],
      nowMs,
    );

  it.each([
    ["init", runInit, ["--data", "--root-key", "--fleet", "example:"]],
    ["delegate", runDelegate, ["--data", "--root-key", "--at-least"]],
  ] as const)(
    "explains the flags of %s, and no others",
    async (_, run, words) => {
      const { code, text } = await run(["--help"], nowMs);
      expect(code).toBe(0);
      for (const word of words) {
        expect(text).toMatch(new RegExp(`^ *${word}`, "m"));
      }
      expect(text).not.toContain("--link-listen");
    },
  );

  it.each([
    ["init", runInit, "wheelhouse init"],
    ["delegate", runDelegate, "wheelhouse hub delegate"],
  ] as const)(
    "%s says what is missing in two lines, the second where more is said",
    async (_, run, name) => {
      const { code, text } = await run([], nowMs);
      expect(code).toBe(2);
      expect(text).toMatch(
        new RegExp(
          `^\\nx --data is missing[^\\n]*\\n  see ${name} --help\\n\\n$`,
        ),
      );
    },
  );

  it("says which flags are missing", async () => {
    const { text } = await runInit(["--data", "d"], nowMs);
    expect(text).toContain("--root-key is missing; --fleet is missing");
  });

  it("says where nothing can be made, and makes no root", async () => {
    writeFileSync(path.join(folder, "file"), "");
    const { code, text } = await init("file/hub", "root.json");
    expect(code).toBe(exitCodes.refused);
    expect(text).toMatch(
      /--data \S+: cannot be made: \S+: a part of this path is a file/,
    );
    expect(existsSync(path.join(folder, "root.json"))).toBe(false);
    expect((await init("hub", "none/root.json")).text).toMatch(
      /--root-key: \S+none: there is no such directory; make it first/,
    );
  });

  it.each([
    ["the root's folder is missing", "a/b/hub", "none/root.json", "main"],
    ["a root is there already", "a/b/hub", "old.json", "main"],
    ["the data's folder is there", "data", "none/root.json", "main"],
    ["the name is none", "a/hub", "root.json", "Not A Name"],
  ])("leaves nothing where it is refused: %s", async (_, data, root, name) => {
    writeFileSync(path.join(folder, "old.json"), "{}");
    mkdirSync(path.join(folder, "data"));
    const before = readdirSync(folder, { recursive: true });
    const { code } = await init(data, root, name);
    expect(code).toBe(exitCodes.refused);
    expect(readdirSync(folder, { recursive: true })).toEqual(before);
  });

  it.skipIf(process.platform !== "linux")(
    "ends where a file system takes no folders",
    async () => {
      const args = ["--data", "/proc/wheelhouse/hub", "--fleet", "main"];
      const root = path.join(folder, "root.json");
      const { code, text } = await runInit([...args, "--root-key", root], 0);
      expect(code).toBe(exitCodes.refused);
      expect(text).toContain("--data /proc/wheelhouse/hub: cannot be made");
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  it("makes folders on the way where it is not", async () => {
    expect((await init("a/b/hub", "root.json")).code).toBe(exitCodes.done);
    expect(existsSync(path.join(folder, "a/b/hub/keys/fleet.json"))).toBe(true);
    const again = await init("a/b/hub", "other.json");
    expect(again.code).toBe(exitCodes.refused);
    expect(existsSync(path.join(folder, "a/b/hub/keys/fleet.json"))).toBe(true);
  });
});
