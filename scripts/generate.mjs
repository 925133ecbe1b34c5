// Generates the link's messages from `proto`, or with `--check` proves that
// the committed ones are fresh, that the definitions are well made, and that
// they break no peer of the last release.
import { spawnSync } from "node:child_process";
import { cp, mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const committed = path.join(root, "libs/protocol/src/gen");
const bin = path.join(root, "node_modules/.bin");

/** Runs a program of this repository and returns whether it ended well; its output is shown. */
function run(program, args, cwd = path.join(root, "proto")) {
  const { status } = spawnSync(program, args, {
    cwd,
    stdio: "inherit",
    env: { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH}` },
  });
  return status === 0;
}

/** Every file below a folder with its text, by relative path. */
async function filesOf(folder) {
  const entries = await readdir(folder, {
    recursive: true,
    withFileTypes: true,
  }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  const texts = await Promise.all(
    files.map(async (entry) => {
      const file = path.join(entry.parentPath ?? entry.path, entry.name);
      return [path.relative(folder, file), await readFile(file, "utf8")];
    }),
  );
  return new Map(texts.sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function generateInto(folder) {
  return run("buf", ["generate", "--output", folder]);
}

/** The names of files that differ between two folders. */
async function differences(a, b) {
  const [left, right] = await Promise.all([filesOf(a), filesOf(b)]);
  const names = new Set([...left.keys(), ...right.keys()]);
  return [...names].filter((name) => left.get(name) !== right.get(name));
}

/**
 * What the breaking check compares with: where this branch left main, and on
 * main itself the commit before, or a change would be compared with itself.
 * Undefined where that has no definition yet.
 */
function baseline() {
  const git = (...args) =>
    spawnSync("git", args, { cwd: root, encoding: "utf8" });
  const commitOf = (ref) =>
    git("rev-parse", "--verify", "--quiet", ref).stdout.trim();
  const head = commitOf("HEAD");
  const left = git("merge-base", "HEAD", "main").stdout.trim();
  const isOnMain = left === "" || left === head;
  const isClean = git("status", "--porcelain", "proto").stdout === "";
  const base = !isOnMain ? left : isClean ? commitOf("HEAD~1") : head;
  const has = git("cat-file", "-e", `${base}:proto/buf.yaml`).status === 0;
  return base !== "" && has ? `ref=${base}` : undefined;
}

async function breaking() {
  const against = baseline();
  if (against === undefined) {
    console.log(
      "proto: nothing to compare with yet; the breaking check is skipped",
    );
    return true;
  }
  return run("buf", [
    "breaking",
    "--against",
    `../.git#${against},subdir=proto`,
  ]);
}

async function main() {
  const check = process.argv.includes("--check");
  const folder = await mkdtemp(path.join(tmpdir(), "wheelhouse-generate-"));
  try {
    if (!run("buf", ["lint"]) || !(await generateInto(folder))) return 1;
    const fresh = path.join(folder, "gen");
    if (!check) {
      await rm(committed, { recursive: true, force: true });
      await cp(fresh, committed, { recursive: true });
      return 0;
    }
    const stale = await differences(fresh, committed);
    for (const name of stale) {
      console.error(`${name}: not what proto says; run npm run generate`);
    }
    return (await breaking()) && stale.length === 0 ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main();
