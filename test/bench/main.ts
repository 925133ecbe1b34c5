import { writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { createProgressLine, ensureTools } from "@wheelhouse/tools";
import { benchApply } from "./apply-bench.ts";
import { type Figure, formatFigures, isMet } from "./figure.ts";
import { benchIdle } from "./idle-bench.ts";
import { benchRollout } from "./rollout-bench.ts";

/** Every bench by name; without a name all run, in this order. */
const benches: Readonly<
  Record<string, (progress: (text: string) => void) => Promise<Figure[]>>
> = { rollout: benchRollout, apply: benchApply, idle: benchIdle };

function parseCommandLine() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { json: { type: "string" } },
    });
    const unknown = positionals.find((name) => !Object.hasOwn(benches, name));
    if (unknown !== undefined) throw new Error(`there is no bench ${unknown}`);
    return { json: values.json, names: positionals };
  } catch (error) {
    process.stderr.write(
      `${error instanceof Error ? error.message : String(error)}\nusage: npm run bench -- [${Object.keys(benches).join("|")}]… [--json FILE]\n`,
    );
    return process.exit(2);
  }
}

const { json, names } = parseCommandLine();
const { kustomize } = await ensureTools(["kustomize"], {
  env: process.env,
  onProgress: createProgressLine(process.stderr),
});
process.env["WHEELHOUSE_KUSTOMIZE"] = kustomize;
const figures: Figure[] = [];
for (const name of names.length === 0 ? Object.keys(benches) : names) {
  const bench = benches[name];
  if (bench === undefined) continue;
  figures.push(...(await bench((text) => process.stderr.write(`… ${text}\n`))));
}
process.stdout.write(
  `\n${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}\n\n${formatFigures(figures)}\n`,
);
if (json !== undefined) {
  writeFileSync(json, `${JSON.stringify(figures, null, 2)}\n`);
}
const missed = figures.filter((figure) => !isMet(figure));
for (const { bench, name } of missed) {
  process.stdout.write(`✕ missed: ${bench}: ${name}\n`);
}
if (missed.length === 0) process.stdout.write("✓ every goal is met\n");
process.exitCode = missed.length === 0 ? 0 : 1;
