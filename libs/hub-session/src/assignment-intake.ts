import { type Clock } from "@wheelhouse/clock";
import {
  type ArtifactReference,
  type Digest,
  type Envelope,
  type SignedEnvelope,
  compareVersions,
} from "@wheelhouse/assignment";
import {
  type AssignmentMark,
  type AssignmentRefused,
} from "@wheelhouse/protocol";
import { batchesOf, fetchBatch } from "./artifact-batches.ts";
import { ArtifactMending } from "./artifact-mending.ts";
import {
  type FetchLink,
  FetchProgress,
  fetchEnvelope,
} from "./assignment-fetch.ts";
import { backoffMs } from "./backoff.ts";
import {
  type AcknowledgedAssignment,
  type LinkLog,
  type SessionPorts,
} from "./ports.ts";
import { spokeLimits } from "./limits.ts";
import { waitFor } from "./wait.ts";

/** The connection that an intake works over. */
export interface IntakeLink extends FetchLink {
  acknowledge(mark: AssignmentMark): void;
  refuse(refused: AssignmentRefused): void;
}

/** What an intake works with. */
export interface IntakeOptions {
  readonly ports: Pick<SessionPorts, "store" | "verify" | "onAssignment">;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: LinkLog;
}

type Outcome = { readonly reason: string; readonly message: string } | "taken";

/**
 * Takes offered assignments, one at a time and the newest offer next: fetch,
 * verify, fetch what is missing, make all of it durable, and only then tell.
 * Until the last step the assignment before it stays whole. Where nothing is
 * offered, what was lost of the acknowledged one is fetched again.
 */
export class AssignmentIntake {
  readonly #options: IntakeOptions;
  readonly #progress = new FetchProgress();
  #acknowledged: AcknowledgedAssignment | null = null;
  #link: IntakeLink | undefined;
  #refused: AssignmentMark | undefined;
  #offer: AssignmentMark | undefined;
  readonly #mending: ArtifactMending;
  #isMendingDue = false;
  #isWorking = false;
  /** Ends the wait after a failure; undefined where none is waited out. */
  #wake: (() => void) | undefined;

  constructor(options: IntakeOptions) {
    this.#options = options;
    const { ports, clock, log } = options;
    this.#mending = new ArtifactMending({ store: ports.store, clock, log });
  }

  /** What is durable in the cluster. */
  get acknowledged(): AssignmentMark | null {
    return this.#acknowledged?.mark ?? null;
  }

  /** Reads what is durable in the cluster. */
  async load(): Promise<void> {
    this.#acknowledged = await this.#options.ports.store.loadAcknowledged();
  }

  /** Works over a new connection; a refusal of before is tried once more, so that this hub hears of it. */
  attach(link: IntakeLink): void {
    this.#link = link;
    this.#refused = undefined;
    this.#offer = undefined;
    this.look();
  }

  /** Asks the cluster whether it has all that it acknowledged, and fetches what it lacks. */
  look(): void {
    this.#mending.begin();
    this.mend();
  }

