// What `scripts/run.mjs` decides before it does anything: pure, and tried in run-plan.spec.mjs.
import { createHash } from "node:crypto";

/** Every command, with the program that does its work, from the checkout's root. */
export const tasks = {
  demo: ["apps/cli/dist/wheelhouse.js", "demo"],
  wheelhouse: ["apps/cli/dist/wheelhouse.js"],
  test: ["scripts/test.mjs"],
  check: ["scripts/check.mjs"],
  bench: ["test/dist/bench.js"],
  compat: ["apps/hub/dist/compat.js"],
  simulate: ["test/dist/simulate.js"],
  zoo: ["scripts/simulate-zoo.mjs"],
  pictures: ["test/e2e/dist/readme-pictures.js"],
};

/** Which task the arguments name, and what is left for it; null for none that there is. */
export function readTask(args) {
  const [asked, ...rest] = args;
  if (asked === "simulate" && rest[0] === "zoo") {
    return { task: "zoo", rest: rest.slice(1) };
  }
  if (asked === undefined || !Object.hasOwn(tasks, asked)) return null;
  return { task: asked, rest };
}

/** What is built for a task; null where it works on the sources alone. */
export function buildArguments(task) {
  switch (task) {
    case "check":
      return null;
    case "bench":
    case "test":
    case "pictures":
      return ["--tests"];
    case "compat":
      return ["--only", "compat"];
    case "simulate":
    case "zoo":
      return ["--only", "simulation"];
    default:
      return [];
  }
}

/** The stamp of an installation: it stands for the lock file that was installed. */
export function stampOf(lock) {
  return createHash("sha256").update(lock).digest("hex");
}

/** Whether packages must be installed: never were (`stamp` is null), or another lock file was. */
export function isInstallNeeded(lock, stamp) {
  return stamp !== stampOf(lock);
}

/** Whether this Node is new enough: 20.19 or newer. */
export function isNodeNewEnough(version) {
  const [major, minor] = version.split(".").map(Number);
  return major > 20 || (major === 20 && minor >= 19);
}
