import {
  type AssignmentVersion,
  type Envelope,
  compareVersions,
} from "@wheelhouse/assignment";
import {
  type RegisteredRecord,
  type RolloutState,
  type StoredIssue,
  afterIssue,
} from "@wheelhouse/rollout";
import { type Commit } from "./fleet-repo.ts";

/** One step, to be stored whole or not at all. */
export interface DurableEntry {
  readonly expectedVersion: number;
  readonly state: RolloutState | null;
  readonly issued: readonly Envelope[];
  readonly confirmed: readonly ({ readonly uid: string } & AssignmentVersion)[];
}

/** What a hub's database holds: the rules of `hub-store`, as its contract suite has them, without a disk. */
export class DurableHub {
  head: Commit | null = null;
  rollout: { readonly version: number; readonly state: string } | null = null;
  readonly commits = new Map<string, Commit>();
  readonly records = new Map<string, RegisteredRecord>();
  readonly #issued = new Map<string, readonly StoredIssue[]>();

  /** A backup: what is stored later does not show in it. */
  copy(): DurableHub {
    const copy = new DurableHub();
    copy.head = this.head;
    copy.rollout = this.rollout;
    for (const [commit, stored] of this.commits)
      copy.commits.set(commit, stored);
    for (const [name, record] of this.records) copy.records.set(name, record);
    for (const [uid, issued] of this.#issued) copy.#issued.set(uid, issued);
    return copy;
  }

  newest(uid: string): StoredIssue | null {
    return this.#issued.get(uid)?.at(-1) ?? null;
  }

  newestByUid(): ReadonlyMap<string, StoredIssue> {
    return new Map(
      [...this.records.values()].flatMap(({ uid }) => {
        const newest = this.newest(uid);
        return newest === null ? [] : [[uid, newest] as const];
      }),
    );
  }

  get(uid: string, version: AssignmentVersion): Envelope | null {
    const issued = this.#issued.get(uid) ?? [];
    const found = issued.find(
      (one) => compareVersions(one.envelope, version) === 0,
    );
    return found?.envelope ?? null;
  }

  recordFloor(name: string, floor: AssignmentVersion): void {
    const record = this.records.get(name);
    if (record === undefined) return;
    const before = record.acknowledgedFloor;
    if (before !== null && compareVersions(floor, before) <= 0) return;
    const { epoch, seq } = floor;
    this.records.set(name, { ...record, acknowledgedFloor: { epoch, seq } });
  }

  /** False where another write came between, or a number is not new. */
  commit({ expectedVersion, state, issued, confirmed }: DurableEntry): boolean {
    if ((this.rollout?.version ?? 0) !== expectedVersion) return false;
    const isOld = issued.some((envelope) => {
      const newest = this.newest(envelope.audience);
      return newest !== null && compareVersions(envelope, newest.envelope) <= 0;
    });
    if (isOld) return false;
    if (state !== null) {
      const version = expectedVersion + 1;
      this.rollout = { version, state: JSON.stringify(state) };
    }
    for (const envelope of issued) {
      const before = this.#issued.get(envelope.audience) ?? [];
      const next = { envelope, confirmedAt: null };
      this.#issued.set(envelope.audience, [...before.slice(-20), next]);
      this.#takeNumber(envelope);
    }
    for (const { uid, ...version } of confirmed) this.#confirm(uid, version);
    return true;
  }

  #takeNumber(envelope: Envelope): void {
    const record = this.records.get(envelope.cluster);
    if (record === undefined) return;
    const issuedNumber = afterIssue(record.issuedNumber, envelope);
    this.records.set(record.name, { ...record, issuedNumber });
  }

  #confirm(uid: string, version: AssignmentVersion): void {
    const issued = this.#issued.get(uid) ?? [];
    this.#issued.set(
      uid,
      issued.map((one) =>
        compareVersions(one.envelope, version) === 0
          ? { ...one, confirmedAt: one.confirmedAt ?? "then" }
          : one,
      ),
    );
  }
}
