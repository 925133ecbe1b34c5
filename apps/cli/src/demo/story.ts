import { setTimeout as delay } from "node:timers/promises";
import {
  type ClusterView,
  type FleetView,
  type RolloutView,
} from "@wheelhouse/rest-api";
import { shortId } from "../views/status-text.ts";
import { formatObject } from "../views/drift-text.ts";
import {
  type FleetFollower,
  type LocalCluster,
  type LocalFleet,
  askKube,
} from "@wheelhouse/local-fleet";
import { type Narrator, formatSeconds } from "./narrator.ts";

/** What an act needs: the running fleet, its newest view, and a voice. */
export interface Scene {
  readonly world: LocalFleet;
  readonly fleet: FleetFollower;
  readonly narrator: Narrator;
}

/** What the story measured, for its last lines and for tests. */
export interface StoryFigures {
  readonly firstReadyMs: number;
  readonly goodCommitMs: number;
  readonly stoppedMs: number;
  readonly healedMs: number;
  readonly writesAfterHubRestart: number;
  readonly recoveredMs: number;
}

const names = ["staging-1", "prod-eu-1", "prod-us-1"] as const;
const production = names.slice(1);
const imageFiles = ["staging", "production"].flatMap((overlay) =>
  ["backend", "frontend"].map(
    (part) => `apps/webapp/${part}/overlays/${overlay}/kustomization.yaml`,
  ),
);
/** Longer than anything that a spoke puts off to write it together. */
const quietMs = 2_000;
const deploymentPath = "/apis/apps/v1/namespaces/webapp/deployments/backend";

/** Plays the six acts. Rejects where one does not come out as it says. */
export async function playStory(
  scene: Scene,
  startedMs: number,
): Promise<StoryFigures> {
  const firstReadyMs = await firstRollout(scene, startedMs);
  const goodCommitMs = await goodCommit(scene);
  const stoppedMs = await badCommit(scene);
  const healedMs = await editedObject(scene);
  const writesAfterHubRestart = await hubKilled(scene);
  const recoveredMs = await clusterDies(scene);
  return {
    firstReadyMs,
    goodCommitMs,
    stoppedMs,
    healedMs,
    writesAfterHubRestart,
    recoveredMs,
  };
}

async function firstRollout(
  { world, fleet, narrator }: Scene,
  startedMs: number,
): Promise<number> {
  narrator.act(
    "The first rollout",
    "Three clusters join the hub. Each gets what Git says, in dependency order, wave by wave.",
  );
  for (const name of names) {
    await world.startCluster(await world.client.addCluster({ name }));
    // One after the other: a wave whose clusters never joined blocks nobody.
    await fleet.until(
      `${name} has joined`,
      (view) => clusterView(view, name)?.phase === "Joined",
    );
  }
  await fleet.until("the first cluster is Ready", (view) =>
    view.clusters.some(isConverged),
  );
  const firstReadyMs = Date.now() - startedMs;
  await fleet.until("all three run the first commit", isSettled);
  narrator.conclude(
    `All three run it, staging first; the first cluster was Ready ${formatSeconds(firstReadyMs)} after the start.`,
  );
  return firstReadyMs;
}

async function goodCommit(scene: Scene): Promise<number> {
  const { world, fleet, narrator } = scene;
  narrator.act(
    "A good commit",
    "Somebody pushes a new version. It goes to staging, then to the canary, then to the rest.",
  );
  const began = Date.now();
  const commit = await setImageTag(world, "6.9.2", "podinfo 6.9.2");
  await fleet.until(
    `commit ${shortId(commit, false)} is everywhere`,
    (view) => isSettled(view) && isEverywhere(view, commit),
  );
  const ms = Date.now() - began;
  narrator.conclude(
    `Commit ${shortId(commit, false)} is everywhere, and each wave was healthy before the next began.`,
  );
  return ms;
}

