import { type ObjectId } from "@wheelhouse/kube-object";
import { type JournalEntry } from "./journal.ts";

/** A cluster, or with a bundle's name that bundle in it, frozen by a person. */
export interface Suspension {
  readonly cluster: string;
  readonly bundle: string | null;
  readonly actor: string;
  /** RFC 3339. */
  readonly at: string;
}

/** A deletion that a person allowed, in one cluster. */
export interface PruneApproval {
  readonly cluster: string;
  /** The object's key. */
  readonly key: string;
  readonly object: ObjectId;
  readonly actor: string;
  readonly at: string;
}

/** What people decided beside Git. */
export interface OverrideStore {
  suspensions(): Promise<readonly Suspension[]>;
  /** Adds one; nothing where it is there. */
  suspend(
    suspension: Suspension,
    journal: readonly JournalEntry[],
  ): Promise<void>;
  /** Takes one back; false where there is none. */
  resume(
    subject: Pick<Suspension, "cluster" | "bundle">,
    journal: readonly JournalEntry[],
  ): Promise<boolean>;
  pruneApprovals(): Promise<readonly PruneApproval[]>;
  approvePrunes(
    approvals: readonly PruneApproval[],
    journal: readonly JournalEntry[],
  ): Promise<void>;
  /** Drops approvals that were used. */
  dropPruneApprovals(
    approvals: readonly Pick<PruneApproval, "cluster" | "key">[],
  ): Promise<void>;
}
