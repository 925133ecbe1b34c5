import { type Plan, planOf } from "./fault-plan.ts";
import { noMessageFaults } from "./network.ts";
import { type Outcome, simulate } from "./simulate-seed.ts";

/** What of a seed's plan is kept: by the events' numbers, and whether messages suffer. */
export interface Kept {
  readonly events: readonly number[];
  readonly messages: boolean;
}

/** A seed's plan with only some of its faults. */
export function planWith(seed: number, kept: Kept | null): Plan {
  const plan = planOf(seed);
  if (kept === null) return plan;
  const ids = new Set(kept.events);
  return {
    ...plan,
    events: plan.events.filter(({ id }) => ids.has(id)),
    messages: kept.messages ? plan.messages : noMessageFaults,
  };
}

/** At most so many runs to make a trace short. */
const maxRuns = 120;

/** Leaves out faults, many at once and then one by one, as long as the same invariant breaks. */
export async function shrink(
  failed: Outcome,
): Promise<{ kept: Kept; outcome: Outcome }> {
  const { seed, violation } = failed;
  let kept: Kept = {
    events: planOf(seed).events.map(({ id }) => id),
    messages: true,
  };
  let outcome = failed;
  let runs = 0;
  const tries = async (next: Kept): Promise<boolean> => {
    if (runs >= maxRuns) return false;
    runs += 1;
    const tried = await simulate(planWith(seed, next), true);
    if (tried.violation?.invariant !== violation?.invariant) return false;
    kept = next;
    outcome = tried;
    return true;
  };
  await tries({ ...kept, messages: false });
  for (
    let size = Math.ceil(kept.events.length / 2);
    size >= 1;
    size = Math.floor(size / 2)
  ) {
    for (let from = 0; from < kept.events.length;) {
      const events = kept.events.filter(
        (_, at) => at < from || at >= from + size,
      );
      if (!(await tries({ ...kept, events }))) from += size;
    }
  }
  if (outcome === failed) outcome = await simulate(planWith(seed, kept), true);
  return { kept, outcome };
}

/** The command that shows it again. */
export function replayCommand(
  seed: number,
  { events, messages }: Kept,
): string {
  const quiet = messages ? "" : " --quiet-network";
  return `npm run simulate -- --seed ${seed} --keep ${events.join(",") || "none"}${quiet}`;
}
