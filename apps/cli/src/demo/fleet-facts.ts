import {
  type ClusterView,
  type FleetView,
  type RolloutView,
} from "@wheelhouse/rest-api";
import { clusterNames } from "./scene.ts";

/** It runs what it should, and all of it is Ready. */
export function isConverged({ verdict }: ClusterView): boolean {
  return verdict === "Converged";
}

/** Every cluster is Converged and confirmed, and the rollout is completed. */
export function isSettled(view: FleetView): boolean {
  return (
    view.clusters.length === clusterNames.length &&
    view.clusters.every(isConverged) &&
    view.clusters.every(({ assignment }) => assignment?.confirmed === true) &&
    rolloutOf(view)?.phase === "Completed"
  );
}

/** Every cluster has an assignment of that commit. */
export function isEverywhere(view: FleetView, commit: string): boolean {
  return view.clusters.every(({ assignment }) => assignment?.commit === commit);
}

/** The fleet's one rollout. */
export function rolloutOf(
  view: FleetView | undefined,
): RolloutView | undefined {
  return view?.rollouts[0];
}

/** A cluster by name. */
export function clusterView(
  view: FleetView | undefined,
  name: string,
): ClusterView | undefined {
  return view?.clusters.find((cluster) => cluster.name === name);
}
