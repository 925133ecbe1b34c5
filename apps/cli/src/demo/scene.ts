import { type FleetView } from "@wheelhouse/rest-api";
import {
  type FleetFollower,
  type LocalCluster,
  type LocalFleet,
} from "@wheelhouse/local-fleet";
import { type Narrator } from "./narrator.ts";

/** The story's clusters, in the order in which they join. */
export const clusterNames = ["staging-1", "prod-eu-1", "prod-us-1"] as const;

/** Those that a bad commit must not reach. */
export const productionNames = clusterNames.slice(1);

/** What an act needs: the running fleet, its newest view, and a voice. */
export interface Scene {
  readonly world: LocalFleet;
  readonly fleet: FleetFollower;
  readonly narrator: Narrator;
}

/** Waits for a view of the fleet, and says so where it takes long. */
export function until(
  { fleet, narrator }: Scene,
  what: string,
  holds: (view: FleetView) => boolean,
): Promise<FleetView> {
  const say = () => {
    const note = noteOn(fleet.latest());
    return note === "" ? what : `${what}; ${note}`;
  };
  return narrator.waiting(say, fleet.until(what, holds, patienceMs));
}

/** What the hub itself waits for: the first cluster of an open wave that has something to tell. */
function noteOn(view: FleetView | undefined): string {
  const wave = view?.rollouts[0]?.waves.find(({ state }) => state === "open");
  const cluster = wave?.clusters.find(({ message }) => message !== "");
  return cluster === undefined ? "" : `${cluster.name}: ${cluster.message}`;
}

/** Ends only a wait for what never comes: a busy machine is slow. */
const patienceMs = 300_000;

/** A running cluster by name; throws where none runs. */
export function clusterOf({ world }: Scene, name: string): LocalCluster {
  const cluster = world.clusters.get(name);
  if (cluster === undefined) throw new Error(`${name} is not running`);
  return cluster;
}

/** Starts clusters and their spokes one after the other: a wave whose clusters never joined blocks nobody. */
export async function joinClusters(
  scene: Scene,
  names: readonly string[],
): Promise<void> {
  const { world, narrator } = scene;
  for (const name of names) {
    const invitation = await world.client.addCluster({ name });
    await narrator.waiting(`${name} starts`, world.startCluster(invitation));
    await until(scene, `${name} has joined`, ({ clusters }) =>
      clusters.some((one) => one.name === name && one.phase === "Joined"),
    );
  }
}

/** Pushes a commit that gives every part of the web application another image; returns the commit. */
export function pushImageTag({ world }: Scene, tag: string): Promise<string> {
  return world.repo.change(
    `podinfo ${tag}`,
    imageFiles.map((file) => ({
      file,
      from: /newTag: .*?(?=[ }\n])/,
      to: `newTag: ${tag}`,
    })),
  );
}

const imageFiles = ["staging", "production"].flatMap((overlay) =>
  ["backend", "frontend"].map(
    (part) => `apps/webapp/${part}/overlays/${overlay}/kustomization.yaml`,
  ),
);
