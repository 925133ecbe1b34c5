import { type SignedEnvelope, compareVersions } from "@wheelhouse/assignment";
import { type AssignmentStore, type StoredMark } from "@wheelhouse/kube-apply";

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
 * (S5, also with two instances). Passes that ask while a read is on its way
 * share the next one, so that a hundred bundles cost a few reads.
 */
export class AssignmentGuard {
  readonly #store: AssignmentStore;
  readonly #current: () => CurrentAssignment | undefined;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(
    store: AssignmentStore,
    current: () => CurrentAssignment | undefined,
  ) {
    this.#store = store;
    this.#current = current;
  }

  /** Throws `SupersededError` where what is worked on is not the newest, and `KubeError` where that cannot be read. */
  requireNewest(): Promise<void> {
    if (this.#running === undefined) return this.#start();
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return this.#start();
      });
    return this.#next;
  }

  #start(): Promise<void> {
    const running = this.#check().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }

  async #check(): Promise<void> {
    const current = this.#current();
    if (current === undefined) return;
    const stored = await this.#store.loadMark();
    if (stored === null) {
      // Somebody deleted the Secret. What is worked on was verified, so it is made durable again.
      await this.#store.acknowledge(current.signed, current.mark);
      return;
    }
    if (compareVersions(stored, current.mark) > 0) {
      throw new SupersededError(stored);
    }
  }
}
