import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { removeStaleFolders, scratchPrefix } from "./scratch-folder.ts";

/** Of a process that has ended a moment ago. */
const deadPid = (): number => spawnSync(process.execPath, ["-e", ""]).pid ?? -1;

describe("folders that a killed process left", () => {
  let parent: string;
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), "scratch-"));
  });
  afterEach(() => rmSync(parent, { recursive: true, force: true }));

  const make = (name: string) => {
    mkdirSync(join(parent, name, "in/it"), { recursive: true });
    writeFileSync(join(parent, name, "in/it/file"), "");
    return name;
  };

  it("go with all that is in them, those of a process that runs stay", async () => {
    const dead = deadPid();
    const stale = [
      make(`wheelhouse-demo-${dead}-a1B2c3`),
      make(`wheelhouse-render-${dead}-a1B2c3`),
    ];
    const kept = make(`wheelhouse-render-${process.ppid}-a1B2c3`);
    expect([...(await removeStaleFolders(parent))].sort()).toEqual(stale);
    expect(readdirSync(parent)).toEqual([kept]);
  });

  it("go where their process had our number: in a container all have the same", async () => {
    const path = mkdtempSync(join(parent, scratchPrefix("render")));
    expect(await removeStaleFolders(parent)).toHaveLength(1);
    expect(existsSync(path)).toBe(false);
  });

  it("are told from everything else that is there", async () => {
    const dead = deadPid();
    const others = [
      ...["wheelhouse", "wheelhouse-fleet", "wheelhouse-demo-mine"],
      `wheelhouse-demo-${dead}`,
      `wheelhouse-demo-${dead}-notes-2024`,
      `wheelhouse-backup-${dead}-a1B2c3`,
      `my-wheelhouse-demo-${dead}-a1B2c3`,
    ].map(make);
    const [file, link] = ["000000", "111111"].map(
      (end) => `wheelhouse-demo-${dead}-${end}`,
    ) as [string, string];
    writeFileSync(join(parent, file), "");
    symlinkSync(join(parent, "wheelhouse-fleet"), join(parent, link));
    expect(await removeStaleFolders(parent)).toEqual([]);
    expect(readdirSync(parent).sort()).toEqual([...others, file, link].sort());
  });

  it("go a hundred at a time", async () => {
    const dead = deadPid();
    for (let index = 0; index < 103; index += 1) {
      const end = String(index).padStart(6, "0");
      mkdirSync(join(parent, `wheelhouse-render-${dead}-${end}`));
    }
    expect(await removeStaleFolders(parent)).toHaveLength(100);
    expect(await removeStaleFolders(parent)).toHaveLength(3);
  });
});
