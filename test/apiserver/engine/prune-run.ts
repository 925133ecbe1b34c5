import { type KubeObject, objectIdOf } from "@wheelhouse/kube-object";
import { expect, vi } from "vitest";
import { type TestCluster, useCluster, within } from "./test-cluster.ts";
import {
  type TestAssignment,
  type TestBundle,
  type TestEngine,
} from "./test-engine.ts";

export const one = "Kustomization/flux-system/one";
export const two = "Kustomization/flux-system/two";
export const maps = "/api/v1/namespaces/default/configmaps";
export const merge = "application/merge-patch+json";
export const day = 24 * 60 * 60 * 1000;

/** A cluster whose assignments follow one another, and what its prune gate is asked. */
export interface PruneRun {
  readonly cluster: TestCluster;
  /** Assigns bundles under the next seq. */
  readonly run: (
    engine: TestEngine,
    bundles: readonly TestBundle[],
    more?: Omit<TestAssignment, "seq" | "allowDelete"> & {
      readonly allowDelete?: readonly KubeObject[];
    },
  ) => Promise<unknown>;
  /** Name and reason of everything that is held. */
  readonly holds: (engine: TestEngine) => readonly (readonly string[])[];
  readonly whenHeld: (engine: TestEngine, reason: string) => Promise<unknown>;
  readonly whenGone: (path: string) => Promise<unknown>;
}

/** Brings one cluster for the specs of a file about the prune gate. */
export function usePruneRun(): PruneRun {
  const cluster = useCluster();
  let seq = 0;
  const holds = (engine: TestEngine) =>
    engine
      .facts()
      .pruneHolds.map(({ object, reason }) => [object.name, reason]);
  return {
    cluster,
    holds,
    run: (engine, bundles, { allowDelete = [], ...more } = {}) => {
      seq += 1;
      return engine.assign(bundles, {
        seq,
        ...more,
        allowDelete: allowDelete.map(objectIdOf),
      });
    },
    whenHeld: (engine, reason) =>
      vi.waitFor(
        () => expect(holds(engine).map(([, found]) => found)).toContain(reason),
        within,
      ),
    whenGone: (path) =>
      vi.waitFor(
        async () => expect(await cluster.get(path)).toBeUndefined(),
        within,
      ),
  };
}
