import { type Clock } from "@wheelhouse/clock";
import { holdingSystemClock } from "@wheelhouse/system-clock";
import {
  type AssignmentMark,
  type Hello,
  type LinkFailure,
  protocolVersion,
} from "@wheelhouse/protocol";
import { AssignmentIntake } from "./assignment-intake.ts";
import { redialMs } from "./backoff.ts";
import { type HubEndpoint } from "./enrollment-client.ts";
import { adviseOn } from "./failure-advice.ts";
import { classifyFailure } from "./failure-class.ts";
import { isUnfresh } from "./freshness.ts";
import { HubConnection } from "./hub-connection.ts";
import { type LinkEvent, type LinkPhase, nextPhase } from "./link-state.ts";
import { lifetimeOf } from "./pem.ts";
import { type LinkLog, type SessionPorts } from "./ports.ts";
import { hasEnded, keepRenewed, renewOnce } from "./renewal.ts";
import { waitFor } from "./wait.ts";

/** What a spoke's session with its hub is made from. */
export interface HubSessionOptions extends HubEndpoint {
  readonly fleet: string;
  /** The cluster's name. */
  readonly cluster: string;
  readonly uid: string;
  /** Chosen anew at each start of the process. */
  readonly instance: string;
  readonly kubeSystemUid: string;
  readonly spokeVersion: string;
  readonly ports: SessionPorts;
  readonly log: LinkLog;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** Where the link stands, for status pages and for people. */
export interface LinkStatus {
  readonly phase: LinkPhase;
  /** When the phase began, by the wall clock. */
  readonly sinceMs: number;
  readonly acknowledged: AssignmentMark | null;
  /** What the hub last said is newest. */
  readonly latest: AssignmentMark | null;
  /** When the hub last named its newest assignment, by the wall clock; null before the first time. */
  readonly latestHeardMs: number | null;
  /** No hub has named its newest assignment for 24 h: the one that is acknowledged may be out of date. */
  readonly isUnfresh: boolean;
  /** End of the certificate, by the wall clock. */
  readonly certificateEndMs: number;
}

/** Why a session ended: `stopped` by its signal, or the hub will never have this incarnation again. */
export type SessionEnd =
  | { readonly kind: "stopped" }
  | { readonly kind: "refused"; readonly failure: LinkFailure };

/** A spoke's session with its hub, over as many connections as it takes. */
export interface HubSession {
  /** Keeps connected until the signal. Runs once. Throws only where the cluster's own durable state cannot be read at the start. */
  run(signal: AbortSignal): Promise<SessionEnd>;
  /** Something that is reported has changed. */
  reportChanged(): void;
  status(): LinkStatus;
}

/** Makes a session; nothing is dialled before `run`. */
export function createHubSession(options: HubSessionOptions): HubSession {
  return new ReconnectingHubSession(options);
}

/** A hub that does not know our key is asked again after this, before jitter: a person may have mended it. */
const rejectedMs = 600_000;

/** A connection that lasted this long ends the run of failures. */
const steadyMs = 10_000;

/** How long a stop waits for the hub's end of the stream. */
const drainMs = 2_000;

class ReconnectingHubSession implements HubSession {
  readonly #options: HubSessionOptions;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #intake: AssignmentIntake;
  #phase: LinkPhase = { kind: "disconnected", failure: null };
  #phaseMs: number;
  #latest: AssignmentMark | null = null;
  #latestHeardMs: number | null = null;
  /** By the monotonic clock, which nobody sets. */
  #namedMs: number | null = null;
  readonly #beganMs: number;
  #isUnfresh = false;
  #connection: HubConnection | undefined;
  /** The certificate that a hub last said has ended. */
  #refusedLeaf: string | undefined;