async function badCommit(scene: Scene): Promise<number> {
  const { world, fleet, narrator } = scene;
  narrator.act(
    "A bad commit",
    "The next version never becomes Ready. It must stop at staging.",
  );
  const before = rootsOf(fleet.latest(), production);
  const good = rolloutOf(fleet.latest())?.revision.commit ?? "";
  const began = Date.now();
  const commit = await setImageTag(world, "6.10.0-bad", "podinfo 6.10.0-bad");
  await fleet.until(
    "the rollout halts",
    (view) =>
      rolloutOf(view)?.revision.commit === commit &&
      rolloutOf(view)?.phase === "Halted",
  );
  const stoppedMs = Date.now() - began;
  const after = rootsOf(fleet.latest(), production);
  if (before.join() !== after.join()) {
    throw new Error("production was touched by the bad commit");
  }
  narrator.say(
    `Halted at staging: ${rolloutOf(fleet.latest())?.reason ?? ""}. Production was not touched.`,
  );
  narrator.say("wheelhouse rollout undo");
  await world.client.actOnRollout("default", "undo");
  await fleet.until(
    "staging is back",
    (view) => isSettled(view) && isEverywhere(view, good),
  );
  narrator.conclude(
    `Stopped after ${formatSeconds(stoppedMs)}; undone, and the commit stays rejected whatever restarts.`,
  );
  return stoppedMs;
}

async function editedObject(scene: Scene): Promise<number> {
  const { fleet, narrator } = scene;
  narrator.act(
    "Somebody edits a live object",
    "kubectl edit changes the backend's image on prod-eu-1, past Git.",
  );
  const cluster = clusterOf(scene, "prod-eu-1");
  const began = Date.now();
  await editBackend(cluster, "ghcr.io/stefanprodan/podinfo:6.0.0");
  const view = await fleet.until("the drift is seen and healed", (now) =>
    now.drift.some(
      ({ cluster: where, object, state }) =>
        where === "prod-eu-1" &&
        object.name === "backend" &&
        state === "healed",
    ),
  );
  const healedMs = Date.now() - began;
  const record = view.drift.find(({ object }) => object.name === "backend");
  const field = record?.fields[0];
  if (record !== undefined && field !== undefined) {
    narrator.say(
      `${formatObject(record.object)}  ${field.path}: ${field.wanted ?? "-"} became ${field.found ?? "-"}, by ${record.writer ?? "somebody"}`,
    );
  }
  narrator.conclude(`Seen and healed ${formatSeconds(healedMs)} later.`);
  return healedMs;
}

async function hubKilled(scene: Scene): Promise<number> {
  const { world, fleet, narrator } = scene;
  narrator.act(
    "The hub is killed",
    "Without a hub nothing is rolled out, but every cluster keeps itself as it was told.",
  );
  await world.killHub();
  const cluster = clusterOf(scene, "prod-us-1");
  const began = Date.now();
  await editBackend(cluster, "ghcr.io/stefanprodan/podinfo:6.0.0");
  await waitForImage(cluster, "6.9.2");
  narrator.say(
    `Drift on prod-us-1 healed in ${formatSeconds(Date.now() - began)}, with no hub.`,
  );
  const before = await countSettledWrites(world);
  const restarted = new Date().toISOString();
  await world.startHub();
  await fleet.until(
    "the hub knows all three again",
    (view) => view.now > restarted && isSettled(view),
  );
  const writes = (await countWrites(world)) - before;
  if (writes !== 0) {
    throw new Error(`the restart of the hub caused ${writes} writes`);
  }
  narrator.conclude(
    "Back again: the hub learnt the fleet from its spokes, and nothing was written in any cluster.",
  );
  return writes;
}

