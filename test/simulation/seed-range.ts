import { planOf } from "./fault-plan.ts";
import { type Outcome, simulate } from "./simulate-seed.ts";

/** What a range of seeds came to. */
export interface RangeResult {
  seeds: number;
  events: number;
  virtualMs: number;
  readonly failed: Outcome[];
  /** Seeds that took another course when they were run again. */
  readonly unstable: number[];
}

/** One seed in so many is run twice. */
const sampleEvery = 50;

/** Runs the seeds from, from + stride, … below `to`. Stops where so many failed. */
export async function runRange(
  range: {
    readonly from: number;
    readonly to: number;
    readonly stride: number;
    readonly maxFailed: number;
  },
  onSeed: (outcome: Outcome) => void,
): Promise<RangeResult> {
  const result: RangeResult = {
    seeds: 0,
    events: 0,
    virtualMs: 0,
    failed: [],
    unstable: [],
  };
  for (let seed = range.from; seed < range.to; seed += range.stride) {
    const outcome = await simulate(planOf(seed));
    result.seeds += 1;
    result.events += outcome.events;
    result.virtualMs += outcome.virtualMs;
    if (outcome.violation !== null) result.failed.push(outcome);
    if (seed % sampleEvery === 0) {
      const again = await simulate(planOf(seed));
      if (again.hash !== outcome.hash) result.unstable.push(seed);
    }
    onSeed(outcome);
    if (result.failed.length >= range.maxFailed) break;
  }
  return result;
}
