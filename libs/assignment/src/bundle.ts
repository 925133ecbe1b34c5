import { type JsonObject, type ObjectId } from "@wheelhouse/kube-object";
import { type Digest, digestOfJson } from "./digest.ts";

/** `<kind>/<namespace>/<name>`, such as `Kustomization/flux-system/webapp`. */
export type BundleName = string;

/** The name of a cluster's implicit root bundle. */
export const rootBundleName: BundleName = "Kustomization/flux-system/(root)";

/** Media type of an artifact that holds one canonical JSON object a line, sorted by identity. */
export const objectsMediaType = "application/vnd.wheelhouse.objects.v1";

/** Media type of an artifact that only the cluster can finish: see `Template`. */
export const templateMediaType = "application/vnd.wheelhouse.template.v1";

/** What a bundle's rendered objects are, and how large. */
export interface ArtifactReference {
  readonly digest: Digest;
  readonly mediaType: typeof objectsMediaType | typeof templateMediaType;
  readonly bytes: number;
  readonly objects: number;
}

/** A revision: a commit, and the digest of every external source as resolved for it. */
export interface Revision {
  /** 40 hex digits. */
  readonly commit: string;
  readonly lock: Digest;
}

/** What a bundle waits for before its digest is applied the first time. */
export interface BundleDependency {
  readonly bundle: BundleName;
  /** CEL over `self` and `dep`, in the place of whether the dependency is Ready. */
  readonly readyExpr?: string;
}

/** An object whose health a bundle's own readiness includes. */
export interface HealthCheck {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** How the objects of one kind are judged, in Flux's words and with its meaning: CEL over the fields of the object. */
export interface HealthExpressions {
  /** Only its group counts. */
  readonly apiVersion: string;
  /** Absent: every kind of the group that has no expressions of its own. */
  readonly kind?: string;
  readonly inProgress?: string;
  readonly failed?: string;
  readonly current: string;
}

/** Which objects an ignore rule is about; an absent field matches all. Texts are anchored regular expressions, as in Flux. */
export interface IgnoreTarget {
  readonly group?: string;
  readonly version?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly annotationSelector?: string;
}

/** Fields that others own: JSON Pointers, where `*` stands for every item of a list. */
export interface IgnoreRule {
  readonly paths: readonly string[];
  readonly target?: IgnoreTarget;
}

/** What is done about drift: healed, reported, or not looked at. */
export type DriftMode = "enabled" | "warn" | "disabled";

/** Why a bundle is stopped on purpose, in words that a person can act on. */
export interface HeldReason {
  /** PascalCase, such as `BuildFailed` or `LateReference`. */
  readonly reason: string;
  readonly message: string;
}

/** A value that exists only in the cluster, or only encrypted in Git. */
export interface LateReference {
  readonly kind: "ConfigMap" | "Secret";
  readonly namespace: string;
  readonly name: string;
  readonly optional: boolean;
}

/** What becomes of a bundle's objects when the bundle leaves, in Flux's words. */
export type DeletionPolicy =
  "MirrorPrune" | "Delete" | "WaitForTermination" | "Orphan";

/** Everything that a spoke acts on for one bundle; its digest is over exactly this. */
export interface BundleSpec {
  readonly name: BundleName;
  /** Null where nothing could be built yet: the bundle is then held. */
  readonly artifact: ArtifactReference | null;
  readonly dependsOn: readonly BundleDependency[];
  readonly wait: boolean;
  readonly healthChecks: readonly HealthCheck[];
  /** Absent for none: what was signed before there were any keeps its digest. */
  readonly healthCheckExprs?: readonly HealthExpressions[];
  /** The Flux object as rendered, without status: `self` and `dep` of ready expressions. Only there where one asks for it. */
  readonly object?: JsonObject;
  readonly timeoutMs: number;
  readonly intervalMs: number;
  readonly retryIntervalMs: number;
  readonly prune: boolean;
  readonly deletionPolicy: DeletionPolicy;
  readonly force: boolean;
  readonly suspend: boolean;
  /** The commit from which on Git has it no more. It stays at what was issued last, suspended, until the person who suspended it resumes it. Absent while Git has it. */
  readonly removedIn?: string;
  readonly serviceAccountName: string | null;
  readonly decryption: { readonly secretName: string } | null;
  readonly drift: {
    readonly mode: DriftMode;
    readonly ignore: readonly IgnoreRule[];
  };
  /** Whether fields of Flux's and kubectl's managers may be taken over (annotation `adopt`). */
  readonly adopt: boolean;
  /** Namespaces that are created when absent, and never owned nor pruned. */
  readonly createNamespaces: readonly string[];
  readonly lateReferences: readonly LateReference[];
  readonly held: HeldReason | null;
}

/** A bundle within an assignment: what to do, its digest, and the revision that it was rendered from. */
export interface AssignedBundle {
  readonly spec: BundleSpec;
  readonly digest: Digest;
  readonly revision: Revision;
}

/** The digest over everything that a spoke acts on. */
export function bundleDigest(spec: BundleSpec): Digest {
  return digestOfJson(spec as unknown as JsonObject);
}

/** An object that a person allowed to be deleted, once. */
export type AllowedDeletion = ObjectId;
