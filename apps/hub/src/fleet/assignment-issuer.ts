import { randomUUID } from "node:crypto";
import {
  type AssignedBundle,
  type Revision,
  createEnvelope,
} from "@wheelhouse/assignment";
import {
  type ClusterRecord,
  type HubStore,
  type IssuedAssignment,
} from "@wheelhouse/hub-store";
import { type HubKeys, signEnvelope } from "@wheelhouse/trust";
import { type HubClock, isoNow } from "../hub-clock.ts";

/** A new assignment, signed and not yet stored. */
export type NewAssignment = Pick<IssuedAssignment, "envelope" | "signed">;

/** A new uid for an incarnation of a cluster. */
export function createClusterUid(): string {
  return randomUUID();
}

/** Makes the next assignment of a cluster: the next seq of its name, its newest incarnation as audience, and what a person allowed to be deleted. */
export class AssignmentIssuer {
  readonly #keys: HubKeys;
  readonly #store: Pick<HubStore, "assignments" | "overrides">;
  readonly #clock: HubClock;

  constructor(
    keys: HubKeys,
    store: Pick<HubStore, "assignments" | "overrides">,
    clock: HubClock,
  ) {
    this.#keys = keys;
    this.#store = store;
    this.#clock = clock;
  }

  get epoch(): number {
    return this.#keys.delegation.epoch;
  }

  /** Whether the delegation still lives; nothing is issued after it. */
  canIssue(): boolean {
    const endMs = Date.parse(this.#keys.delegation.notAfter);
    return this.#clock.nowMs() < endMs;
  }

  /** False where the cluster acknowledged a later epoch: this hub was restored from before it, and needs a new delegation. */
  isAhead({ acknowledgedFloor }: ClusterRecord): boolean {
    return (acknowledgedFloor?.epoch ?? 0) <= this.epoch;
  }

  async next(
    record: ClusterRecord,
    bundles: readonly AssignedBundle[],
    revision: Revision,
  ): Promise<NewAssignment> {
    const { epoch } = this;
    const stored = await this.#store.assignments.highestSeq(record.name, epoch);
    const floor = record.acknowledgedFloor;
    const acknowledged = floor?.epoch === epoch ? floor.seq : 0;
    const approvals = await this.#store.overrides.pruneApprovals();
    const envelope = createEnvelope({
      fleet: this.#keys.delegation.fleet,
      cluster: record.name,
      audience: record.uid,
      epoch,
      seq: Math.max(stored, acknowledged) + 1,
      revision,
      issuedAt: isoNow(this.#clock),
      bundles,
      allowDelete: approvals
        .filter(({ cluster }) => cluster === record.name)
        .map(({ object }) => object),
    });
    return { envelope, signed: signEnvelope(this.#keys, envelope) };
  }
}