  /** Fetches what the cluster is known to lack of what it acknowledged; where that is nothing, nobody is asked. */
  mend(): void {
    this.#isMendingDue = true;
    if (!this.#isWorking) void this.#work();
  }

  /** Hears of the hub's newest assignment; repeated or old news costs nothing. */
  offer(mark: AssignmentMark): void {
    if (
      isSameMark(mark, this.acknowledged) ||
      isSameMark(mark, this.#refused)
    ) {
      return;
    }
    const isFirst = this.#offer === undefined;
    this.#offer = mark;
    // What was offered before and failed keeps its pause.
    if (isFirst) this.#wake?.();
    if (!this.#isWorking) void this.#work();
  }

  /** Takes offers until there is none; never throws. */
  async #work(): Promise<void> {
    this.#isWorking = true;
    for (let attempt = 0; ; attempt += 1) {
      const link = this.#link;
      const mark = this.#offer;
      if (link === undefined || link.signal.aborted) break;
      if (mark === undefined && !this.#isMendingDue) break;
      try {
        if (mark === undefined) await this.#mend(link);
        else this.#finish(link, mark, await this.#take(link, mark));
        attempt = -1;
      } catch (error) {
        if (link.signal.aborted) continue;
        const message =
          mark === undefined
            ? "missing or damaged artifacts: not fetched yet"
            : `assignment ${mark.epoch}/${mark.seq}: not taken yet`;
        this.#options.log({ level: "warn", message, error });
        const isOfferNew = mark === undefined && this.#offer !== undefined;
        if (isOfferNew || (await this.#pause(link, attempt))) attempt = -1;
      }
    }
    this.#isWorking = false;
  }

  /** Waits before the next attempt. True where one came that is the first to be offered. */
  async #pause(link: IntakeLink, attempt: number): Promise<boolean> {
    const { clock, random } = this.#options;
    const wake = new AbortController();
    this.#wake = () => wake.abort();
    await waitFor(
      clock,
      backoffMs(attempt, random()),
      link.signal,
      wake.signal,
    );
    this.#wake = undefined;
    return wake.signal.aborted;
  }

  /** What is offered meanwhile comes next: it brings all that it lacks. */
  async #mend(link: IntakeLink): Promise<void> {
    this.#isMendingDue = false;
    try {
      await this.#mending.run(link);
    } catch (error) {
      this.#isMendingDue = true;
      throw error;
    }
  }

  #finish(link: IntakeLink, mark: AssignmentMark, outcome: Outcome): void {
    if (this.#offer === mark) this.#offer = undefined;
    this.#progress.clear();
    if (outcome === "taken") {
      if (this.acknowledged !== null) link.acknowledge(this.acknowledged);
      return;
    }
    this.#refused = mark;
    const { reason, message } = outcome;
    this.#options.log({
      level: "error",
      message: `assignment ${mark.epoch}/${mark.seq} refused: ${message}`,
      reason,
    });
    link.refuse({ kind: "assignmentRefused", refused: mark, reason, message });
  }

  async #take(link: IntakeLink, mark: AssignmentMark): Promise<Outcome> {
    const { ports, clock } = this.#options;
    if (compareVersions(mark, this.acknowledged ?? mark) < 0) {
      return {
        reason: "OlderThanAcknowledged",
        message: "an older one was offered",
      };
    }
    this.#progress.begin(mark);
    const fetched = await fetchEnvelope(link, mark, this.#progress);
    if (!fetched.ok) {
      return { reason: fetched.problem, message: "envelope: cannot be had" };
    }
    const { signed } = fetched;
    const verdict = ports.verify(
      signed,
      this.#acknowledged?.signed ?? null,
      clock.nowMs(),
    );
    if (!verdict.ok) {
      return { reason: verdict.problem, message: verdict.message };
    }
    const { envelope } = verdict;
    if (!isSameMark(mark, envelope)) {
      return {
        reason: "WrongMark",
        message: "envelope: not the one that was offered",
      };
    }
    if (verdict.step === "same") return "taken";
    return (
      (await this.#takeArtifacts(link, envelope)) ??
      (await this.#acknowledge(envelope, signed))
    );
  }

  /** Makes every artifact durable that is not yet. Undefined when all are. */
  async #takeArtifacts(
    link: IntakeLink,
    envelope: Envelope,
  ): Promise<Outcome | undefined> {
    const references = referencesOf(envelope);
    const missing = (
      await this.#options.ports.store.missingArtifacts([...references.keys()])
    ).flatMap((digest) => references.get(digest) ?? []);
    const bytes = missing.reduce((sum, reference) => sum + reference.bytes, 0);
    if (bytes > spokeLimits.missingBytes) {
      return { reason: "TooLarge", message: `${bytes} bytes of artifacts` };
    }
    for (const batch of batchesOf(missing)) {
      const { fetched, refused, broken } = await fetchBatch(link, batch, {
        progress: this.#progress,
        goesOn: false,
      });
      const [first] = refused;
      if (first !== undefined) {
        const { digest, problem } = first;
        const message = `artifact ${digest}: ${problem}`;
        return { reason: `Artifact${problem}`, message };
      }
      // What came whole need not come again: it is missing no more.
      if (fetched.length > 0) {
        await this.#options.ports.store.putArtifacts(fetched);
      }
      if (broken !== undefined) throw broken;
    }
    return undefined;
  }

  async #acknowledge(
    envelope: Envelope,
    signed: SignedEnvelope,
  ): Promise<Outcome> {
    const { ports, clock } = this.#options;
    const { epoch, seq, root } = envelope;
    const mark = { epoch, seq, root };
    const moved = await ports.store.acknowledge(signed, mark);
    if (moved === "acknowledged") {
      this.#acknowledged = { mark, signed };
      ports.onAssignment(envelope, signed);
      return "taken";
    }
    const before = this.#acknowledged;
    await this.load();
    const held = this.#acknowledged;
    if (held === null) throw new Error("acknowledged assignment: vanished");
    const verdict = ports.verify(
      held.signed,
      before?.signed ?? null,
      clock.nowMs(),
    );
    if (!verdict.ok) throw new Error(`acknowledged: ${verdict.message}`);
    if (verdict.step === "forward") {
      ports.onAssignment(verdict.envelope, held.signed);
    }
    if (compareVersions(held.mark, mark) < 0) {
      throw new Error("acknowledged assignment: moved meanwhile");
    }
    return "taken";
  }
}

function referencesOf(envelope: Envelope): Map<Digest, ArtifactReference> {
  return new Map(
    envelope.bundles.flatMap(({ spec: { artifact } }) =>
      artifact === null ? [] : [[artifact.digest, artifact] as const],
    ),
  );
}

function isSameMark(
  a: AssignmentMark,
  b: AssignmentMark | null | undefined,
): boolean {
  return b?.epoch === a.epoch && b.seq === a.seq && b.root === a.root;
}
