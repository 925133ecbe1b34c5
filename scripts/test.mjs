// Every tier of tests, each against its own other side, in two lanes at once:
// most of them wait for servers more than they compute. What a tier printed
// comes whole when it ends; until then a line tells what runs. The last line
// counts them all. In CI nothing may be skipped for want of a tool.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const vitest = join(root, "node_modules/vitest/vitest.mjs");
const nx = join(root, "node_modules/nx/dist/bin/nx.js");
const inCi = process.env.CI === "true" || process.env.CI === "1";

const tiers = new Map([
  ["unit", "vitest.config.ts"],
  ["boundaries", "vitest.boundaries.config.ts"],
  ["protocol", "vitest.protocol.config.ts"],
  ["compat", "vitest.compat.config.ts"],
  ["e2e", "vitest.e2e.config.ts"],
  ["apiserver", "vitest.apiserver.config.ts"],
]);

/** Two lanes take from this, in order: what is quick to fail, then the long ones; the short ones at once, beside whatever is left of those. */
const order = [
  ["unit"],
  ["apiserver"],
  ["e2e"],
  ["compat", "protocol", "boundaries"],
];
const lanes = 2;

/** A title that ends so may be skipped anywhere: what it reads is no tool, and not part of the product. */
const optionalInput = /needs the shared (corpus|fleet)/;

/** Runs one tier to its end: what it printed, and its exit code. */
function runTier(config, report) {
  return new Promise((resolve) => {
    const printed = [];
    const child = spawn(
      process.execPath,
      [
        vitest,
        "run",
        "-c",
        config,
        "--reporter=dot",
        "--reporter=json",
        `--outputFile.json=${report}`,
      ],
      {
        cwd: root,
        stdio: ["ignore", "pipe", "pipe"],
        // A log is no terminal: a coloured dot is twenty bytes of noise there.
        env: { ...process.env, NX_DAEMON: "false", NO_COLOR: "1" },
      },
    );
    child.stdout.on("data", (chunk) => printed.push(chunk));
    child.stderr.on("data", (chunk) => printed.push(chunk));
    child.on("close", (code) =>
      resolve({
        code: code ?? 1,
        output: Buffer.concat(printed).toString("utf8"),
      }),
    );
  });
}

/** Counts one tier's report; a tier that died without one counts as one failure. */
function readReport(report) {
  try {
    const { testResults } = JSON.parse(readFileSync(report, "utf8"));
    const tests = testResults.flatMap(
      ({ assertionResults }) => assertionResults,
    );
    const emptyFiles = testResults.filter(
      ({ status, assertionResults }) =>
        status === "failed" &&
        !assertionResults.some((test) => test.status === "failed"),
    );
    const named = (wanted) =>
      tests.filter(({ status }) => wanted.includes(status));
    return {
      passed: named(["passed"]).length,
      failed: named(["failed"]).length + emptyFiles.length,
      skipped: named(["pending", "skipped", "todo", "disabled"]).map(
        ({ fullName }) => fullName,
      ),
    };
  } catch (error) {
    process.stdout.write(`no report of this tier: ${error.message}\n`);
    return { passed: 0, failed: 1, skipped: [] };
  }
}

const only = process.argv.slice(2);
const isChosen = (name) => only.length === 0 || only.includes(name);
const unknown = only.filter((name) => !tiers.has(name));
if (unknown.length > 0) {
  process.stderr.write(
    `no tier ${unknown.join(", ")}\nusage: npm test [-- ${[...tiers.keys()].join("|")}]\n`,
  );
  process.exit(2);
}

const tools = spawnSync(
  process.execPath,
  [join(root, "test/dist/ensure-tools.js")],
  {
    cwd: root,
    stdio: "inherit",
  },
);
if (tools.status !== 0 && inCi) process.exit(tools.status ?? 1);
// The boundary rule reads Nx's graph of projects, which this makes.
spawnSync(process.execPath, [nx, "show", "projects", "--json"], {
  cwd: root,
  env: { ...process.env, NX_DAEMON: "false" },
});

const folder = mkdtempSync(join(tmpdir(), "wheelhouse-test-"));
const total = { passed: 0, failed: 0, skipped: [] };
const lines = new Map();
const running = new Map();
const secondsSince = (began) => Math.round((Date.now() - began) / 1000);
const isTerminal = process.stdout.isTTY === true;

function tellRunning() {
  const parts = [...running].map(
    ([name, began]) => `${name} ${secondsSince(began)}s`,
  );
  if (parts.length === 0) return;
  const line = `running: ${parts.join(", ")}`;
  process.stdout.write(isTerminal ? `\r\x1b[2K${line}` : `${line}\n`);
}

/** Takes the next tiers of all that are left, until none are. */
async function runLane(left) {
  for (let names = left.shift(); names !== undefined; names = left.shift()) {
    await Promise.all(names.map(countTier));
  }
}

async function countTier(name) {
  const began = Date.now();
  running.set(name, began);
  const report = join(folder, `${name}.json`);
  const { code, output } = await runTier(tiers.get(name), report);
  running.delete(name);
  const counts = readReport(report);
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped.push(...counts.skipped);
  const line = `${name.padEnd(11)} ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped.length} skipped  (${secondsSince(began)}s)`;
  lines.set(name, line);
  process.stdout.write(
    `${isTerminal ? "\r\x1b[2K" : "\n"}── ${name}\n${output}\n${line}\n`,
  );
}

const telling = setInterval(tellRunning, isTerminal ? 1_000 : 60_000);
try {
  const left = order
    .map((names) => names.filter(isChosen))
    .filter((names) => names.length > 0);
  await Promise.all(Array.from({ length: lanes }, () => runLane(left)));
} finally {
  clearInterval(telling);
  rmSync(folder, { recursive: true, force: true });
}

process.stdout.write(
  `\n${[...tiers.keys()].flatMap((name) => lines.get(name) ?? []).join("\n")}\n`,
);
for (const title of total.skipped) process.stdout.write(`skipped: ${title}\n`);
const forbidden = total.skipped.filter((title) => !optionalInput.test(title));
if (inCi && forbidden.length > 0) {
  process.stdout.write("✕ in CI nothing may be skipped for want of a tool\n");
}
const isBad =
  total.failed > 0 || total.passed === 0 || (inCi && forbidden.length > 0);
process.stdout.write(
  `${total.passed} passed, ${total.failed} failed, ${total.skipped.length} skipped\n`,
);
process.exitCode = isBad ? 1 : 0;
