import { type Clock } from "@wheelhouse/clock";
import { type BundleName } from "@wheelhouse/assignment";
import {
  type ClusterRecord,
  type HubStore,
  type IssuedAssignment,
} from "@wheelhouse/hub-store";
import {
  type IssueContent,
  isOvertaken,
  numberAdvice,
  planReissue,
  planReplacement,
} from "@wheelhouse/rollout";
import { isoNow } from "../iso-now.ts";
import { type AssignmentIssuer } from "./assignment-issuer.ts";
import { type LiveSessions } from "@wheelhouse/spoke-sessions";
import { type RolloutLedger } from "./rollout-ledger.ts";
import { issuedLine } from "./rollout-records.ts";

/** What issues outside waves need. */
export interface UnscheduledIssuesOptions {
  readonly store: HubStore;
  readonly issuer: AssignmentIssuer;
  readonly live: LiveSessions;
  readonly clock: Clock;
  readonly ledger: RolloutLedger;
}

/** Carries out what is issued outside waves: replacements, and what a person decided about one cluster. Never between the reading and the storing of a step. */
export class UnscheduledIssues {
  readonly #options: UnscheduledIssuesOptions;
  #waits: ReadonlyMap<string, string> = new Map();

  constructor(options: UnscheduledIssuesOptions) {
    this.#options = options;
  }

  /** Clusters in another's place that could not be given its assignment at the last look, each with the reason. */
  get waits(): ReadonlyMap<string, string> {
    return this.#waits;
  }

  /** Gives clusters in another's place what that one was last confirmed at. */
  async replace(): Promise<void> {
    const { store, live } = this.#options;
    const waits = new Map<string, string>();
    for (const record of await store.registry.list()) {
      const { repoint, name, uid } = record;
      if (repoint === null) continue;
      const last = await store.assignments.lastConfirmed(name);
      const content = planReplacement(
        {
          isRepointed: true,
          hasJoined: record.phase === "Joined",
          isConnected: Boolean(live.get(uid)?.session),
          hasAssignment: (await store.assignments.newest(uid)) !== null,
        },
        last?.envelope ?? null,
      );
      if (content === null) continue;
      const why = `takes the place of ${repoint.formerUid}`;
      const problem = await this.#issue(record, content, why);
      if (problem !== null) waits.set(name, problem);
    }
    this.#waits = waits;
  }

  /** Issues what a cluster has once more, with what a person allowed to be deleted, and with `bundle` suspended or not as people decided. Gives why nothing was issued, or null. */
  async again(
    cluster: string,
    bundle: BundleName | null,
    why: string,
  ): Promise<string | null> {
    const { store } = this.#options;
    const record = await store.registry.get(cluster);
    const newest =
      record === null ? null : await store.assignments.newest(record.uid);
    if (record === null || newest === null) return "it has nothing yet";
    if (this.#isOvertaken(record, newest)) {
      return "its spoke has a later assignment than this hub knows of: once the rollout has issued it anew, try again";
    }
    const { revision, bundles } = newest.envelope;
    const suspensions = await store.overrides.suspensions();
    const isThere = bundles.some(({ spec }) => spec.name === bundle);
    const isFrozen = suspensions.some(
      (one) => one.cluster === cluster && one.bundle === bundle,
    );
    // Whoever suspends it is not told that it is kept: it was issued without it a moment before.
    if (bundle !== null && isFrozen && !isThere) return "it has just left Git";
    const content = planReissue(
      newest.envelope,
      bundle,
      bundle === null
        ? null
        : await store.revisions.target(revision.commit, cluster),
      suspensions,
    );
    return content === null ? null : this.#issue(record, content, why);
  }

  /** Whether the spoke has something else than what is known as the newest: that would put it back. A later epoch is another matter, told of where a number is sought. */
  #isOvertaken(record: ClusterRecord, { envelope }: IssuedAssignment): boolean {
    const { live, issuer } = this.#options;
    const isLater = (record.acknowledgedFloor?.epoch ?? 0) > issuer.epoch;
    const held = live.get(record.uid)?.acknowledged?.root;
    return !isLater && held !== envelope.root && isOvertaken(envelope, record);
  }

  async #issue(
    record: ClusterRecord,
    content: IssueContent,
    why: string,
  ): Promise<string | null> {
    const { issuer, ledger, clock } = this.#options;
    const next = await issuer.next(record, content);
    if (!next.ok) {
      return next.problem === "DelegationEnded"
        ? "the delegation has ended; run wheelhouse hub delegate --data DIR --root-key FILE"
        : `it ${numberAdvice(next.problem, record.name, { epoch: issuer.epoch, ...record })}`;
    }
    const isStored = await ledger.write({
      state: null,
      issued: [next.assignment],
      confirmed: [],
      journal: [issuedLine(next.assignment, isoNow(clock), why)],
    });
    return isStored ? null : "it could not be stored";
  }
}
