import { type Clock } from "@wheelhouse/clock";
import {
  type Decoded,
  type DuplexCall,
  type Hello,
  type HubMessage,
  type LinkClient,
  type LinkFailure,
  type SpokeMessage,
  type Welcome,
  createLinkClient,
  readLinkFailure,
} from "@wheelhouse/protocol";
import { type AssignmentIntake } from "./assignment-intake.ts";
import { type HubEndpoint } from "./enrollment-client.ts";
import { spokeLimits } from "./limits.ts";
import { formatPemChain } from "./pem.ts";
import { type SessionPorts } from "./ports.ts";
import { ReportSender } from "./report-sender.ts";

const { silenceMs, welcomeMs } = spokeLimits;

/** Bounds on what a hub may ask for, so that none can make spokes flood or fall silent. */
const heartbeatBoundsMs = { least: 1_000, most: silenceMs / 3 };

/** What one connection needs. */
export interface HubConnectionOptions extends HubEndpoint {
  readonly hello: Hello;
  readonly ports: SessionPorts;
  readonly intake: AssignmentIntake;
  readonly clock: Clock;
  /** The hub has answered. */
  onWelcome(welcome: Welcome): void;
  /** The hub said what its newest assignment is, and its time. */
  onReply(reply: Extract<HubMessage, { kind: "heartbeatReply" }>): void;
}

/** One connection to a hub, from dialling to its end. */
export class HubConnection {
  readonly #options: HubConnectionOptions;
  readonly #abort = new AbortController();
  readonly #client: LinkClient;
  readonly #control: DuplexCall<SpokeMessage, HubMessage>;
  readonly #reports: ReportSender;
  readonly #stops = new Set<() => void>();
  #heartbeats = 0;
  #heardMs: number;
  #isWelcome = false;
  #silence: LinkFailure | undefined;

  constructor(options: HubConnectionOptions) {
    const { hubAddress, rootCertificate, ports, clock } = options;
    const { certificateChain, privateKey } = ports.identity.current();
    this.#options = options;
    this.#heardMs = clock.monotonicMs();
    this.#client = createLinkClient({
      address: hubAddress,
      rootCertificate,
      identity: {
        certificateChain: formatPemChain(certificateChain),
        privateKey,
      },
    });
    this.#control = this.#client.control(this.#abort.signal);
    this.#reports = new ReportSender(
      this.#control,
      () => ports.readReports(),
      clock,
    );
  }

  /** When anything was last heard, by the monotonic clock. */
  get heardMs(): number {
    return this.#heardMs;
  }

  /** Something to be reported has changed. */
  reportChanged(): void {
    if (this.#isWelcome) this.#reports.changed();
  }

  /** Runs to the connection's end and returns why it ended; null where the hub ended it without a reason. */
  async run(): Promise<LinkFailure | null> {
    this.#control.send(this.#options.hello);
    this.#watch(welcomeMs);
    try {
      for await (const message of this.#control.messages) {
        this.#hear();
        const problem = this.#take(message);
        if (problem !== undefined) return problem;
      }
      return null;
    } catch (error) {
      return this.#silence ?? readLinkFailure(error);
    } finally {
      this.#close();
    }
  }

  /** Ends the connection on purpose: the hub sees an end, not a loss. */
  drain(): void {
    this.#reports.close();
    this.#control.end();
  }

  /** Breaks the connection off. */
  destroy(): void {
    this.#abort.abort();
  }

  #take(message: Decoded<HubMessage>): LinkFailure | undefined {
    const { intake, ports, onReply } = this.#options;
    switch (message.kind) {
      case "welcome":
        if (this.#isWelcome) return malformed("a second welcome");
        this.#welcome(message);
        return undefined;
      case "assignmentOffer":
        intake.offer(message.offer);
        return undefined;
      case "heartbeatReply":
        onReply(message);
        if (message.latest !== null) intake.offer(message.latest);
        intake.mend();
        return undefined;
      case "reportRequest":
        this.#reports.sendFull();
        return undefined;
      case "reconcileRequest":
        ports.onReconcileRequest(message.bundle);
        intake.look();
        return undefined;
      case "malformed":
        return malformed(message.problem);
      case "unknown":
        return undefined;
    }
  }

  #welcome(welcome: Welcome): void {
    const { intake, onWelcome } = this.#options;
    this.#isWelcome = true;
    onWelcome(welcome);
    intake.attach({
      client: this.#client,
      signal: this.#abort.signal,
      onBytes: () => this.#hear(),
      acknowledge: (acknowledged) =>
        void this.#control.send({
          kind: "assignmentAcknowledged",
          acknowledged,
        }),
      refuse: (refused) => void this.#control.send(refused),
    });
    this.#reports.sendFull();
    const { least, most } = heartbeatBoundsMs;
    this.#beat(Math.min(most, Math.max(least, welcome.heartbeatMs)));
  }

  #beat(everyMs: number): void {
    const { intake, clock } = this.#options;
    this.#later(clock, everyMs, () => {
      this.#heartbeats += 1;
      this.#control.send({
        kind: "heartbeat",
        counter: this.#heartbeats,
        acknowledged: intake.acknowledged,
        reportCounter: this.#reports.counter,
      });
      this.#beat(everyMs);
    });
  }

  #hear(): void {
    this.#heardMs = this.#options.clock.monotonicMs();
  }

  /** Breaks off a connection on which nothing is heard. */
  #watch(limitMs: number): void {
    const { clock } = this.#options;
    const allowedMs = this.#isWelcome ? silenceMs : limitMs;
    const leftMs = this.#heardMs + allowedMs - clock.monotonicMs();
    if (leftMs > 0) {
      this.#later(clock, leftMs, () => this.#watch(limitMs));
      return;
    }
    const details = `nothing was heard for ${allowedMs} ms`;
    this.#silence = { reason: "Idle", code: "DEADLINE_EXCEEDED", details };
    this.destroy();
  }

  #later(clock: Clock, delayMs: number, callback: () => void): void {
    const stop = clock.setTimer(delayMs, () => {
      this.#stops.delete(stop);
      callback();
    });
    this.#stops.add(stop);
  }

  #close(): void {
    for (const stop of this.#stops) stop();
    this.#reports.close();
    this.#abort.abort();
    this.#client.close();
  }
}

function malformed(details: string): LinkFailure {
  return { reason: "Malformed", code: "INVALID_ARGUMENT", details };
}
