import {
  type AssignmentVersion,
  type SignedEnvelope,
  compareVersions,
} from "@wheelhouse/assignment";
import { type RatchetSecret, type StoredMark } from "@wheelhouse/kube-apply";

/** Another instance has acknowledged a newer assignment: nothing more is written under the old one. */
export class SupersededError extends Error {
  readonly by: StoredMark;

  constructor(by: StoredMark) {
    super(`assignment ${by.epoch}/${by.seq} is newer`);
    this.name = "SupersededError";
    this.by = by;
  }
}

/** What is worked on now. */
export interface CurrentAssignment {
  readonly mark: StoredMark;
  readonly signed: SignedEnvelope;
}

/**
 * Checks before writes that no newer assignment is acknowledged in the cluster
 * (S5, also with two instances), and none is taken up in this process. Passes
 * that ask while a read is on its way share the next one, so that a hundred
 * bundles cost a few reads.
 */
export class AssignmentGuard {
  readonly #store: RatchetSecret;
  readonly #current: () => CurrentAssignment | undefined;
  #running: Promise<StoredMark | null> | undefined;
  #next: Promise<StoredMark | null> | undefined;

  constructor(
    store: RatchetSecret,
    current: () => CurrentAssignment | undefined,
  ) {
    this.#store = store;
    this.#current = current;
  }

  /** Throws `SupersededError` where the assignment that a pass works on is not the newest, and `KubeError` where that cannot be read. */
  async requireNewest(worked: AssignmentVersion): Promise<void> {
    this.#requireCurrent(worked);
    const stored = await this.#read();
    // Another one may have been taken up while that was read.
    this.#requireCurrent(worked);
    if (stored !== null && compareVersions(stored, worked) > 0) {
      throw new SupersededError(stored);
    }
  }

  #requireCurrent(worked: AssignmentVersion): void {
    const mark = this.#current()?.mark;
    if (mark !== undefined && compareVersions(mark, worked) > 0) {
      throw new SupersededError(mark);
    }
  }

  #read(): Promise<StoredMark | null> {
    if (this.#running === undefined) return this.#start();
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return this.#start();
      });
    return this.#next;
  }

  #start(): Promise<StoredMark | null> {
    const running = this.#load().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }

  async #load(): Promise<StoredMark | null> {
    const current = this.#current();
    const stored = await this.#store.loadMark();
    if (stored !== null || current === undefined) return stored;
    // Somebody deleted the Secret. What is worked on was verified, so it is made durable again.
    const outcome = await this.#store.acknowledge(current.signed, current.mark);
    return outcome.kind === "superseded" ? outcome.by : current.mark;
  }
}
