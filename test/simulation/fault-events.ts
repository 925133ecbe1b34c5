import { SimulatedCluster } from "./cluster.ts";
import { type FaultEvent } from "./fault-plan.ts";
import { type World } from "./world.ts";

/** Lets one event of the plan happen. */
export function happen(world: World, event: FaultEvent): void {
  const { kind, lastMs, flavour } = event;
  const cluster = [...world.clusters.values()][event.cluster];
  if (cluster === undefined) return;
  if (kind !== "commit" && kind !== "attend")
    world.note(`fault ${event.id}: ${kind} ${cluster.name} ${lastMs}`);
  switch (kind) {
    case "cut":
    case "halfCut":
      cut(world, cluster, event);
      return;
    case "refuse":
      cluster.refusesUntilMs = world.time.nowMs + lastMs;
      return;
    case "spokeCrash":
      world.killSpokes(cluster);
      world.time.after(Math.min(lastMs, 60_000), () =>
        ensureSpoke(world, cluster),
      );
      return;
    case "spokeHang":
      hangSpoke(world, cluster, lastMs);
      return;
    case "twin":
      twin(world, cluster, lastMs);
      return;
    case "clone":
      clone(world, cluster, lastMs);
      return;
    case "spokeRestore":
      restoreSpoke(world, cluster, lastMs);
      return;
    case "hubCrash":
    case "hubLoss":
      crashHub(world, kind === "hubLoss", lastMs);
      return;
    case "hubHang":
      hangHub(world, lastMs);
      return;
    case "twoHubs":
      twoHubs(world, lastMs);
      return;
    case "hubRestore":
      restoreHub(world, event);
      return;
    case "commit":
      world.commit(flavour);
      return;
    case "attend":
      world.attend();
      return;
    case "join":
      join(world);
      return;
    case "pause":
    case "resume":
    case "abort":
    case "undo":
      world.command(kind);
  }
}

function cut(world: World, cluster: SimulatedCluster, event: FaultEvent): void {
  const weather = world.weatherOf(cluster);
  const untilMs = world.time.nowMs + event.lastMs;
  const isOneWay = event.kind === "halfCut";
  if (!isOneWay || event.id % 2 === 0) weather.cutToHubMs = untilMs;
  if (!isOneWay || event.id % 2 === 1) weather.cutToSpokeMs = untilMs;
}

/** One spoke runs in a cluster, whatever befell it. */
export function ensureSpoke(world: World, cluster: SimulatedCluster): void {
  if ((world.spokes.get(cluster)?.size ?? 0) === 0) world.startSpoke(cluster);
}

function hangSpoke(
  world: World,
  cluster: SimulatedCluster,
  lastMs: number,
): void {
  for (const spoke of world.spokes.get(cluster) ?? []) {
    spoke.hang();
    world.time.after(lastMs, () => spoke.wake());
  }
}

/** Kubernetes starts another instance beside one that stands still; the first wakes, and ends a while later. */
function twin(world: World, cluster: SimulatedCluster, lastMs: number): void {
  const [first] = world.spokes.get(cluster) ?? [];
  if (first === undefined) return;
  first.hang();
  world.startSpoke(cluster);
  world.time.after(lastMs, () => first.wake());
  world.time.after(lastMs + 30_000, () => {
    if ((world.spokes.get(cluster)?.size ?? 0) > 1) world.killSpoke(first);
  });
}

/** A copy of the whole cluster with its identity comes up elsewhere. */
function clone(world: World, cluster: SimulatedCluster, lastMs: number): void {
  const { name, uid, env } = cluster;
  // A copy of the database has the same uid; one made by a tool may have its own.
  const kubeSystemUid = lastMs % 2 === 0 ? `${uid} copy` : uid;
  const copy = new SimulatedCluster({ name, uid, env, kubeSystemUid });
  // Where the first is cut off nobody can tell them apart: what one was, counts for both.
  copy.wasReadyAt = cluster.wasReadyAt;
  cluster.copies += 1;
  copy.acknowledged = cluster.acknowledged;
  for (const [bundle, live] of cluster.bundles) copy.bundles.set(bundle, live);
  world.startSpoke(copy);
  world.time.after(lastMs, () => {
    world.killSpokes(copy);
    cluster.copies -= 1;
    cluster.isDisturbed = cluster.unsettledRoot !== null;
  });
}

function restoreSpoke(
  world: World,
  cluster: SimulatedCluster,
  lastMs: number,
): void {
  const restore = cluster.snapshot();
  world.time.after(lastMs, () => {
    world.note(`${cluster.name} is restored from its backup`);
    world.killSpokes(cluster);
    restore();
    world.judge.forgetRatchet(cluster);
    world.startSpoke(cluster);
  });
}

function crashHub(world: World, isSilent: boolean, lastMs: number): void {
  const { hub } = world;
  if (!hub.isAlive) return;
  world.killHub(hub, isSilent);
  world.time.after(Math.min(lastMs, 60_000), () => {
    if (!world.hub.isAlive) world.startHub();
  });
}

function hangHub(world: World, lastMs: number): void {
  const { hub } = world;
  hub.hang();
  world.time.after(lastMs, () => hub.wake());
}

/** A hub stands still, another takes over its database, and the first goes on as if nothing had been. */
function twoHubs(world: World, lastMs: number): void {
  const { hub: first } = world;
  if (!first.isAlive || first.isHung) return;
  first.hang();
  world.startHub();
  world.time.after(lastMs, () => first.wake());
  world.time.after(lastMs + 90_000, () => {
    if (first.isAlive) world.killHub(first, false);
  });
}

/** The database is lost, and with it every hub on it; a backup of before and a new delegation make the one that follows. */
function restoreHub(world: World, event: FaultEvent): void {
  const { hub, backups } = world;
  for (const old of world.hubs) {
    if (old.isAlive) world.killHub(old, event.id % 2 === 0);
  }
  const backup = backups[event.cluster % backups.length];
  if (backup === undefined) return;
  world.note("the hub's database is restored from a backup");
  world.durable = backup.copy();
  // Whoever joined since is registered anew by a person.
  for (const [name, record] of hub.durable.records) {
    if (world.durable.records.has(name)) continue;
    world.durable.records.set(name, {
      ...record,
      ...{ acknowledgedFloor: null, issuedNumber: null },
    });
  }
  world.follow(world.durable);
  world.startHub(true);
}

function join(world: World): void {
  const index = world.clusters.size;
  world.join(index);
  world.commit("unchanged");
  const cluster = [...world.clusters.values()][index];
  if (cluster !== undefined) world.startSpoke(cluster);
}
