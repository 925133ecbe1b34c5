import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import {
  buildArguments,
  isInstallNeeded,
  isNodeNewEnough,
  readTask,
  stampOf,
  tasks,
} from "./run-plan.mjs";

const run = (...args) =>
  spawnSync(
    process.execPath,
    [fileURLToPath(new URL("run.mjs", import.meta.url)), ...args],
    { encoding: "utf8" },
  );

describe("npm run in a checkout", () => {
  it.each([[["bogus"]], [[]], [["constructor"]], [["--help-me"]]])(
    "refuses %j with its usage and 2, and does nothing",
    (args) => {
      expect(readTask(args)).toBeNull();
      const { status, stdout, stderr } = run(...args);
      expect([status, stdout]).toEqual([2, ""]);
      expect(stderr).toContain("usage: node scripts/run.mjs demo|wheelhouse|");
      expect(stderr).not.toContain("building");
    },
  );

  it("hands what is left to the task", () => {
    expect(readTask(["wheelhouse", "status", "-w"])).toEqual({
      ...{ task: "wheelhouse", rest: ["status", "-w"] },
    });
    expect(readTask(["simulate", "zoo", "--seed", "1"])).toEqual({
      ...{ task: "zoo", rest: ["--seed", "1"] },
    });
    expect(readTask(["simulate", "--seed", "1"])?.task).toBe("simulate");
  });

  it("has a task for each script of package.json that runs it", () => {
    const file = new URL("../package.json", import.meta.url);
    const { scripts } = JSON.parse(readFileSync(file, "utf8"));
    const named = Object.values(scripts).flatMap(
      (script) => /^node scripts\/run\.mjs (\S+)$/.exec(script)?.[1] ?? [],
    );
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !Object.hasOwn(tasks, name))).toEqual([]);
  });

  it("builds what the task needs, and no more", () => {
    expect(buildArguments("check")).toBeNull();
    expect(buildArguments("demo")).toEqual([]);
    expect(buildArguments("test")).toEqual(["--tests"]);
    expect(buildArguments("zoo")).toEqual(["--only", "simulation"]);
  });
});

describe("whether packages must be installed", () => {
  it.each([
    ["they never were", null, true],
    ["an installation broke off", "", true],
    ["another lock file was", stampOf("other"), true],
    ["this lock file was", stampOf("lock"), false],
  ])("where %s", (_when, stamp, expected) => {
    expect(isInstallNeeded("lock", stamp)).toBe(expected);
  });
});

describe("a Node", () => {
  it.each([
    ["18.20.4", false],
    ["20.18.3", false],
    ["20.19.0", true],
    ["20.20.1", true],
    ["22.0.0", true],
  ])("%s is new enough: %s", (version, expected) => {
    expect(isNodeNewEnough(version)).toBe(expected);
  });
});
