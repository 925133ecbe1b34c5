// Puts real bugs back into the code, one at a time, and shows in how many
// seeds the simulation sees each. The checkout is not touched: the edit is made
// while the bundle is built.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const zoo = join(root, "test/simulation/zoo");
/** A bug that this many seeds do not show is not caught. */
const maxSeeds = 400;

const only = process.argv.includes("--only")
  ? process.argv[process.argv.indexOf("--only") + 1]
  : undefined;
const bugs = readdirSync(zoo)
  .filter((name) => name.endsWith(".json"))
  .flatMap((name) => JSON.parse(readFileSync(join(zoo, name), "utf8")))
  .filter(({ name }) => only === undefined || name === only);

/** The file with the bug in it; an edit that does not fit exactly once is out of date. */
function infected({ name, file, search, replace }) {
  const text = readFileSync(join(root, file), "utf8");
  if (text.split(search).length !== 2) {
    throw new Error(`${name}: ${file} does not have its text exactly once`);
  }
  return text.replace(search, () => replace);
}

async function buildWith(bug, outfile) {
  const contents = infected(bug);
  await build({
    entryPoints: [join(root, "test/simulation/main.ts")],
    outfile,
    ...{ bundle: true, platform: "node", target: "node20", format: "esm" },
    logLevel: "silent",
    plugins: [
      {
        name: "bug",
        setup(builder) {
          builder.onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
            kind === "entry-point" || path.startsWith("@wheelhouse/")
              ? undefined
              : { path, external: true },
          );
          builder.onLoad({ filter: /\.ts$/ }, ({ path }) =>
            path === join(root, bug.file)
              ? { contents, loader: "ts" }
              : undefined,
          );
        },
      },
    ],
  });
}

// Inside the checkout, where packages are found.
const folder = mkdtempSync(join(root, "test/dist/zoo-"));
const rows = [];
try {
  for (const bug of bugs) {
    const program = join(folder, `${bug.name}.mjs`);
    await buildWith(bug, program);
    const args = [
      program,
      "--seeds",
      String(maxSeeds),
      "--from",
      String(bug.from ?? 1),
      "--max-failed",
      "1",
      "--no-shrink",
    ];
    const { status, stdout } = spawnSync(process.execPath, args, {
      encoding: "utf8",
    });
    const summary = /(\d+) seeds from/.exec(stdout)?.[1] ?? "?";
    const broken = /✕ seed (\d+): ([^:]+)/.exec(stdout);
    const isCaught = status === 1 && broken !== null;
    rows.push({ ...bug, isCaught });
    process.stdout.write(
      `${isCaught ? "✓" : "✕"} ${bug.name.padEnd(24)} ${isCaught ? `${broken[2]} in ${summary} seeds` : `not seen in ${summary} seeds`}  (${bug.source})\n`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const caught = rows.filter(({ isCaught }) => isCaught).length;
process.stdout.write(
  `${caught === rows.length ? "✓" : "✕"} ${caught} of ${rows.length} bugs caught\n`,
);
process.exitCode = caught === rows.length && rows.length > 0 ? 0 : 1;
