import { type BundleName, type Revision } from "@wheelhouse/assignment";
import {
  type ClusterRecord,
  type HubStore,
  type IssuedAssignment,
  type StoredRollout,
} from "@wheelhouse/hub-store";
import {
  type ClusterFact,
  type RolloutCommand,
  type RolloutEffect,
  type RolloutReason,
  type RolloutState,
  type RolloutStep,
  step,
} from "@wheelhouse/rollout";
import { type WorkResult } from "@wheelhouse/work-queue";
import { type HubClock, isoNow } from "../hub-clock.ts";
import { type HubLog } from "../log.ts";
import {
  type AssignmentIssuer,
  type NewAssignment,
} from "./assignment-issuer.ts";
import { RolloutInputReader } from "./rollout-input-reader.ts";
import {
  confirmationsOf,
  isSameState,
  issuedLine,
  journalOf,
} from "./rollout-records.ts";
import { type LiveSessions } from "./live-sessions.ts";
import { recordAcknowledgements } from "./acknowledgements.ts";
import { suspendBundles, withDecision } from "./suspended-bundles.ts";

/** The fleet's one rollout is stored under this name, whatever its Rollout object is called. */
const rolloutKey = "fleet";

/** How often a rollout that moves is looked at. */
const activeMs = 1_000;
/** How often one that waits for a person, with clusters still in flight. */
const waitingMs = 5_000;
/** A step may change which revision's targets the next one needs; more than this many in a row is a mistake. */
const maxRounds = 4;
/** How often a write that met another one is tried. */
const maxAttempts = 3;

const delegationEnded =
  "the delegation has ended; run wheelhouse hub delegate --data DIR --root-key FILE";
const epochLost =
  "it acknowledged a later epoch than this hub has; run wheelhouse hub delegate --data DIR --root-key FILE";

/** What a rollout came to, for those who show it. */
export interface RolloutView {
  readonly stored: StoredRollout | null;
  readonly facts: readonly ClusterFact[];
  readonly reasons: readonly RolloutReason[];
}

/** What a runner is made from. */
export interface RolloutRunnerOptions {
  readonly store: HubStore;
  readonly issuer: AssignmentIssuer;
  readonly live: LiveSessions;
  readonly clock: HubClock;
  readonly log: HubLog;
  /** Offers a new assignment to a spoke that is here. */
  readonly notify: (uid: string) => void;
  readonly onView: () => void;
}

interface Waiting {
  readonly command: RolloutCommand;
  readonly settle: (refused: string | null) => void;
  readonly fail: (error: unknown) => void;
}

/** Steps the rollout: facts in, decision out, stored with all it decided as one transaction, and only then told to anybody. Runs never overlap. */
export class RolloutRunner {
  readonly #options: RolloutRunnerOptions;
  readonly #inputs: RolloutInputReader;
  readonly #waiting: Waiting[] = [];
  #stored: StoredRollout | null = null;
  #isLoaded = false;
  #last: Promise<unknown> = Promise.resolve();
  #wants: Revision | null = null;
  #completed: Revision | null = null;
  #view: RolloutView = { stored: null, facts: [], reasons: [] };

  constructor(options: RolloutRunnerOptions) {
    this.#options = options;
    this.#inputs = new RolloutInputReader(options);
  }

  get view(): RolloutView {
    return this.#view;
  }

  /** Leaves a person's command for the next run; resolves with why it was refused, or null, and rejects where that run fails. The caller triggers the run. */
  command(command: RolloutCommand): Promise<string | null> {
    return new Promise((settle, fail) =>
      this.#waiting.push({ command, settle, fail }),
    );
  }

