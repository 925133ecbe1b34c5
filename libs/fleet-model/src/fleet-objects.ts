import { type DriftMode, type IgnoreRule } from "@wheelhouse/assignment";
import { type LabelSelector, type Labels } from "@wheelhouse/kube-object";
import { type ProblemReason } from "./problem-reasons.ts";

/** Where something stands in the fleet repo: a file, and the line where its object or field begins (1-based). */
export interface SourceLocation {
  readonly file: string;
  readonly line?: number;
}

/**
 * Something in the fleet repo that is wrong or worth knowing: what, where,
 * why, and what to do. `subject` is `Kind/namespace/name`, a path or a field.
 */
export interface Problem {
  readonly reason: ProblemReason;
  readonly subject: string;
  /** Lower case, no full stop. */
  readonly message: string;
  readonly location?: SourceLocation;
  /** What the reader can do about it. */
  readonly advice?: string;
}

/** A ConfigMap that shows a cluster's variables to its bundles. */
export interface ExposedConfigMap {
  readonly namespace: string;
  readonly name: string;
}

/** A `Cluster` object: the durable role of one Kubernetes cluster. */
export interface Cluster {
  readonly name: string;
  /** Where it is known from: Git wins over the API. */
  readonly source: "git" | "api";
  readonly labels: Labels;
  /** The root's directory in the fleet repo, without `./`; undefined: FleetConfig's rootPath. */
  readonly path?: string;
  /** Where `path` is written; absent where it is not. */
  readonly pathLocation?: SourceLocation;
  readonly variables: Readonly<Record<string, string>>;
  readonly exposeVariablesAs: readonly ExposedConfigMap[];
  readonly suspend: boolean;
  /** Incarnations that may never again act as this cluster. */
  readonly revokedUids: readonly string[];
  /** Where it is written; absent for one that only the API knows. */
  readonly location?: SourceLocation;
}

/** A number of clusters, or a part of them. */
export type CountOrPercent =
  | { readonly kind: "count"; readonly count: number }
  | { readonly kind: "percent"; readonly percent: number };

/** What happens with a cluster of a wave that is not heard of. */
export type OfflinePolicy = "wait" | "skip" | "count";

/** What more than `maxFailures` failed clusters of a wave do to the rollout. */
export type OnFailure = "pause" | "rollback" | "continue";

/** One wave of a Rollout. What is absent is as the Rollout's `spec` says. */
export interface WaveSpec {
  readonly name: string;
  readonly clusterSelector: LabelSelector;
  readonly minReadyMs: number;
  readonly soakMs: number;
  readonly maxConcurrency: CountOrPercent;
  readonly maxUnavailable: CountOrPercent;
  readonly maxFailures: CountOrPercent;
  readonly offline: OfflinePolicy;
  readonly approval: "auto" | "manual";
  /** Counted from issue; time offline is not counted. */
  readonly progressDeadlineMs: number;
}

/** A `Rollout` object, with every default filled in, and its waves in order. */
export interface Rollout {
  readonly name: string;
  readonly waves: readonly WaveSpec[];
  readonly clustersNotMatched: "lastWave" | "immediately" | "never";
  readonly compileErrors: "block" | "continue";
  readonly onFailure: OnFailure;
  readonly location?: SourceLocation;
}

/** The `FleetConfig` object, with every default filled in. */
export interface FleetConfig {
  /** Directory of Cluster objects, without `./`. */
  readonly clustersDir: string;
  /** May hold `${CLUSTER_NAME}` and the cluster's variables. */
  readonly rootPath: string;
  readonly fluxObjects: "consume" | "apply";
  readonly skipFluxComponents: boolean;
  readonly createNamespaces: "none" | "missing";
  /** What charts are rendered for; absent: a version of Kubernetes that the hub knows, and what it serves by itself. */
  readonly helm?: {
    /** Such as `v1.33.4`. */
    readonly kubeVersion?: string;
    /** Beside the built-in ones: `group/version` or `group/version/Kind`. */
    readonly apiVersions: readonly string[];
  };
  readonly drift: {
    readonly mode: DriftMode;
    /** Of HelmReleases that do not say; absent: `disabled`, as in Flux. */
    readonly helm?: DriftMode;
    readonly ignore: readonly IgnoreRule[];
  };
}

/** What of a revision concerns the fleet as a whole: read from the commit, before any cluster is compiled. */
export interface FleetObjects {
  readonly clusters: readonly Cluster[];
  readonly rollouts: readonly Rollout[];
  readonly config: FleetConfig;
}
