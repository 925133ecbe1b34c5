// Everything that is cheap to know before a commit: format, lint with the
// boundaries, types, generated code, unit tests. Runs all, then says which fell.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (path) => join(root, "node_modules", path);
const node = process.execPath;
const tsc = bin("typescript7/bin/tsc");

/** Each step: its name, and the commands that must all end with 0. */
const steps = [
  [
    "format",
    [
      [
        node,
        bin("prettier/bin/prettier.cjs"),
        "--check",
        "--log-level",
        "warn",
        ".",
      ],
    ],
  ],
  [
    "lint and boundaries",
    [
      // The boundary rule reads Nx's graph of projects, which this makes.
      [node, bin("nx/dist/bin/nx.js"), "show", "projects", "--json"],
      [node, bin("eslint/bin/eslint.js"), ".", "--max-warnings", "0"],
    ],
  ],
  [
    "types",
    [
      [node, tsc, "-p", "tsconfig.json"],
      [node, tsc, "-p", "apps/web"],
    ],
  ],
  ["generated code", [[node, "scripts/generate.mjs", "--check"]]],
  ["unit tests", [[node, bin("vitest/vitest.mjs"), "run", "--reporter=dot"]]],
  [
    "boundaries fire",
    [
      [
        node,
        bin("vitest/vitest.mjs"),
        "run",
        "-c",
        "vitest.boundaries.config.ts",
        "--reporter=dot",
      ],
    ],
  ],
];

function run([command, ...args]) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 256 * 2 ** 20,
    env: { ...process.env, NX_DAEMON: "false", FORCE_COLOR: "0" },
  });
  return { ok: status === 0, output: `${stdout}${stderr}` };
}

const fallen = [];
for (const [name, commands] of steps) {
  const began = Date.now();
  process.stdout.write(`… ${name}`);
  const failures = commands.map(run).filter(({ ok }) => !ok);
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  const sign = failures.length === 0 ? "✓" : "✕";
  process.stdout.write(`\r${sign} ${name}  ${seconds}s\n`);
  for (const { output } of failures) process.stdout.write(`\n${output}\n`);
  if (failures.length > 0) fallen.push(name);
}
if (fallen.length > 0) {
  process.stdout.write(`\n✕ check: ${fallen.join(", ")}\n`);
  process.exitCode = 1;
} else {
  process.stdout.write("✓ check\n");
}