  constructor(options: HubSessionOptions) {
    this.#options = options;
    this.#clock = options.clock ?? holdingSystemClock;
    this.#random = options.random ?? Math.random;
    this.#phaseMs = this.#clock.nowMs();
    this.#beganMs = this.#clock.monotonicMs();
    this.#intake = new AssignmentIntake({
      ports: options.ports,
      clock: this.#clock,
      random: this.#random,
      log: options.log,
    });
  }

  async run(signal: AbortSignal): Promise<SessionEnd> {
    await this.#intake.load();
    const ended = new AbortController();
    const renewing = keepRenewed(
      this.#renewalOptions(),
      AbortSignal.any([signal, ended.signal]),
    );
    try {
      return await this.#keepConnected(signal);
    } finally {
      ended.abort();
      await renewing;
    }
  }

  reportChanged(): void {
    this.#connection?.reportChanged();
  }

  status(): LinkStatus {
    const { certificateChain } = this.#options.ports.identity.current();
    return {
      phase: this.#phase,
      sinceMs: this.#phaseMs,
      acknowledged: this.#intake.acknowledged,
      latest: this.#latest,
      latestHeardMs: this.#latestHeardMs,
      isUnfresh: this.#judgeFreshness(),
      certificateEndMs: lifetimeOf(certificateChain).endMs,
    };
  }

  async #keepConnected(signal: AbortSignal): Promise<SessionEnd> {
    let lostMs = this.#clock.monotonicMs();
    while (!signal.aborted) {
      const beganMs = this.#clock.monotonicMs();
      const renewal = await this.#renewEnded(signal);
      const leaf = this.#leaf();
      const failure = renewal ?? (await this.#connectOnce(signal));
      if (signal.aborted) break;
      const kind = failure === null ? "retry" : classifyFailure(failure);
      if (kind === "renew") this.#refusedLeaf = leaf;
      this.#logFreshness();
      this.#log(failure);
      if (failure !== null && kind === "stop") {
        this.#move({ kind: "refused", failure });
        return { kind: "refused", failure };
      }
      const nowMs = this.#clock.monotonicMs();
      if (nowMs - beganMs >= steadyMs) lostMs = nowMs;
      const isRejected = failure !== null && kind === "register";
      this.#move(
        isRejected ? { kind: "refused", failure } : { kind: "lost", failure },
      );
      const waitMs = isRejected
        ? rejectedMs * (1 / 2 + this.#random() / 2)
        : redialMs(nowMs - lostMs, this.#random());
      await waitFor(this.#clock, waitMs, signal);
    }
    if (this.#phase.kind !== "draining") this.#move({ kind: "stopping" });
    return { kind: "stopped" };
  }

  /** A certificate that has ended, by our clock or by the hub's, is renewed before anything else. Null where it need not or could be. */
  async #renewEnded(signal: AbortSignal): Promise<LinkFailure | null> {
    this.#move({ kind: "dialled" });
    const { identity } = this.#options.ports;
    const mustRenew =
      hasEnded(identity, this.#clock.nowMs()) ||
      this.#leaf() === this.#refusedLeaf;
    return mustRenew
      ? ((await renewOnce(this.#renewalOptions(), signal)) ?? null)
      : null;
  }

  /** The certificate in use, as text to compare; the stream that ended may have had the one before. */
  #leaf(): string {
    const [leaf = new Uint8Array()] =
      this.#options.ports.identity.current().certificateChain;
    return Buffer.from(leaf).toString("base64");
  }

  /** Runs one connection to its end, or to the signal. */
  async #connectOnce(signal: AbortSignal): Promise<LinkFailure | null> {
    if (signal.aborted) return null;
    const connection = new HubConnection({
      ...this.#options,
      clock: this.#clock,
      intake: this.#intake,
      hello: this.#hello(),
      onWelcome: ({ session }) => {
        if (!signal.aborted) this.#move({ kind: "welcomed", session });
      },
      onReply: ({ latest }) => {
        this.#latest = latest;
        if (latest !== null) {
          this.#latestHeardMs = this.#clock.nowMs();
          this.#namedMs = this.#clock.monotonicMs();
        }
        this.#logFreshness();
      },
    });
    this.#connection = connection;
    let stopTimer = () => {};
    const stop = () => {
      this.#move({ kind: "stopping" });
      connection.drain();
      stopTimer = this.#clock.setTimer(drainMs, () => connection.destroy());
    };
    signal.addEventListener("abort", stop, { once: true });
    try {
      return await connection.run();
    } finally {
      signal.removeEventListener("abort", stop);
      stopTimer();
      this.#connection = undefined;
    }
  }

  #hello(): Hello {
    const {
      fleet,
      cluster,
      uid,
      instance,
      kubeSystemUid,
      spokeVersion,
      ports,
    } = this.#options;
    return {
      kind: "hello",
      protocol: protocolVersion,
      spokeVersion,
      fleet,
      cluster,
      uid,
      kubeSystemUid,
      instance,
      acknowledged: this.#intake.acknowledged,
      capabilities: ports.capabilities(),
    };
  }

  /** A cluster that has nothing yet lacks nothing. */
  #judgeFreshness(): boolean {
    if (this.#intake.acknowledged === null) return false;
    return isUnfresh({
      namedMs: this.#namedMs,
      beganMs: this.#beganMs,
      nowMs: this.#clock.monotonicMs(),
    });
  }

  /** Says once that the assignment has become unfresh, and once that it is fresh again. */
  #logFreshness(): void {
    const isNow = this.#judgeFreshness();
    if (isNow === this.#isUnfresh) return;
    this.#isUnfresh = isNow;
    this.#options.log(
      isNow
        ? {
            level: "warn",
            message:
              "no hub has named the newest assignment for 24 h; the cluster is kept as it is, and may be out of date",
            reason: "Unfresh",
          }
        : { level: "info", message: "a hub names the newest assignment again" },
    );
  }

  #renewalOptions() {
    const { hubAddress, rootCertificate, ports, log } = this.#options;
    return {
      hubAddress,
      rootCertificate,
      identity: ports.identity,
      clock: this.#clock,
      random: this.#random,
      log,
    };
  }

  #move(event: LinkEvent): void {
    this.#phase = nextPhase(this.#phase, event);
    this.#phaseMs = this.#clock.nowMs();
  }

  #log(failure: LinkFailure | null): void {
    const said = failure?.details ?? "the hub ended the stream";
    const advice = failure === null ? undefined : adviseOn(failure);
    this.#options.log({
      level: failure === null ? "info" : "warn",
      message: `link: ${said}${advice === undefined ? "" : `; ${advice}`}`,
      ...(failure === null ? {} : { reason: failure.reason ?? failure.code }),
    });
  }
}
