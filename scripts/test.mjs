// Every tier of tests, cheapest first, each against its own other side. The
// last line counts them all. In CI nothing may be skipped for want of a tool.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const vitest = join(root, "node_modules/vitest/vitest.mjs");
const nx = join(root, "node_modules/nx/dist/bin/nx.js");
const inCi = process.env.CI === "true" || process.env.CI === "1";

const tiers = [
  ["unit", "vitest.config.ts"],
  ["boundaries", "vitest.boundaries.config.ts"],
  ["protocol", "vitest.protocol.config.ts"],
  ["compat", "vitest.compat.config.ts"],
  ["apiserver", "vitest.apiserver.config.ts"],
  ["e2e", "vitest.e2e.config.ts"],
];

/** A title that ends so may be skipped anywhere: what it reads is no tool, and not part of the product. */
const optionalInput = /needs the shared corpus/;

function runTier(config, report) {
  return new Promise((resolve) => {
    const args = [
      vitest,
      "run",
      "-c",
      config,
      "--reporter=dot",
      "--reporter=json",
      `--outputFile.json=${report}`,
    ];
    spawn(process.execPath, args, {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
      env: {
        ...process.env,
        NX_DAEMON: "false",
        // A log is no terminal: a coloured dot is twenty bytes of noise there.
        ...(process.stdout.isTTY ? {} : { NO_COLOR: "1" }),
      },
    }).on("close", (code) => resolve(code ?? 1));
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
const chosen = tiers.filter(
  ([name]) => only.length === 0 || only.includes(name),
);
if (chosen.length === 0) {
  process.stderr.write(
    `usage: npm test [-- ${tiers.map(([n]) => n).join("|")}]\n`,
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
const lines = [];
try {
  for (const [name, config] of chosen) {
    process.stdout.write(`\n── ${name}\n`);
    const began = Date.now();
    const report = join(folder, `${name}.json`);
    const code = await runTier(config, report);
    const counts = readReport(report);
    if (code !== 0 && counts.failed === 0) counts.failed = 1;
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped.push(...counts.skipped);
    const seconds = Math.round((Date.now() - began) / 1000);
    lines.push(
      `${name.padEnd(11)} ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped.length} skipped  (${seconds}s)`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

process.stdout.write(`\n${lines.join("\n")}\n`);
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
