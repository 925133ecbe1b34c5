import {
  type Artifact,
  type AssignedBundle,
  type BundleName,
} from "@wheelhouse/assignment";
import { type Problem } from "@wheelhouse/fleet-model";

/**
 * What compiling one cluster at one revision came to. `bundles` names what the
 * cluster should run, in no meaningful order; a bundle that could not be built
 * is in it with `held` set and `artifact` null (the hub puts its last good
 * artifact in place: 8.6).
 */
export type CompiledCluster =
  | {
      readonly ok: true;
      readonly cluster: string;
      readonly bundles: readonly AssignedBundle[];
      /** Every artifact that the bundles name, by digest. */
      readonly artifacts: ReadonlyMap<string, Artifact>;
      /** Held bundles whose own bundles are not known: while there is one, no bundle of the last assignment may be taken for gone. */
      readonly unexplored: readonly BundleName[];
      /** What is wrong with single bundles, which are held. */
      readonly problems: readonly Problem[];
      /** Worth knowing; nothing is held for it. */
      readonly warnings: readonly Problem[];
    }
  | {
      /** Root, cycle, Cluster object: the cluster keeps its whole last assignment. */
      readonly ok: false;
      readonly cluster: string;
      readonly problems: readonly Problem[];
      readonly warnings: readonly Problem[];
    };
