import { ensureSpoke, happen } from "./fault-events.ts";
import { type Plan } from "./fault-plan.ts";
import { Violation } from "./invariants.ts";
import { World } from "./world.ts";

/** What became of one seed. */
export interface Outcome {
  readonly seed: number;
  readonly hash: string;
  readonly events: number;
  readonly virtualMs: number;
  readonly size: number;
  /** The invariant that does not hold, and how; null where all do. */
  readonly violation: {
    readonly invariant: string;
    readonly message: string;
  } | null;
  readonly lines: readonly string[];
}

/** Longest time after faults cease in which a fleet has to arrive. */
const arriveMs = 3 * 3_600_000;
/** A hub's database is backed up so often. */
const backupMs = 60_000;
/** Turns that promises are given between two events. */
const hops = 12;

/** Runs one plan to its end, or to the first invariant that does not hold. */
export async function simulate(
  plan: Plan,
  keepsTrace = false,
): Promise<Outcome> {
  const world = new World(plan, keepsTrace);
  let violation: Outcome["violation"] = null;
  try {
    await run(world, plan);
  } catch (error) {
    violation = describe(error);
    world.note(`violation: ${violation.message}`);
  }
  const { hash, lines } = world.trace();
  const { events, time } = world;
  return {
    seed: plan.seed,
    hash,
    events,
    virtualMs: time.nowMs,
    size: plan.size,
    violation,
    lines,
  };
}

function describe(error: unknown): NonNullable<Outcome["violation"]> {
  if (error instanceof Violation) {
    return { invariant: error.invariant, message: error.message };
  }
  const message =
    error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { invariant: "crash", message };
}

async function run(world: World, plan: Plan): Promise<void> {
  for (const event of plan.events) {
    world.time.after(event.atMs, () => happen(world, event));
  }
  const backUp = (): void => {
    if (world.isCalm) return;
    world.backups.push(world.durable.copy());
    world.time.after(backupMs, backUp);
  };
  world.time.after(backupMs, backUp);
  await pass(world, plan.calmMs, () => false);
  calm(world);
  const isDone = await pass(world, plan.calmMs + arriveMs, () =>
    hasArrived(world),
  );
  if (!isDone) throw new Violation("L1/L4", why(world));
}

/** Lets time pass to a moment, or until something is so. */
async function pass(
  world: World,
  untilMs: number,
  isEnough: () => boolean,
): Promise<boolean> {
  for (let turn = 0; ; turn += 1) {
    const act = world.time.next(untilMs);
    if (act === undefined) break;
    act();
    for (let hop = 0; hop < hops; hop += 1) await null;
    world.check();
    if (turn % 16 === 0 && isEnough()) return true;
  }
  world.time.nowMs = Math.max(world.time.nowMs, untilMs);
  return isEnough();
}

/** Faults cease: everything that stood still goes on, and Git names something that works. */
function calm(world: World): void {
  world.note("faults cease");
  world.isCalm = true;
  for (const [cluster, spokes] of world.spokes) {
    const isCopy = world.clusters.get(cluster.name) !== cluster;
    // Of several instances Kubernetes keeps one.
    for (const spoke of [...spokes].slice(0, isCopy ? undefined : -1)) {
      world.killSpoke(spoke);
    }
    for (const spoke of spokes) spoke.wake();
    const weather = world.weatherOf(cluster);
    Object.assign(weather, { cutToHubMs: 0, cutToSpokeMs: 0 });
    cluster.refusesUntilMs = 0;
  }
  for (const cluster of world.clusters.values()) {
    cluster.copies = 0;
    cluster.isDisturbed = cluster.unsettledRoot !== null;
    ensureSpoke(world, cluster);
  }
  world.hub.wake();
  if (!world.hub.isAlive) world.startHub();
  world.commit("good");
  const attend = (): void => {
    world.attend();
    world.time.after(20_000, attend);
  };
  attend();
}

function hasArrived(world: World): boolean {
  const { head } = world.repo;
  const { state } = world.hub;
  if (head === null || state?.phase !== "Completed") return false;
  if (state.revision.commit !== head.revision.commit) return false;
  return [...world.clusters.values()].every((cluster) =>
    isThere(world, cluster.name),
  );
}

function isThere(world: World, name: string): boolean {
  const cluster = world.clusters.get(name);
  const target = world.repo.head?.targets.get(name);
  return (
    cluster !== undefined &&
    cluster.acknowledged?.mark.root === target?.root &&
    cluster.isWhole(world.time.nowMs)
  );
}

function why(world: World): string {
  const { state, reasons } = world.hub;
  const absent = [...world.clusters.keys()].filter(
    (name) => !isThere(world, name),
  );
  const said = reasons
    .slice(0, 4)
    .map(
      ({ wave, cluster, reason, message }) =>
        `${cluster ?? wave ?? ""} ${reason}: ${message}`,
    );
  return `${state?.phase ?? "no rollout"} ${state?.reason ?? ""}; not there: ${absent.slice(0, 5).join(", ")}; ${said.join("; ")}`;
}
