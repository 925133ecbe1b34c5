import { writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { errorText } from "@wheelhouse/kube-object";
import { createProgressLine, ensureTools } from "@wheelhouse/tools";
import { benchApply } from "./apply-bench.ts";
import { benchDemo } from "./demo-bench.ts";
import { benchEngine } from "./engine-bench.ts";
import { type Figure, formatFigures, judgeFigures } from "./figure.ts";
import { benchIdle } from "./idle-bench.ts";
import { benchRollout } from "./rollout-bench.ts";
import { benchSpoke } from "./spoke/spoke-bench.ts";

/** What a bench may be told. */
interface BenchOptions {
  /** Bundles that the spoke's bench applies, size by size. */
  readonly sizes: readonly number[];
}

type Bench = (
  progress: (text: string) => void,
  options: BenchOptions,
) => Promise<Figure[]>;

/** Every bench by name. */
const benches: Readonly<Record<string, Bench>> = {
  rollout: benchRollout,
  apply: benchApply,
  idle: benchIdle,
  spoke: benchSpoke,
  engine: benchEngine,
  demo: benchDemo,
};

/** What runs without a name: the whole product. The others look at one part of it, and are asked for by name. */
const usual = ["rollout", "apply", "idle", "demo"];

function parseCommandLine() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        json: { type: "string" },
        sizes: { type: "string", default: "1,10,100,1000" },
      },
    });
    const sizes = values.sizes.split(",").map(Number);
    if (!sizes.every((size) => Number.isInteger(size) && size > 0)) {
      throw new Error(`--sizes ${values.sizes}: give numbers of bundles`);
    }
    const unknown = positionals.find((name) => !Object.hasOwn(benches, name));
    if (unknown !== undefined) throw new Error(`there is no bench ${unknown}`);
    return { json: values.json, names: positionals, sizes };
  } catch (error) {
    process.stderr.write(
      `${errorText(error)}\nusage: npm run bench -- [${Object.keys(benches).join("|")}]… [--sizes N,N…] [--json FILE]\n`,
    );
    return process.exit(2);
  }
}

const { json, names, sizes } = parseCommandLine();
const { kustomize } = await ensureTools(["kustomize"], {
  env: process.env,
  onProgress: createProgressLine(process.stderr),
});
process.env["WHEELHOUSE_KUSTOMIZE"] = kustomize;
const figures: Figure[] = [];
for (const name of names.length === 0 ? usual : names) {
  const bench = benches[name];
  if (bench === undefined) continue;
  const progress = (text: string) => void process.stderr.write(`… ${text}\n`);
  figures.push(...(await bench(progress, { sizes })));
}
process.stdout.write(
  `\n${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}\n\n${formatFigures(figures)}\n`,
);
if (json !== undefined) {
  writeFileSync(json, `${JSON.stringify(figures, null, 2)}\n`);
}
const { text, exitCode } = judgeFigures(figures);
process.stdout.write(text);
process.exitCode = exitCode;
