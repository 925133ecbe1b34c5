import { randomUUID } from "node:crypto";
import {
  type AssignmentMark,
  type Heartbeat,
  type Hello,
  type LinkReason,
  type SpokeMessage,
  protocolVersion,
} from "@wheelhouse/protocol";
import { Outbox, type OutboxStream } from "./outbox.ts";
import { type PeerIdentity, type SessionKey } from "./ports.ts";
import { ReportIntake } from "./report-intake.ts";
import { type SessionContext } from "./session-context.ts";
import { type TabledSession } from "./session-table.ts";

/** One spoke's control stream, from its hello on. */
export class ControlSession implements TabledSession {
  readonly id: string;
  readonly identity: PeerIdentity;
  readonly hello: Hello;
  readonly sinceMs: number;
  readonly #context: SessionContext;
  readonly #outbox: Outbox;
  readonly #reports: ReportIntake;
  readonly #end: (reason: LinkReason, details: string) => void;
  #acknowledged: AssignmentMark | null;
  #lastHeardMs: number;
  #isEnded = false;

  constructor(options: {
    context: SessionContext;
    identity: PeerIdentity;
    hello: Hello;
    stream: OutboxStream;
    /** Ends the stream with a reason; called at most once. */
    end: (reason: LinkReason, details: string) => void;
    /** Tells it from every other session; a random one by default. */
    id?: string;
  }) {
    const { context, identity, hello, stream, end } = options;
    this.id = options.id ?? randomUUID();
    const { clock, limits } = context;
    this.identity = identity;
    this.hello = hello;
    this.#context = context;
    this.#end = end;
    this.#acknowledged = hello.acknowledged;
    this.sinceMs = clock.monotonicMs();
    this.#lastHeardMs = this.sinceMs;
    this.#outbox = new Outbox(stream, () => clock.monotonicMs());
    this.#reports = new ReportIntake({
      clock,
      intervalMs: limits.reportIntervalMs,
      onChanged: (state) =>
        this.#observe(() => context.observer.onReport(this.key, state)),
      onGap: () => this.#outbox.send({ kind: "reportRequest" }),
      onTooMuch: (details) => this.cut("Malformed", details),
    });
  }

  get uid(): string {
    return this.identity.uid;
  }

  get kubeSystemUid(): string {
    return this.hello.kubeSystemUid;
  }

  get key(): SessionKey {
    const { uid, cluster } = this.identity;
    return { uid, cluster, session: this.id };
  }

  /** The newest assignment that the spoke says is durable. */
  get acknowledged(): AssignmentMark | null {
    return this.#acknowledged;
  }

  /** When anything was last heard, by the monotonic clock. */
  get lastHeardMs(): number {
    return this.#lastHeardMs;
  }

  /** Answers the hello and offers what is newer. */
  async welcome(): Promise<void> {
    const { hubVersion, heartbeatMs, observer } = this.#context;
    this.#outbox.send({
      kind: "welcome",
      protocol: protocolVersion,
      hubVersion,
      session: this.id,
      heartbeatMs,
    });
    this.#observe(() => observer.onHello(this.key, this.hello));
    await this.offerLatest();
  }

  /** Offers the newest assignment, unless the spoke has it or two clusters seem to be one. */
  async offerLatest(): Promise<void> {
    const latest = await this.#latest();
    if (latest !== null && !isSameMark(latest, this.#acknowledged)) {
      this.#outbox.send({ kind: "assignmentOffer", offer: latest });
    }
  }

  /** Passes on a person's wish to compare live state now. */
  requestReconcile(bundle: string): void {
    this.#outbox.send({ kind: "reconcileRequest", bundle });
  }

  /** Notes that something was heard. */
  hear(): void {
    this.#lastHeardMs = this.#context.clock.monotonicMs();
  }

  /** Takes one message that follows the hello. */
  async take(message: SpokeMessage): Promise<void> {
    const { observer } = this.#context;
    switch (message.kind) {
      case "hello":
        this.cut("Malformed", "a second hello");
        return;
      case "heartbeat":
        await this.#takeHeartbeat(message);
        return;
      case "assignmentAcknowledged":
        this.#acknowledged = message.acknowledged;
        this.#observe(() =>
          observer.onAcknowledged(this.key, message.acknowledged),
        );
        return;
      case "assignmentRefused":
        this.#observe(() => observer.onRefused(this.key, message));
        return;
      case "statusReport":
        this.#reports.take(message);
    }
  }

  /** Ends the session for a reason; nothing is observed after it. */
  cut(reason: LinkReason, details: string): void {
    if (this.#isEnded) return;
    this.close();
    this.#context.log({
      level: "info",
      message: `session cut: ${details}`,
      uid: this.uid,
      session: this.id,
      reason,
    });
    this.#end(reason, details);
  }

  /** Lets go of what it holds. */
  close(): void {
    this.#isEnded = true;
    this.#reports.close();
  }

  /** What it reported while a newer session counted was not told: it is asked for all. */
  onCurrentAgain(): void {
    if (this.#isEnded) return;
    const { observer } = this.#context;
    const hello = { ...this.hello, acknowledged: this.#acknowledged };
    this.#observe(() => observer.onHello(this.key, hello));
    this.#outbox.send({ kind: "reportRequest" });
  }

  /** The registry is asked at every heartbeat, so that a revocation on another replica ends this session too. */
  async #takeHeartbeat(heartbeat: Heartbeat): Promise<void> {
    const { admission, clock, limits, observer } = this.#context;
    const refusal = await admission.check(this.identity);
    if (refusal !== undefined) {
      this.cut(refusal.reason, refusal.details);
      return;
    }
    const { blockedSinceMs } = this.#outbox;
    const nowMs = clock.monotonicMs();
    if (
      blockedSinceMs !== undefined &&
      nowMs - blockedSinceMs > limits.idleMs
    ) {
      this.cut("Idle", "the spoke does not read");
      return;
    }
    this.#acknowledged = heartbeat.acknowledged;
    this.#outbox.send({
      kind: "heartbeatReply",
      counter: heartbeat.counter,
      latest: await this.#latest(),
      hubTime: new Date(clock.nowMs()).toISOString(),
    });
    this.#reports.check(heartbeat.reportCounter);
    this.#observe(() => observer.onHeartbeat(this.key, heartbeat));
  }

  /** What the spoke should have: nothing new while two clusters seem to be one. */
  async #latest(): Promise<AssignmentMark | null> {
    return this.#context.isSuspectedClone(this.uid)
      ? this.#acknowledged
      : this.#context.assignments.latest(this.uid);
  }

  /** Tells the observer, if this is the session that counts. */
  #observe(tell: () => void): void {
    if (!this.#isEnded && this.#context.isCurrent(this)) tell();
  }
}

function isSameMark(a: AssignmentMark, b: AssignmentMark | null): boolean {
  return (
    b !== null && a.epoch === b.epoch && a.seq === b.seq && a.root === b.root
  );
}
