import { type Clock } from "@wheelhouse/clock";
import {
  type HubStore,
  type JournalEntry,
  type RolloutCommit,
  type StoredRollout,
} from "@wheelhouse/hub-store";
import {
  type RolloutState,
  afterRestart,
  isEntryNews,
} from "@wheelhouse/rollout";
import { isoNow } from "../iso-now.ts";
import { type HubLog } from "../log.ts";
import { type NewAssignment } from "./assignment-issuer.ts";

/** The fleet's one rollout is stored under this name, whatever its Rollout object is called. */
const rolloutKey = "fleet";

/** What a ledger needs. */
export interface RolloutLedgerOptions {
  readonly store: Pick<HubStore, "rollouts">;
  readonly clock: Clock;
  readonly log: HubLog;
  /** Offers a new assignment to a spoke that is here. */
  readonly notify: (uid: string) => void;
}

/** What is stored as one transaction. */
export interface LedgerEntry {
  /** Null where no step was taken: the state stays as it is. */
  readonly state: RolloutState | null;
  readonly issued: readonly NewAssignment[];
  readonly confirmed: RolloutCommit["confirmed"];
  readonly journal: readonly JournalEntry[];
}

/**
 * The rollout as it is stored, by compare-and-set, and the state that the
 * last step left in memory, which may be ahead by the clock and by tallies.
 * Spokes are told of an assignment once it is stored, and not before.
 */
export class RolloutLedger {
  readonly #options: RolloutLedgerOptions;
  #written: StoredRollout | null = null;
  #state: RolloutState | null = null;
  #isTrusted = false;

  constructor(options: RolloutLedgerOptions) {
    this.#options = options;
  }

  /** As stored, with the state that the last step left. */
  get rollout(): StoredRollout | null {
    if (this.#written === null || this.#state === null) return null;
    return { ...this.#written, state: this.#state };
  }

  /** Whether memory is what is stored: false before the first `load`, once a write was not stored, and where nobody knows whether it was. */
  get isTrusted(): boolean {
    return this.#isTrusted;
  }

  /** Reads the rollout where it is not known. A restart adds nothing to any time. */
  async load(): Promise<void> {
    if (this.#isTrusted) return;
    const written = await this.#options.store.rollouts.get(rolloutKey);
    this.#written = written;
    this.#state = written === null ? null : afterRestart(written.state);
    this.#isTrusted = true;
  }

  /** What is in memory is not trusted any more: the next `load` reads the store. */
  distrust(): void {
    this.#isTrusted = false;
  }

  /** Stores an entry where it says anything that is not stored, and tells the spokes; false where another write came between. */
  async write(entry: LedgerEntry): Promise<boolean> {
    const { state } = entry;
    const isNews = isEntryNews(this.#written?.state ?? null, entry);
    if (isNews && !(await this.#commit(entry))) return false;
    if (state !== null) this.#state = state;
    return true;
  }

  async #commit({ state, ...entry }: LedgerEntry): Promise<boolean> {
    const { store, clock, log } = this.#options;
    const committed = await store.rollouts.commit({
      name: rolloutKey,
      expectedVersion: this.#written?.version ?? 0,
      state,
      at: isoNow(clock),
      ...entry,
    });
    if (!committed.ok) {
      log.warn("rollout step not stored", { reason: committed.problem });
      this.distrust();
      return false;
    }
    if (state !== null) {
      this.#written = await store.rollouts.get(rolloutKey);
    }
    this.#tell(entry.issued);
    return true;
  }

  #tell(issued: readonly NewAssignment[]): void {
    for (const { envelope } of issued) {
      const { cluster, epoch, seq, root, audience: uid } = envelope;
      this.#options.log.info("assignment issued", {
        ...{ cluster, uid, epoch, seq, root },
        commit: envelope.revision.commit,
      });
      this.#options.notify(uid);
    }
  }
}
