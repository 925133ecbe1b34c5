// The two commands, and their neighbours, in a bare clone: plain Node, no
// package. Installs what is missing first, and says so, then does the work.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { spawn, spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { handOver } from "./hand-over.mjs";
import {
  buildArguments,
  isInstallNeeded,
  isNodeNewEnough,
  readTask,
  stampOf,
  tasks,
} from "./run-plan.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, "node_modules", ".wheelhouse-installed");

/** As every program of ours has them: ASCII where no terminal shows more. */
const hasSigns =
  process.stderr.isTTY === true &&
  !process.env.NO_COLOR &&
  process.env.TERM !== "dumb";
const done = hasSigns ? "✓" : "+";
const failed = hasSigns ? "✕" : "x";

/** Says what is missing, and how to get it, and ends. */
function fail(...lines) {
  process.stderr.write(`\n${failed} ${lines.join("\n  ")}\n\n`);
  process.exit(3);
}

function requirePrograms() {
  if (!isNodeNewEnough(process.versions.node)) {
    fail(
      `Node ${process.versions.node} is too old: 20.19 or newer is needed`,
      "Get it from https://nodejs.org or your distribution.",
    );
  }
  if (spawnSync("git", ["--version"]).status !== 0) {
    fail(
      "git is not on PATH",
      "Install it: apt-get install git, dnf install git, or brew install git.",
    );
  }
}

const readLock = () => readFileSync(join(root, "package-lock.json"));
const readStamp = () =>
  existsSync(stamp) ? readFileSync(stamp, "utf8") : null;

/** One line that rewrites itself on a terminal, one line per minute elsewhere. */
function showProgress(text) {
  const began = Date.now();
  const seconds = () => `${Math.round((Date.now() - began) / 1000)}s`;
  const isTerminal = process.stderr.isTTY === true;
  if (!isTerminal) process.stderr.write(`… ${text}\n`);
  const timer = setInterval(
    () => {
      process.stderr.write(
        isTerminal ? `\r… ${text}  ${seconds()} ` : `… ${text}  ${seconds()}\n`,
      );
    },
    isTerminal ? 500 : 60_000,
  );
  return (ok) => {
    clearInterval(timer);
    process.stderr.write(
      `${isTerminal ? "\r" : ""}${ok ? done : failed} ${text}  ${seconds()}\n`,
    );
  };
}

/** Runs a program and keeps its output for the case that it fails. */
function runQuietly(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const tail = [];
    const keep = (chunk) => {
      tail.push(chunk.toString());
      if (tail.length > 200) tail.shift();
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", (error) => resolve({ ok: false, tail: String(error) }));
    child.on("close", (code) =>
      resolve({ ok: code === 0, tail: tail.join("").slice(-4000) }),
    );
  });
}

async function install() {
  if (!isInstallNeeded(readLock(), readStamp())) return;
  const end = showProgress("installing packages (npm ci)");
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
  const result = await runQuietly("npm", args);
  end(result.ok);
  if (!result.ok) {
    fail(
      "the packages could not be installed",
      "npm needs to reach its registry once; behind a proxy set it with npm config.",
      "",
      result.tail,
    );
  }
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, stampOf(readLock()));
}

async function build(args) {
  const end = showProgress("building");
  const result = await runQuietly(process.execPath, [
    join(root, "scripts/build.mjs"),
    ...args,
  ]);
  end(result.ok);
  if (!result.ok) fail("the build failed", "", result.tail);
}

const asked = readTask(process.argv.slice(2));
if (asked === null) {
  process.stderr.write(
    `\nusage: node scripts/run.mjs ${Object.keys(tasks).join("|")} [arguments]\n\n`,
  );
  process.exit(2);
}
const { task, rest } = asked;
requirePrograms();
await install();
const toBuild = buildArguments(task);
if (toBuild !== null) await build(toBuild);
const program = tasks[task].map((part, i) =>
  i === 0 ? join(root, part) : part,
);
try {
  process.exitCode = await handOver([...program, ...rest], {
    cwd: root,
    // In a checkout nothing is on PATH: what is suggested must work as it stands.
    env: { WHEELHOUSE_CALLED_AS: "npx wheelhouse", ...process.env },
  });
} catch (error) {
  fail(String(error));
}
