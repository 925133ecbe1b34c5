import {
  type AssignmentVersion,
  type BundleName,
  type Digest,
  type Revision,
} from "@wheelhouse/assignment";
import { type Rollout } from "@wheelhouse/fleet-model";
import { type Labels } from "@wheelhouse/kube-object";
import { type Decision } from "./rollout-state.ts";

/** What a gate needs to know of one bundle of a target or an assignment. */
export interface TargetBundle {
  readonly name: BundleName;
  readonly digest: Digest;
  readonly dependsOn: readonly BundleName[];
  readonly timeoutMs: number;
}

/** All that one cluster would run at a revision. */
export interface Target {
  readonly root: Digest;
  readonly revision: Revision;
  readonly bundles: readonly TargetBundle[];
}

/** What the newest reports of the current session say of one bundle. */
export interface BundleFact {
  readonly name: BundleName;
  readonly digest: Digest;
  /** The digest that was last applied completely. */
  readonly applied: Digest | null;
  readonly ready: boolean;
  readonly failed: boolean;
  readonly message: string;
}

/** The newest report of a cluster in its current session. */
export interface ReportFact extends AssignmentVersion {
  readonly root: Digest;
  readonly session: string;
  readonly bundles: readonly BundleFact[];
}

/** What the hub knows of one cluster at this moment. */
export interface ClusterFact {
  readonly name: string;
  readonly labels: Labels;
  /** It has joined at least once: one that never has is in no rollout and blocks none. */
  readonly joined: boolean;
  /** A person, or `Cluster.spec.suspend`, froze it at its target. */
  readonly suspended: boolean;
  /** Since the last heartbeat of its current session; null without one. Fresh means at most 45,000. */
  readonly heardAgoMs: number | null;
  /** The newest assignment that was issued to this incarnation, and its bundles. */
  readonly issued: (AssignmentVersion & Target) | null;
  /** Whether that issued assignment was confirmed, ever. */
  readonly issuedConfirmed: boolean;
  /** Present when the current session has reported. */
  readonly report: ReportFact | null;
  /** What it should run at the revision that is wanted; null where that revision does not name it, or its root cannot be built. */
  readonly target: Target | null;
}

/** What a person asks of a rollout. */
export type RolloutCommand =
  | { readonly kind: "pause"; readonly by: Decision }
  | {
      readonly kind: "resume";
      readonly by: Decision;
      /** Takes a rejected commit back. */
      readonly revision?: string;
    }
  | { readonly kind: "approve"; readonly wave: string; readonly by: Decision }
  | { readonly kind: "abort"; readonly by: Decision }
  | { readonly kind: "undo"; readonly by: Decision };

/** Everything that one step looks at. */
export interface RolloutInput {
  /** The newest revision that Git names and that is compiled for every cluster; null before the first. */
  readonly head: {
    readonly revision: Revision;
    readonly spec: Rollout;
    /** New failures of its compilation: with `compileErrors: block` it does not start. */
    readonly newProblems: readonly string[];
  } | null;
  readonly clusters: readonly ClusterFact[];
  /** At most one; null when this step only looks. */
  readonly command: RolloutCommand | null;
}
