import { randomUUID } from "node:crypto";
import { type Clock } from "@wheelhouse/clock";
import { createEnvelope } from "@wheelhouse/assignment";
import {
  type ClusterRecord,
  type HubStore,
  type IssuedAssignment,
} from "@wheelhouse/hub-store";
import {
  type IssueContent,
  type NumberProblem,
  deletionsFor,
  nextVersion,
  releasedBundles,
} from "@wheelhouse/rollout";
import { type HubKeys, signEnvelope } from "@wheelhouse/trust";
import { isoNow } from "../iso-now.ts";

/** A new assignment, signed and not yet stored. */
export type NewAssignment = Pick<IssuedAssignment, "envelope" | "signed">;

/** A new assignment, or why there can be none. */
export type IssueResult =
  | { readonly ok: true; readonly assignment: NewAssignment }
  | {
      readonly ok: false;
      readonly problem: "DelegationEnded" | NumberProblem;
    };

/** A new uid for an incarnation of a cluster. */
export function createClusterUid(): string {
  return randomUUID();
}

/** Makes the next assignment of a cluster: the next seq of its name, its newest incarnation as audience, and what people allowed to be deleted. */
export class AssignmentIssuer {
  readonly #keys: HubKeys;
  readonly #store: Pick<HubStore, "assignments" | "overrides">;
  readonly #clock: Clock;

  constructor(
    keys: HubKeys,
    store: Pick<HubStore, "assignments" | "overrides">,
    clock: Clock,
  ) {
    this.#keys = keys;
    this.#store = store;
    this.#clock = clock;
  }

  /** Under which it signs. */
  get epoch(): number {
    return this.#keys.delegation.epoch;
  }

  /** Whether the delegation still lives; nothing is issued after it. */
  canIssue(): boolean {
    const endMs = Date.parse(this.#keys.delegation.notAfter);
    return this.#clock.nowMs() < endMs;
  }

  async next(
    record: Pick<
      ClusterRecord,
      "name" | "uid" | "acknowledgedFloor" | "issuedNumber"
    >,
    { bundles, revision }: IssueContent,
  ): Promise<IssueResult> {
    if (!this.canIssue()) return { ok: false, problem: "DelegationEnded" };
    const { name: cluster, uid: audience, acknowledgedFloor } = record;
    const next = nextVersion({ epoch: this.epoch, ...record });
    if (!next.ok) return next;
    const { assignments, overrides } = this.#store;
    const last = await assignments.newest(audience);
    const released = releasedBundles({
      ...{ cluster, bundles, acknowledgedFloor },
      suspensions: await overrides.suspensions(),
      last: last?.envelope ?? null,
    });
    const envelope = createEnvelope({
      ...next.version,
      fleet: this.#keys.delegation.fleet,
      ...{ cluster, audience, revision, bundles },
      issuedAt: isoNow(this.#clock),
      allowDelete: deletionsFor(cluster, await overrides.pruneApprovals()),
      released,
    });
    const signed = signEnvelope(this.#keys, envelope);
    return { ok: true, assignment: { envelope, signed } };
  }
}