async function clusterDies(scene: Scene): Promise<number> {
  const { world, fleet, narrator } = scene;
  narrator.act(
    "A cluster dies",
    "prod-eu-1 is gone with everything in it. A new, empty one takes its place.",
  );
  const lost = clusterView(fleet.latest(), "prod-eu-1")?.confirmedRoot ?? null;
  await world.killCluster("prod-eu-1");
  const began = Date.now();
  narrator.say("wheelhouse cluster repoint prod-eu-1");
  await world.startCluster(await world.client.repointCluster("prod-eu-1"));
  const view = await fleet.until(
    "the new prod-eu-1 runs all of it",
    (now) => isSettled(now) && isReplaced(clusterView(now, "prod-eu-1")),
  );
  const recoveredMs = Date.now() - began;
  const root = clusterView(view, "prod-eu-1")?.assignment?.root ?? null;
  if (root !== lost) {
    throw new Error("the new cluster does not have the dead one's root");
  }
  narrator.conclude(
    `Recovered in ${formatSeconds(recoveredMs)}, in dependency order, at the dead cluster's root ${shortId(root, false)}.`,
  );
  return recoveredMs;
}

function setImageTag(world: LocalFleet, tag: string, subject: string) {
  return world.repo.change(
    subject,
    imageFiles.map((file) => ({
      file,
      from: /newTag: .*?(?=[ }\n])/,
      to: `newTag: ${tag}`,
    })),
  );
}

function clusterOf({ world }: Scene, name: string): LocalCluster {
  const cluster = world.clusters.get(name);
  if (cluster === undefined) throw new Error(`${name} is not running`);
  return cluster;
}

interface Deployment {
  readonly spec: {
    readonly template: {
      readonly spec: { readonly containers: readonly { image: string }[] };
    };
  };
}

async function editBackend(cluster: LocalCluster, image: string) {
  const live = (await askKube(cluster.access, deploymentPath)) as Deployment;
  const { containers } = live.spec.template.spec;
  await askKube(cluster.access, deploymentPath, {
    spec: {
      template: {
        spec: { containers: containers.map((one) => ({ ...one, image })) },
      },
    },
  });
}

async function waitForImage(cluster: LocalCluster, tag: string): Promise<void> {
  const end = Date.now() + 30_000;
  for (;;) {
    const live = (await askKube(cluster.access, deploymentPath)) as Deployment;
    const image = live.spec.template.spec.containers[0]?.image ?? "";
    if (image.endsWith(`:${tag}`)) return;
    if (Date.now() > end) throw new Error(`the drift was not healed: ${image}`);
    await delay(50);
  }
}

/** What the healing itself still had to write (its Event, its record) is not the restart's: waits until nothing more comes. */
async function countSettledWrites(world: LocalFleet): Promise<number> {
  const end = Date.now() + 15_000;
  let count = await countWrites(world);
  while (Date.now() < end) {
    await delay(quietMs);
    const next = await countWrites(world);
    if (next === count) return count;
    count = next;
  }
  throw new Error("the clusters do not come to rest");
}

async function countWrites({ clusters }: LocalFleet): Promise<number> {
  const counts = await Promise.all(
    [...clusters.values()].map((cluster) => cluster.countSpokeWrites()),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

function isConverged({ verdict }: ClusterView): boolean {
  return verdict === "Converged";
}

/** Every cluster is Converged and confirmed, and the rollout is completed or aborted for good. */
function isSettled(view: FleetView): boolean {
  const rollout = rolloutOf(view);
  return (
    view.clusters.length === names.length &&
    view.clusters.every(isConverged) &&
    view.clusters.every(({ assignment }) => assignment?.confirmed === true) &&
    rollout?.phase === "Completed"
  );
}

/** A replacement is under way, and all of it is Ready at the new incarnation. */
function isReplaced(cluster: ClusterView | undefined): boolean {
  const repoint = cluster?.repoint ?? null;
  return repoint !== null && repoint.readyAt !== null;
}

function isEverywhere(view: FleetView, commit: string): boolean {
  return view.clusters.every(({ assignment }) => assignment?.commit === commit);
}

function rolloutOf(view: FleetView | undefined): RolloutView | undefined {
  return view?.rollouts[0];
}

function clusterView(
  view: FleetView | undefined,
  name: string,
): ClusterView | undefined {
  return view?.clusters.find((cluster) => cluster.name === name);
}

function rootsOf(
  view: FleetView | undefined,
  wanted: readonly string[],
): readonly string[] {
  return wanted.map((name) => clusterView(view, name)?.assignment?.root ?? "");
}
