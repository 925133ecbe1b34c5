/** `viewer` reads; `operator` also decides on rollouts, reconciles, suspends and approves prunes; `admin` also adds, repoints and removes clusters and makes tokens. */
export type Role = "viewer" | "operator" | "admin";

/** Verdicts as the page and the terminal show them. */
export type VerdictName =
  | "Unreachable"
  | "Stale"
  | "Held"
  | "Degraded"
  | "Drifted"
  | "Progressing"
  | "Converged";

/** An object as a person names it. `namespace` is empty for a cluster-scoped one. */
export interface ObjectView {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** What is wrong or worth knowing in the fleet repo. */
export interface ProblemView {
  /** A warning holds nothing. */
  readonly severity: "error" | "warning";
  readonly reason: string;
  readonly subject: string;
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly advice?: string;
  /** Clusters that stay at their last good state because of it; empty where none does, or where its whole commit is refused. */
  readonly clusters: readonly string[];
  /** The commit that it was found in, 40 hex digits. */
  readonly commit?: string;
}

/** A revision as people see it. */
export interface RevisionView {
  /** 40 hex digits. */
  readonly commit: string;
  readonly branch: string;
  readonly subject: string;
  readonly author: string;
  /** When it was committed, RFC 3339. */
  readonly committedAt: string;
}

/** One bundle in one cluster. */
export interface BundleView {
  /** `Kustomization/flux-system/webapp`. */
  readonly bundle: string;
  readonly verdict: VerdictName;
  /** When the verdict began, RFC 3339. */
  readonly since: string;
  /** Why, in words; empty when Converged. */
  readonly message: string;
  readonly digest: string;
  readonly applied: string | null;
  /** As of the assignment; an older one where the bundle stays at its last good artifact. */
  readonly commit: string;
  readonly objects: { readonly total: number; readonly ready: number };
  readonly dependsOn: readonly string[];
  readonly suspended: boolean;
  /** The commit from which on Git has it no more: only a person's suspension keeps it. Absent while Git has it. */
  readonly removedIn?: string;
  readonly notReady: readonly {
    readonly object: ObjectView;
    readonly status: string;
    readonly message: string;
  }[];
}

/** The five facts about a cluster's newest assignment. */
export interface AssignmentView {
  readonly epoch: number;
  readonly seq: number;
  readonly root: string;
  /** The commit that the root is current for: the one that it was issued at, or a later one that changes nothing in this cluster. */
  readonly commit: string;
  readonly issuedAt: string;
  readonly acknowledged: boolean;
  readonly applied: boolean;
  readonly ready: boolean;
  readonly confirmed: boolean;
}

/** Where the certificate and session of a cluster's spoke stand. */
export interface SpokeView {
  readonly connected: boolean;
  /** RFC 3339, or null before the first contact since the hub started. */
  readonly lastHeard: string | null;
  readonly version: string;
  readonly kubeVersion: string;
  /** When its certificate ends, RFC 3339. */
  readonly certificateNotAfter: string | null;
  /** Two clusters seem to act with one identity. */
  readonly suspectedClone: boolean;
}

/** `Pending` never joined; `Left`: Git names it no longer, and it may come back as it was; `Removed`: a person took it out for good, and its uid is revoked. */
export type ClusterPhase = "Pending" | "Joined" | "Left" | "Removed";

/** One cluster. */
export interface ClusterView {
  readonly name: string;
  readonly uid: string;
  readonly phase: ClusterPhase;
  readonly labels: Readonly<Record<string, string>>;
  /** Where it is known from: Git wins over the API. */
  readonly source: "git" | "api";
  readonly suspended: boolean;
  readonly verdict: VerdictName;
  readonly since: string;
  /** The root that the verdicts of the cluster and its bundles are about: the one that its spoke reported last; null before its first report since the hub started. */
  readonly reportedRoot: string | null;
  /** When that report came, RFC 3339; a spoke reports what changes, and `spoke.lastHeard` tells that nothing has since. */
  readonly reportedAt: string | null;
  readonly message: string;
  readonly wave: string;
  readonly assignment: AssignmentView | null;
  /** The root of the last assignment that was confirmed. */
  readonly confirmedRoot: string | null;
  /** The commit of that assignment. */
  readonly confirmedCommit?: string | null;
  readonly spoke: SpokeView;
  readonly bundles: readonly BundleView[];
  readonly driftCount: number;
  readonly pruneHolds: number;
  /** A replacement that is under way or done: the proof of 8.10. */
  readonly repoint: RepointView | null;
}

/** What a repoint came to so far. */
export interface RepointView {
  readonly startedAt: string;
  readonly formerUid: string;
  /** The dead cluster's last confirmed root. */
  readonly formerRoot: string | null;
  /** What the new incarnation was first confirmed at, for good; before that, what it was issued. */
  readonly root: string | null;
  readonly sameRoot: boolean;
  /** Bundles of that root that differ from what the name was last confirmed at before. */
  readonly differing: readonly string[];
  /** When all was Ready at the new incarnation, RFC 3339. */
  readonly readyAt: string | null;
}

/** Where one cluster stands in a rollout. */
export type RolloutStage =
  | "waiting"
  | "issued"
  | "acknowledged"
  | "applied"
  | "ready"
  | "confirmed"
  | "unchanged"
  | "failed"
  | "skipped"
  | "offline"
  | "suspended"
  | "held";

/** One wave of a rollout. */
export interface WaveView {
  readonly name: string;
  readonly state: "waiting" | "open" | "soaking" | "completed";
  readonly clusters: readonly {
    readonly name: string;
    readonly stage: RolloutStage;
    readonly message: string;
  }[];
  /** Clusters that it would select and that never joined: in no count, and waited for by nobody. Absent: none. */
  readonly notJoined?: readonly string[];
  readonly confirmed: number;
  readonly total: number;
  readonly soakMs: number;
  readonly soakedMs: number;
  /** Why the gate behind this wave, or in front of it, is shut, and what opens it; empty when open. */
  readonly gate: string;
  readonly needsApproval: boolean;
  readonly approvedBy: string | null;
}

/** One rollout. */
export interface RolloutView {
  readonly name: string;
  readonly phase:
    "Progressing" | "Paused" | "Halted" | "Blocked" | "Completed" | "Aborted";
  /** Why it is not progressing; empty otherwise. */
  readonly reason: string;
  readonly generation: number;
  readonly revision: RevisionView;
  /** A newer commit that cannot be read as a fleet: this rollout is not about it. Null, or absent: there is none. */
  readonly refused?: RevisionView | null;
  readonly previous: RevisionView | null;
  /** Commits that were undone; only a person brings one back. */
  readonly rejected: readonly string[];
  /** It goes back to a revision from before, since the one after was rejected. */
  readonly returning: boolean;
  readonly startedAt: string;
  readonly completedAt: string | null;
  readonly waves: readonly WaveView[];
}

/** One drift: of one field of one object in one cluster, or of an object that was gone, which has no fields. A spoke of an earlier version has up to 20 fields in one. */
export interface DriftView {
  readonly cluster: string;
  readonly bundle: string;
  readonly object: ObjectView;
  readonly missing: boolean;
  readonly fields: readonly {
    readonly path: string;
    readonly wanted: string | null;
    readonly found: string | null;
  }[];
  readonly writer: string | null;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly times: number;
  readonly state: "open" | "healed" | "reported" | "blocked";
  readonly message: string;
}

/** One deletion that is held until a person approves it. */
export interface PruneView {
  readonly cluster: string;
  readonly bundle: string;
  readonly object: ObjectView;
  readonly reason: string;
  readonly message: string;
  /** The commit whose assignment no longer names the object. */
  readonly commit: string;
  readonly approved: boolean;
}

/** Where the hub stands with its Git repository. */
export interface GitView {
  readonly url: string;
  readonly branch: string;
  readonly lastPolledAt: string | null;
  /** Why the newest poll failed, or null. */
  readonly problem: string | null;
}

/** The whole fleet at one look: what the page lives on. */
export interface FleetView {
  readonly fleet: string;
  readonly hubVersion: string;
  /** The hub's time when this was made, RFC 3339; ages count from it. */
  readonly now: string;
  readonly epoch: number;
  readonly git: GitView;
  /** The newest commit that is followed. */
  readonly head: RevisionView | null;
  /** A newer commit that cannot be read as a fleet, so that the head stays; `problems` say why, by its commit. */
  readonly refused: RevisionView | null;
  readonly rollouts: readonly RolloutView[];
  readonly clusters: readonly ClusterView[];
  readonly drift: readonly DriftView[];
  readonly prunes: readonly PruneView[];
  readonly problems: readonly ProblemView[];
  /** Things an operator should know: delegation running out, clusters known only to the API, revocations not yet in Git. */
  readonly notices: readonly string[];
}

/** One line of the audit journal. */
export interface AuditView {
  readonly id: number;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly message: string;
}

/** What adding or repointing a cluster returns: shown once. */
export interface JoinView {
  readonly cluster: string;
  readonly uid: string;
  readonly fleet: string;
  /** host:port of the link. */
  readonly hubAddress: string;
  /** Single use; expires. */
  readonly token: string;
  readonly tokenExpiresAt: string;
  /** True where it ended a token made before that was unused and still good; absent else. */
  readonly endsEarlierToken?: boolean;
  /** The fleet root as a spoke pins it: certificate in PEM, and the Ed25519 public key, base64. */
  readonly rootCertificate: string;
  readonly rootPublicKey: string;
  /** For a repoint: the line for `Cluster.spec.revokedUids`, or null. */
  readonly revokedUidsLine: string | null;
  /** The file in the fleet repo that has that object; absent where none does. */
  readonly revokedUidsFile?: string;
  /** For a repoint: late values and decryption keys that must be in the new cluster, with the bundles that wait for them. */
  readonly needs: readonly string[];
  /** For a repoint: what bundles look for there, and go on without as if it were empty; absent where there is none. */
  readonly optionalNeeds?: readonly string[];
}

/** An API token without its secret. */
export interface TokenView {
  readonly name: string;
  readonly role: Role;
  readonly createdAt: string;
  readonly expiresAt: string;
}

/** Who is asking. */
export interface PrincipalView {
  readonly name: string;
  readonly role: Role;
}

/** An error as RFC 9457 has it, with our four parts. */
export interface ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly advice?: string;
}
