import { parseArgs } from "node:util";
import {
  Worker,
  isMainThread,
  parentPort,
  workerData,
} from "node:worker_threads";
import { availableParallelism } from "node:os";
import { type RangeResult, runRange } from "./seed-range.ts";
import { planWith, replayCommand, shrink } from "./shrink.ts";
import { simulate } from "./simulate-seed.ts";

const usage = `usage: npm run simulate -- [--seeds N] [--from S] [--threads N] [--max-failed N]
       npm run simulate -- --seed S [--keep ID,ID,…|none] [--quiet-network]
       npm run simulate -- zoo [--only NAME]   put real bugs back, and see each caught
`;

interface Share {
  readonly from: number;
  readonly to: number;
  readonly stride: number;
  readonly maxFailed: number;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "200" },
      from: { type: "string", default: "1" },
      seed: { type: "string" },
      keep: { type: "string" },
      threads: { type: "string" },
      "max-failed": { type: "string", default: "5" },
      "quiet-network": { type: "boolean", default: false },
      "no-shrink": { type: "boolean", default: false },
    },
  });
  if (values.seed !== undefined) {
    await replay(whole(values.seed), values.keep, values["quiet-network"]);
    return;
  }
  const threads =
    values.threads === undefined
      ? availableParallelism()
      : whole(values.threads);
  await runSeeds(
    whole(values.from),
    whole(values.seeds),
    threads,
    whole(values["max-failed"]),
    !values["no-shrink"],
  );
}

function whole(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) {
    process.stderr.write(`not a whole number: ${text}\n${usage}`);
    process.exit(2);
  }
  return number;
}

async function replay(
  seed: number,
  keep: string | undefined,
  isQuiet: boolean,
): Promise<void> {
  const events =
    keep === undefined
      ? null
      : keep === "none"
        ? []
        : keep.split(",").map(Number);
  const kept = events === null ? null : { events, messages: !isQuiet };
  const outcome = await simulate(planWith(seed, kept), true);
  process.stdout.write(`${outcome.lines.join("\n")}\n`);
  const said =
    outcome.violation === null
      ? "all invariants held"
      : outcome.violation.message;
  process.stdout.write(
    `seed ${seed}, ${outcome.size} clusters, trace ${outcome.hash}: ${said}\n`,
  );
  process.exitCode = outcome.violation === null ? 0 : 1;
}

async function runSeeds(
  from: number,
  count: number,
  threads: number,
  maxFailed: number,
  isShrinking: boolean,
): Promise<void> {
  const began = performance.now();
  const shares = Array.from({ length: Math.min(threads, count) }, (_, at) => ({
    ...{
      from: from + at,
      to: from + count,
      stride: Math.min(threads, count),
      maxFailed,
    },
  }));
  const results = await Promise.all(shares.map(runShare));
  const seconds = (performance.now() - began) / 1_000;
  const cpu = process.cpuUsage();
  const cpuSeconds = (cpu.user + cpu.system) / 1_000_000;
  const failed = results
    .flatMap((r) => r.failed)
    .sort((a, b) => a.seed - b.seed);
  const unstable = results.flatMap((r) => r.unstable);
  const [first] = failed;
  if (first !== undefined) {
    for (const { seed, violation } of failed) {
      process.stdout.write(`✕ seed ${seed}: ${violation?.message ?? ""}\n`);
    }
  }
  if (first !== undefined && isShrinking) {
    const { kept, outcome } = await shrink(first);
    process.stdout.write(
      `\nseed ${first.seed}, shrunk:\n${outcome.lines.slice(-120).join("\n")}\n`,
    );
    process.stdout.write(
      `\nshow it again: ${replayCommand(first.seed, kept)}\n`,
    );
  }
  for (const seed of unstable)
    process.stdout.write(
      `✕ seed ${seed}: took another course the second time\n`,
    );
  const sum = (of: (result: RangeResult) => number) =>
    results.reduce((all, r) => all + of(r), 0);
  const seeds = sum((r) => r.seeds);
  const hours = Math.round(sum((r) => r.virtualMs) / 3_600_000);
  const isGood = failed.length === 0 && unstable.length === 0;
  process.stdout.write(
    `${isGood ? "✓" : "✕"} ${seeds} seeds from ${from}: ${failed.length} violations, ${unstable.length} unstable; ` +
      `${sum((r) => r.events)} events, ${hours} fleet-hours, ${seconds.toFixed(1)} s (${cpuSeconds.toFixed(1)} s of a core), ${(seeds / seconds).toFixed(1)} seeds/s\n`,
  );
  process.exitCode = isGood ? 0 : 1;
}

function runShare(share: Share): Promise<RangeResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: share });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

if (isMainThread) {
  await main();
} else {
  const result = await runRange(workerData as Share, () => undefined);
  parentPort?.postMessage(result);
}
