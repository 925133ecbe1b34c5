import { type Clock } from "@wheelhouse/clock";
import { type BundleName } from "@wheelhouse/assignment";
import { type HubStore, type StoredRollout } from "@wheelhouse/hub-store";
import {
  type ClusterFact,
  type RolloutCommand,
  type RolloutReason,
  type Round,
  emptyMemory,
  nextLook,
  takeRound,
  targetsFor,
  wantsElsewhere,
} from "@wheelhouse/rollout";
import { type WorkResult } from "@wheelhouse/work-queue";
import { isoNow } from "../iso-now.ts";
import { type HubLog } from "../log.ts";
import { Acknowledgements } from "./acknowledgements.ts";
import {
  type AssignmentIssuer,
  type NewAssignment,
} from "./assignment-issuer.ts";
import { type LiveSessions } from "@wheelhouse/spoke-sessions";
import { RolloutInputReader } from "./rollout-input-reader.ts";
import { RolloutLedger } from "./rollout-ledger.ts";
import { journalOf } from "./rollout-records.ts";
import { UnscheduledIssues } from "./unscheduled-issues.ts";

/** A step may change which revision's targets the next one needs; more than this many in a row is a mistake. */
const maxRounds = 4;
/** How often a write that met another one is tried. */
const maxAttempts = 3;
/** When a command that came during a run is looked at. */
const commandMs = 1_000;

/** The rollout as its last step left it, for those who show it. */
export interface SteppedRollout {
  readonly stored: StoredRollout | null;
  readonly facts: readonly ClusterFact[];
  readonly reasons: readonly RolloutReason[];
  /** Why clusters in another's place have no assignment yet, by name. */
  readonly waits: ReadonlyMap<string, string>;
}

/** What a runner is made from. */
export interface RolloutRunnerOptions {
  readonly store: HubStore;
  readonly issuer: AssignmentIssuer;
  readonly live: LiveSessions;
  readonly clock: Clock;
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

/**
 * Steps the rollout: reads, asks `@wheelhouse/rollout` what follows, stores
 * that whole, and only then tells anybody. It decides nothing itself. Runs
 * never overlap.
 *
 * From a commit to its offer it is nine hops, each of which may be repeated
 * without harm; `docs/architecture.md` has the way on, and back:
 *
 *     1 FleetFollower.follow      git-source has a new commit
 *     2 compileRevision           fleet-model, compile, render: targets
 *     3 RevisionStore.putHead     hub-store: they are the head
 *     4 WorkQueue.trigger         work-queue: a step is due
 *     5 RolloutInputReader.read   hub-store and live sessions: facts
 *     6 takeRound                 rollout: who is issued what, and why
 *     7 AssignmentIssuer.next     assignment, trust: numbered and signed
 *     8 RolloutLedger.write       hub-store: stored whole
 *     9 SpokeServer.notify        spoke-sessions: offered
 */
export class RolloutRunner {
  readonly #options: RolloutRunnerOptions;
  readonly #ledger: RolloutLedger;
  readonly #inputs: RolloutInputReader;
  readonly #acknowledgements: Acknowledgements;
  readonly #unscheduled: UnscheduledIssues;
  readonly #waiting: Waiting[] = [];
  #last: Promise<unknown> = Promise.resolve();
  #memory = emptyMemory;
  #facts: readonly ClusterFact[] = [];
  #reasons: readonly RolloutReason[] = [];

  constructor(options: RolloutRunnerOptions) {
    this.#options = options;
    this.#ledger = new RolloutLedger(options);
    const { ledger, parts } = { ledger: this.#ledger, parts: options };
    this.#inputs = new RolloutInputReader({
      ...parts,
      epoch: options.issuer.epoch,
    });
    this.#acknowledgements = new Acknowledgements(parts);
    this.#unscheduled = new UnscheduledIssues({ ...parts, ledger });
  }

  get view(): SteppedRollout {
    const stored = this.#ledger.rollout;
    const { waits } = this.#unscheduled;
    return { stored, facts: this.#facts, reasons: this.#reasons, waits };
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
        this.#ledger.distrust();
        for (const { fail } of this.#waiting.splice(0)) fail(error);
        throw error;
      }
    });
  }

  /** Issues what a cluster has once more, with what people decided about it since. Gives why nothing was issued, or null. */
  issueAgain(
    cluster: string,
    why: string,
    bundle: BundleName | null = null,
  ): Promise<string | null> {
    return this.#alone(async () => {
      let problem: string | null = null;
      for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
        await this.#ledger.load();
        problem = await this.#unscheduled.again(cluster, bundle, why);
        if (this.#ledger.isTrusted) break;
      }
      return problem;
    });
  }

  /** One after the other: steps, and what is issued between them. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#last.then(work);
    this.#last = run.catch(() => undefined);
    return run;
  }

  async #run(): Promise<WorkResult> {
    await this.#ledger.load();
    await this.#acknowledgements.record();
    await this.#unscheduled.replace();
    let isAgain = true;
    for (let round = 0; isAgain && round < maxRounds; round += 1) {
      isAgain = await this.#runOnce();
    }
    this.#options.onView();
    if (this.#waiting.length > 0) {
      const why = "a command waits";
      return { kind: "requeueAfter", afterMs: commandMs, why };
    }
    const look = nextLook(this.#ledger.rollout?.state ?? null);
    return look.kind === "onNews"
      ? { kind: "settled" }
      : { kind: "requeueAfter", afterMs: look.afterMs, why: look.why };
  }

  /** One step; true where the next is due at once. */
  async #runOnce(): Promise<boolean> {
    const { store, clock, issuer } = this.#options;
    await this.#ledger.load();
    const head = await store.revisions.head();
    const state = this.#ledger.rollout?.state ?? null;
    const targetsAt = targetsFor(this.#memory, state, head);
    const { completed } = this.#memory;
    const revisions = { head, targetsAt, completed };
    const sources = await this.#inputs.read(state, revisions);
    const [waiting] = this.#waiting;
    const round = takeRound(
      state,
      sources,
      { mayIssue: issuer.canIssue(), command: waiting?.command ?? null },
      { monotonicMs: clock.monotonicMs(), iso: isoNow(clock) },
    );
    if (!(await this.#carryOut(round))) return true;
    if (waiting !== undefined) this.#waiting.shift();
    waiting?.settle(round.result.refused);
    this.#memory = round.memory;
    this.#facts = round.facts;
    this.#reasons = round.result.reasons;
    return wantsElsewhere(round.memory, targetsAt) || this.#waiting.length > 0;
  }

  /** Stores a step with all that it asks for; false where another write came between. */
  async #carryOut({ result, issues, confirmed }: Round): Promise<boolean> {
    const issued: NewAssignment[] = [];
    for (const { record, content } of issues) {
      const next = await this.#options.issuer.next(record, content);
      if (next.ok) issued.push(next.assignment);
    }
    const { state } = result;
    const journal = journalOf(result, issued, isoNow(this.#options.clock));
    return this.#ledger.write({ state, issued, confirmed, journal });
  }
}
