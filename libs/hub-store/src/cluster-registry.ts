import {
  type AssignmentVersion,
  type BundleName,
  type Digest,
} from "@wheelhouse/assignment";
import { type Labels } from "@wheelhouse/kube-object";
import { type IssuedNumber } from "@wheelhouse/rollout";
import { type JournalEntry } from "./journal.ts";

/** A replacement of one incarnation by the next, for its proof. */
export interface RepointRecord {
  /** RFC 3339. */
  readonly startedAt: string;
  readonly formerUid: string;
  /** The root that the name was last confirmed at before; null where nothing was confirmed. */
  readonly formerRoot: Digest | null;
  /** When the new one was confirmed, RFC 3339; null until then. */
  readonly readyAt: string | null;
  /** The root that it was confirmed at then; null until then, and for one that was confirmed under a hub that did not note it. */
  readonly readyRoot: Digest | null;
  /** The bundles of that root that differ from what the name was last confirmed at before; empty until then. */
  readonly readyDiffering: readonly BundleName[];
}

/** One registered cluster: a name with its current incarnation. */
export interface ClusterRecord {
  readonly name: string;
  /** The current incarnation's uid. */
  readonly uid: string;
  readonly phase: "Pending" | "Joined" | "Removed";
  /** As the API was told; Git's win where both know the cluster. */
  readonly labels: Labels;
  /** Who makes it known: Git from the first commit on that names it, whoever added it. */
  readonly source: "git" | "api";
  /** When this incarnation came to be known, RFC 3339; null for one of a hub that did not note it. */
  readonly registeredAt: string | null;
  /** RFC 3339. */
  readonly joinedAt: string | null;
  /** When Git ceased to name it, RFC 3339; null while it names it, and for one that Git never did. */
  readonly leftAt: string | null;
  /** Since when Git has it suspended, RFC 3339; null where it has not. */
  readonly suspendedAt: string | null;
  /** When its newest certificate ends, RFC 3339. */
  readonly certificateNotAfter: string | null;
  /** Hashes of the public keys that may connect, newest first, at most two; empty before it joined. */
  readonly keys: readonly string[];
  /** Uids of former incarnations, revoked. */
  readonly revokedUids: readonly string[];
  readonly repoint: RepointRecord | null;
  /** The highest version that its spoke ever said it acknowledged: a hub restored from a backup learns it. Nothing proves it. */
  readonly acknowledgedFloor: AssignmentVersion | null;
  /** The highest number issued under the name, by any incarnation; null where nothing was. */
  readonly issuedNumber: IssuedNumber | null;
}

/** Why a join token was not accepted. */
export type JoinTokenProblem =
  "unknown" | "used" | "expired" | "revoked" | "keyInUse";

/** What a consumed token is bound to, or why it is not accepted. */
export type JoinTokenResult =
  | { readonly ok: true; readonly cluster: string; readonly uid: string }
  | { readonly ok: false; readonly problem: JoinTokenProblem };

/** Outcome of a change that needs a cluster to be there, or not to be. */
export type RegistryResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly problem: "exists" | "notFound" };

/** Outcome of a repoint: superseded where the incarnation to be replaced is not the current one any more. */
export type RepointResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly problem: "notFound" | "superseded" };

/** Who belongs to the fleet, and by which token or key. */
export interface ClusterRegistry {
  /** Sorted by name; removed ones included. */
  list(): Promise<readonly ClusterRecord[]>;
  get(name: string): Promise<ClusterRecord | null>;
  /** The cluster whose current or former incarnation has this uid. */
  findByUid(uid: string): Promise<ClusterRecord | null>;
  /** Adds a cluster, or takes a removed one back with the new uid. */
  add(
    cluster: Pick<ClusterRecord, "name" | "uid" | "labels" | "source"> & {
      /** RFC 3339. */
      readonly registeredAt: string;
    },
    journal: readonly JournalEntry[],
  ): Promise<RegistryResult>;
  /** Git names these clusters: from now on it decides whether they are of the fleet. */
  claimForGit(names: readonly string[]): Promise<void>;
  /** Notes from when on Git names a cluster no longer, or has it suspended; what lasts keeps its time. */
  recordStanding(
    git: {
      readonly named: readonly string[];
      readonly suspended: readonly string[];
    },
    at: string,
  ): Promise<void>;
  /** Revokes uids under a cluster's name for good, also ones that it never had; a uid of another cluster stays as it is, and nothing changes where the name is unknown. */
  revokeUids(name: string, uids: readonly string[]): Promise<void>;
  /** Makes `uid` the current incarnation, Pending, in the place of `formerUid`, which is revoked at once; what the name was last confirmed at is noted in the same transaction. Of any number that would replace one incarnation exactly one does. */
  repoint(
    change: {
      readonly name: string;
      readonly uid: string;
      /** The incarnation that the caller means to replace. */
      readonly formerUid: string;
      readonly startedAt: string;
    },
    journal: readonly JournalEntry[],
  ): Promise<RepointResult>;
  /** Marks a cluster as Removed and revokes its uid; its history stays. */
  remove(
    name: string,
    journal: readonly JournalEntry[],
  ): Promise<RegistryResult>;
  /** Stores a single-use token, by its hash, bound to one incarnation. An older unused one of it ends; gives when that would have expired, null where there was none. */
  addJoinToken(token: {
    readonly hash: string;
    readonly uid: string;
    /** RFC 3339, UTC with milliseconds. */
    readonly expiresAt: string;
  }): Promise<string | null>;
  /** Consumes a token: of any number of callers at once exactly one succeeds, and its key is stored with that; that key may ask again until the token expires or another key gets a certificate, since the answer may have been lost, or the hub killed before it gave one. A key that another incarnation has is refused, also where it asks again, and the token stays. */
  consumeJoinToken(
    hash: string,
    facts: {
      /** Hash of the key that asks. */
      readonly key: string;
      /** RFC 3339, UTC with milliseconds. */
      readonly now: string;
    },
  ): Promise<JoinTokenResult>;
  /** Stores the keys and the newest certificate's end of an incarnation; the first makes its cluster Joined. False where it is revoked or unknown. */
  recordCertificate(
    certificate: {
      readonly uid: string;
      readonly keys: readonly string[];
      readonly notAfter: string;
      readonly at: string;
    },
    journal: readonly JournalEntry[],
  ): Promise<boolean>;
  /** Remembers the highest version that an incarnation acknowledged. */
  recordAcknowledgedFloor(
    uid: string,
    version: AssignmentVersion,
  ): Promise<void>;
}
