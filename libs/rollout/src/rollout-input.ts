import {
  type AssignmentVersion,
  type BundleName,
  type Digest,
  type Revision,
} from "@wheelhouse/assignment";
import { type Rollout } from "@wheelhouse/fleet-model";
import { type Labels } from "@wheelhouse/kube-object";
import { type NumberProblem } from "./assignment-numbers.ts";
import { type Decision } from "./rollout-state.ts";

/** What a gate needs to know of one bundle of a target or an assignment. */
export interface TargetBundle {
  readonly name: BundleName;
  readonly digest: Digest;
  readonly dependsOn: readonly BundleName[];
  /** How long it may be applied and not Ready before its cluster fails. */
  readonly timeoutMs: number;
  /** Frozen by Git or a person: its spoke never applies this digest. */
  readonly suspended?: boolean;
  /** Held without an artifact (8.6): there is nothing to apply. One held at its last good artifact is applied like any other. */
  readonly held?: boolean;
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
  /** Its digest in the assignment that the report is about. */
  readonly digest: Digest;
  /** The digest that was last applied completely. */
  readonly applied: Digest | null;
  readonly ready: boolean;
  /** Failed by kstatus, cannot be applied, or not Ready at its timeout. */
  readonly failed: boolean;
  /** Why it is not Ready, for a person, such as `1 of 2 replicas available`; may be empty. */
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
  /** As its `Cluster` object says at `RolloutInput.targetsAt`. */
  readonly labels: Labels;
  /** It has joined at least once: one that never has is in no rollout and blocks none. */
  readonly joined: boolean;
  /** A person, or `Cluster.spec.suspend`, froze it at its target. */
  readonly suspended: boolean;
  /** Since the last heartbeat of its current session; null without a session that has said hello. Fresh means at most 45,000. */
  readonly heardAgoMs: number | null;
  /** What the current session says is durable in the cluster, whoever issued it; null without a session, or when nothing was ever acknowledged. */
  readonly acknowledged: (AssignmentVersion & { readonly root: Digest }) | null;
  /** The newest assignment that this hub has stored for this incarnation, and its bundles; null where it has none. What a hub has forgotten stands in `acknowledged` alone. */
  readonly issued: (AssignmentVersion & Target) | null;
  /** Whether that issued assignment was confirmed, ever: stored on effect `confirm`. */
  readonly issuedConfirmed: boolean;
  /** Why no number can be given to what it is issued next, so that nothing is. Absent: one can. */
  readonly numberProblem?: NumberProblem;
  /** What this hub stored last was issued under an earlier epoch than its own, by a hub whose later state may be lost. Absent: it was not. */
  readonly isOfEarlierEpoch?: boolean;
  /** Present when the current session has reported. */
  readonly report: ReportFact | null;
  /** What it should run at `RolloutInput.targetsAt`; null where that revision does not name it, or its root cannot be built. */
  readonly target: Target | null;
  /** What it should run at the newest completed revision (`RolloutStep.completed` of the step before), for one that joins while a rollout runs; null where there is none. */
  readonly completedTarget: Target | null;
}

/** The generation that the person saw: a command for another one is refused. */
interface CommandBase {
  readonly by: Decision;
  readonly generation?: number;
}

/** What a person asks of a rollout. */
export type RolloutCommand =
  | (CommandBase & { readonly kind: "pause" })
  | (CommandBase & {
      readonly kind: "resume";
      /** Takes a rejected commit back: 40 hex digits, or at least the first 7. */
      readonly revision?: string;
    })
  | (CommandBase & { readonly kind: "approve"; readonly wave: string })
  | (CommandBase & { readonly kind: "abort" })
  | (CommandBase & { readonly kind: "undo" });

/** Everything that one step looks at. */
export interface RolloutInput {
  /** The newest revision that Git names and that is compiled for every cluster; null before the first. */
  readonly head: {
    readonly revision: Revision;
    readonly spec: Rollout;
    /** New failures of its compilation: with `compileErrors: block` it does not start. */
    readonly newProblems: readonly string[];
  } | null;
  /**
   * The revision that every cluster's `target` and `labels` are of: what the
   * step before wanted (`RolloutStep.wants`), or the head's at first. Where
   * it is not the one that this step comes to want, nothing is issued.
   */
  readonly targetsAt: Revision | null;
  readonly clusters: readonly ClusterFact[];
  /** False where nothing may be issued, such as under a delegation that has ended: all else is decided as ever. Absent: it may. */
  readonly mayIssue?: boolean;
  /** At most one; null when this step only looks. */
  readonly command: RolloutCommand | null;
}