  run(): Promise<WorkResult> {
    return this.#alone(async () => {
      try {
        return await this.#run();
      } catch (error) {
        // Nobody knows what was stored, and nobody who asked may wait for ever.
        this.#isLoaded = false;
        for (const { fail } of this.#waiting.splice(0)) fail(error);
        throw error;
      }
    });
  }

  /** One after the other: steps, and what is issued between them. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#last.then(work);
    this.#last = run.catch(() => undefined);
    return run;
  }

  async #run(): Promise<WorkResult> {
    await this.#load();
    await recordAcknowledgements(this.#options);
    if (this.#options.issuer.canIssue()) await this.#issueReplacements();
    let isAgain = true;
    for (let round = 0; isAgain && round < maxRounds; round += 1) {
      isAgain = await this.#runOnce();
    }
    this.#options.onView();
    if (this.#waiting.length > 0) {
      const why = "a command waits";
      return { kind: "requeueAfter", afterMs: activeMs, why };
    }
    return nextRun(this.#stored?.state ?? null);
  }

  /** A restart adds nothing to any time. */
  async #load(): Promise<void> {
    if (this.#isLoaded) return;
    const stored = await this.#options.store.rollouts.get(rolloutKey);
    this.#stored =
      stored === null
        ? null
        : { ...stored, state: { ...stored.state, steppedAtMs: null } };
    this.#isLoaded = true;
  }

  /** One step; true where the next is due at once. */
  async #runOnce(): Promise<boolean> {
    const { store, clock } = this.#options;
    const head = await store.revisions.head();
    const state = this.#stored?.state ?? null;
    const targetsAt = this.#wants ?? state?.revision ?? head?.revision ?? null;
    const input = await this.#inputs.read(
      head,
      state,
      targetsAt,
      this.#completed,
    );
    const [waiting] = this.#waiting;
    const mayIssue = this.#options.issuer.canIssue();
    const result = step(
      state,
      { ...input, mayIssue, command: waiting?.command ?? null },
      { monotonicMs: clock.monotonicMs(), iso: isoNow(clock) },
    );
    const isStored = await this.#commit(result);
    if (!isStored) {
      this.#isLoaded = false;
      await this.#load();
      return true;
    }
    if (waiting !== undefined) this.#waiting.shift();
    waiting?.settle(result.refused);
    this.#wants = result.wants;
    this.#completed = result.completed;
    this.#view = {
      stored: this.#stored,
      facts: input.clusters,
      reasons: result.reasons,
    };
    const isElsewhere =
      result.wants !== null && result.wants.commit !== targetsAt?.commit;
    return isElsewhere || this.#waiting.length > 0;
  }

  /** Stores a step and tells the spokes; false where another step came between. */
  async #commit(result: RolloutStep): Promise<boolean> {
    const { store, clock, log } = this.#options;
    const before = this.#stored;
    if (result.effects.length === 0 && isSameState(before, result.state)) {
      this.#keep(result.state);
      return true;
    }
    const records = new Map(
      (await store.registry.list()).map((record) => [record.name, record]),
    );
    const issued = await this.#issue(result.effects, records);
    const at = isoNow(clock);
    const committed = await store.rollouts.commit({
      name: rolloutKey,
      expectedVersion: before?.version ?? 0,
      state: result.state,
      issued,
      confirmed: confirmationsOf(result.effects, records),
      at,
      journal: journalOf(result, issued, at),
    });
    if (!committed.ok) {
      log.warn("rollout step not stored", { reason: committed.problem });
      return false;
    }
    this.#stored = await store.rollouts.get(rolloutKey);
    this.#keep(result.state);
    this.#tell(issued);
    return true;
  }

  /** The state in memory keeps when it was stepped; a stored one must not be trusted with it. */
  #keep(state: RolloutState | null): void {
    if (this.#stored !== null && state !== null) {
      this.#stored = { ...this.#stored, state };
    }
  }

  async #issue(
    effects: readonly RolloutEffect[],
    records: ReadonlyMap<string, ClusterRecord>,
  ): Promise<readonly NewAssignment[]> {
    const { store, issuer } = this.#options;
    const suspensions = await store.overrides.suspensions();
    const issued: NewAssignment[] = [];
    for (const effect of effects) {
      if (effect.kind !== "issue") continue;
      const { cluster, revision } = effect;
      const record = records.get(cluster);
      const target = await store.revisions.target(revision.commit, cluster);
      if (record === undefined || target === null) continue;
      if (!issuer.isAhead(record)) continue;
      const bundles = suspendBundles(cluster, target.bundles, suspensions);
      const next = await issuer.next(record, bundles, revision);
      const newest = await store.assignments.newest(record.uid);
      if (newest?.envelope.root === next.envelope.root) continue;
      issued.push(next);
    }
    return issued;
  }

  /** A cluster in another's place gets what that one was last confirmed at, outside waves. */
  async #issueReplacements(): Promise<void> {
    const { store, live, issuer } = this.#options;
    for (const record of await store.registry.list()) {
      const isWaiting =
        record.repoint !== null &&
        record.phase === "Joined" &&
        Boolean(live.get(record.uid)?.session);
      if (!isWaiting || !issuer.isAhead(record)) continue;
      if (await store.assignments.newest(record.uid)) continue;
      const former = await store.assignments.lastConfirmed(record.name);
      if (former === null) continue;
      const { bundles, revision } = former.envelope;
      const next = await issuer.next(record, bundles, revision);
      await this.#store(
        next,
        `takes the place of ${record.repoint?.formerUid}`,
      );
    }
  }

  /** Issues what a cluster has once more, with what a person allowed to be deleted, and with `bundle` suspended or not as people decided. Gives why nothing was issued, or null. */
  issueAgain(
    cluster: string,
    why: string,
    bundle: BundleName | null = null,
  ): Promise<string | null> {
    return this.#alone(async () => {
      let problem: string | null = null;
      for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
        await this.#load();
        problem = await this.#issueAgain(cluster, why, bundle);
        if (this.#isLoaded) break;
      }
      return problem;
    });
  }

  async #issueAgain(
    cluster: string,
    why: string,
    bundle: BundleName | null,
  ): Promise<string | null> {
    const { store, issuer } = this.#options;
    const record = await store.registry.get(cluster);
    const newest: IssuedAssignment | null =
      record === null ? null : await store.assignments.newest(record.uid);
    if (record === null || newest === null) return "it has nothing yet";
    if (!issuer.canIssue()) return delegationEnded;
    if (!issuer.isAhead(record)) return epochLost;
    const { bundles, revision, root } = newest.envelope;
    if (bundle === null) {
      return this.#store(await issuer.next(record, bundles, revision), why);
    }
    const decided = withDecision(
      { cluster, bundle, bundles },
      await store.revisions.target(revision.commit, cluster),
      await store.overrides.suspensions(),
    );
    const next = await issuer.next(record, decided, revision);
    return next.envelope.root === root ? null : this.#store(next, why);
  }

  /** Stores an assignment that no step asked for. Gives why it could not, or null. */
  async #store(next: NewAssignment, why: string): Promise<string | null> {
    const { store, clock, log } = this.#options;
    const at = isoNow(clock);
    const committed = await store.rollouts.commit({
      name: rolloutKey,
      expectedVersion: this.#stored?.version ?? 0,
      state: null,
      issued: [next],
      confirmed: [],
      at,
      journal: [issuedLine(next, at, why)],
    });
    if (!committed.ok) {
      log.warn("assignment not stored", { reason: committed.problem });
      this.#isLoaded = false;
      return "it could not be stored";
    }
    this.#tell([next]);
    return null;
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

/** While times run, the rollout is looked at; otherwise only news wakes it. */
function nextRun(state: RolloutState | null): WorkResult {
  const isEmpty = Object.keys(state?.clusters ?? {}).length === 0;
  if (state === null || isEmpty) return { kind: "settled" };
  const isInFlight = Object.values(state.clusters).some(
    ({ version, confirmed, asked }) =>
      asked !== null || (version !== null && !confirmed),
  );
  if (state.phase === "Progressing") {
    return { kind: "requeueAfter", afterMs: activeMs, why: "it moves" };
  }
  return isInFlight
    ? { kind: "requeueAfter", afterMs: waitingMs, why: "clusters in flight" }
    : { kind: "settled" };
}
