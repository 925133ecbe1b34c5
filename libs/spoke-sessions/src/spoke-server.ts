import { type Clock } from "@wheelhouse/clock";
import { holdingSystemClock } from "@wheelhouse/system-clock";
import {
  Server,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import {
  type AssignmentMark,
  type LinkReason,
  enrollmentService,
  linkService,
  protocolLimits,
  writeLinkFailure,
} from "@wheelhouse/protocol";
import { Admission } from "./admission.ts";
import {
  InMemoryCertificateProvider,
  type ServerTls,
  createServerCredentials,
} from "./certificate-provider.ts";
import { type ControlSession } from "./control-session.ts";
import {
  type ControlCall,
  type Handshakes,
  serveControl,
} from "./control-stream.ts";
import {
  type JoinCall,
  type RenewCall,
  serveJoin,
  serveRenew,
} from "./enrollment-calls.ts";
import { Enrollment } from "./enrollment.ts";
import { EnrollmentSlots } from "./enrollment-slots.ts";
import { serveArtifact, serveAssignment } from "./fetch-stream.ts";
import { KeyedSlots } from "./keyed-slots.ts";
import { type SessionLimits, defaultSessionLimits } from "./limits.ts";
import {
  type AssignmentSource,
  type CertificateAuthority,
  type SessionLog,
  type SessionObserver,
  type SpokeRegistry,
} from "./ports.ts";
import { type SessionContext } from "./session-context.ts";
import { SessionTable } from "./session-table.ts";

/** What a spoke server is made from. */
export interface SpokeServerOptions {
  /** `host:port` to listen on; port 0 takes a free one. */
  readonly address: string;
  readonly fleet: string;
  readonly hubVersion: string;
  readonly tls: ServerTls;
  readonly registry: SpokeRegistry;
  readonly assignments: AssignmentSource;
  readonly observer: SessionObserver;
  readonly authority: CertificateAuthority;
  readonly log: SessionLog;
  /** How often a spoke sends a heartbeat: 15,000 by default. */
  readonly heartbeatMs?: number;
  readonly limits?: Partial<SessionLimits>;
  readonly clock?: Clock;
}

/** A live session as others see it. */
export interface SessionView {
  readonly uid: string;
  readonly cluster: string;
  readonly session: string;
  /** Whether it is the newest of its uid: the one whose reports count. */
  readonly current: boolean;
  /** By the monotonic clock. */
  readonly sinceMs: number;
  /** By the monotonic clock. */
  readonly lastHeardMs: number;
  readonly kubeSystemUid: string;
  readonly instance: string;
  readonly spokeVersion: string;
  readonly acknowledged: AssignmentMark | null;
  /** End of its certificate, by the wall clock. */
  readonly certificateEndMs: number;
  /** Whether two clusters seem to have this uid; nothing new is offered then. */
  readonly suspectedClone: boolean;
}

/** The hub's side of the link. */
export interface SpokeServer {
  /** Begins to listen. Throws where it cannot. */
  start(): Promise<{ readonly port: number }>;
  /** Offers a cluster its newest assignment, if it is here. */
  notify(uid: string): Promise<void>;
  /** Asks a cluster to compare live state now: one bundle, or all with an empty text. False where it is not here. */
  requestReconcile(uid: string, bundle: string): boolean;
  /** Ends every live session of a uid. */
  cut(uid: string, reason: LinkReason): void;
  sessions(): readonly SessionView[];
  /** Takes new certificates for connections from now on. */
  updateTls(tls: ServerTls): void;
  /** Tells every spoke to come back later, and stops; what has not ended after `timeoutMs` (5,000 by default) is broken off. */
  stop(timeoutMs?: number): Promise<void>;
}

/** Makes a spoke server; it does nothing before `start`. */
export function createSpokeServer(options: SpokeServerOptions): SpokeServer {
  return new GrpcSpokeServer(options);
}

class GrpcSpokeServer implements SpokeServer {
  readonly #options: SpokeServerOptions;
  readonly #clock: Clock;
  readonly #provider: InMemoryCertificateProvider;
  readonly #server: Server;
  readonly #sessions: SessionTable<ControlSession>;
  readonly #handshakes: Handshakes = new Map();

  constructor(options: SpokeServerOptions) {
    const limits = { ...defaultSessionLimits, ...options.limits };
    this.#options = options;
    this.#clock = options.clock ?? holdingSystemClock;
    this.#provider = new InMemoryCertificateProvider(options.tls);
    this.#sessions = new SessionTable(limits);
    this.#server = new Server(serverOptions);
    this.#addLink(this.#createContext(limits));
    this.#addEnrollment(limits);
  }

  async start(): Promise<{ readonly port: number }> {
    const credentials = createServerCredentials(this.#provider);
    const port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync(
        this.#options.address,
        credentials,
        (error, bound) => (error === null ? resolve(bound) : reject(error)),
      );
    });
    return { port };
  }

  async notify(uid: string): Promise<void> {
    await this.#sessions.current(uid)?.offerLatest();
  }

  requestReconcile(uid: string, bundle: string): boolean {
    const session = this.#sessions.current(uid);
    session?.requestReconcile(bundle);
    return session !== undefined;
  }

  cut(uid: string, reason: LinkReason): void {
    const details = `${uid}: cut by the hub`;
    for (const cutOne of this.#handshakes.get(uid) ?? []) {
      cutOne({ reason, details });
    }
    for (const session of this.#sessions.of(uid)) session.cut(reason, details);
  }

  sessions(): readonly SessionView[] {
    const nowMs = this.#clock.monotonicMs();
    return this.#sessions.all().map((session) => ({
      uid: session.uid,
      cluster: session.identity.cluster,
      session: session.id,
      current: this.#sessions.current(session.uid) === session,
      sinceMs: session.sinceMs,
      lastHeardMs: session.lastHeardMs,
      kubeSystemUid: session.kubeSystemUid,
      instance: session.hello.instance,
      spokeVersion: session.hello.spokeVersion,
      acknowledged: session.acknowledged,
      certificateEndMs: session.identity.notAfterMs,
      suspectedClone: this.#sessions.isSuspectedClone(session.uid, nowMs),
    }));
  }

  updateTls(tls: ServerTls): void {
    this.#provider.update(tls);
  }

  async stop(timeoutMs = 5_000): Promise<void> {
    for (const session of this.#sessions.all()) {
      session.cut("Draining", "the hub stops");
    }
    await new Promise<void>((resolve) => {
      const stopTimer = holdingSystemClock.setTimer(timeoutMs, () => {
        this.#server.forceShutdown();
        resolve();
      });
      this.#server.tryShutdown(() => {
        stopTimer();
        resolve();
      });
    });
  }

  #createContext(limits: SessionLimits): SessionContext {
    const { options, clock } = { options: this.#options, clock: this.#clock };
    return {
      hubVersion: options.hubVersion,
      heartbeatMs: options.heartbeatMs ?? 15_000,
      limits,
      clock,
      admission: new Admission({ ...options, clock }),
      assignments: options.assignments,
      observer: options.observer,
      log: options.log,
      isSuspectedClone: (uid) =>
        this.#sessions.isSuspectedClone(uid, clock.monotonicMs()),
      isCurrent: ({ uid, id }) => this.#sessions.current(uid)?.id === id,
    };
  }

  #addLink(context: SessionContext): void {
    const slots = new KeyedSlots(context.limits.fetchesPerKey);
    const shared = {
      context,
      sessions: this.#sessions,
      handshakes: this.#handshakes,
    };
    this.#add(linkService, {
      control: (call: ControlCall) =>
        this.#guard(call, serveControl(call, shared)),
      fetchAssignment: (call: Parameters<typeof serveAssignment>[0]) =>
        this.#guard(call, serveAssignment(call, context, slots)),
      fetchArtifact: (call: Parameters<typeof serveArtifact>[0]) =>
        this.#guard(call, serveArtifact(call, context, slots)),
    });
  }

  #addEnrollment(limits: SessionLimits): void {
    const clock = this.#clock;
    const enrollment = new Enrollment({ ...this.#options, clock });
    const slots = new EnrollmentSlots(limits);
    const bounded = async (
      call: JoinCall | RenewCall,
      work: () => Promise<void>,
      full: () => void,
    ) => {
      const giveBack = slots.take(call.getPeer());
      if (giveBack === undefined) return full();
      try {
        await work();
      } finally {
        giveBack();
      }
    };
    const tooMany = writeLinkFailure("TooMany", "too many enrolments at once");
    this.#add(enrollmentService, {
      join: (call: JoinCall, answer: Parameters<typeof serveJoin>[1]) => {
        bounded(
          call,
          () => serveJoin(call, answer, enrollment),
          () => answer(tooMany),
        ).catch((error: unknown) => answer(this.#broken(error)));
      },
      renew: (call: RenewCall) =>
        this.#guard(
          call,
          bounded(
            call,
            () => serveRenew(call, enrollment, clock, limits.firstMessageMs),
            () => call.emit("error", tooMany),
          ),
        ),
    });
  }

  #add(
    service: Readonly<Record<string, unknown>>,
    handlers: Readonly<Record<string, unknown>>,
  ): void {
    this.#server.addService(
      service as ServiceDefinition,
      handlers as UntypedServiceImplementation,
    );
  }

  /** Ends a call whose handler broke, and logs why: the caller learns only that it did. */
  #guard(
    call: { emit(event: "error", failure: unknown): boolean },
    work: Promise<void>,
  ): void {
    work.catch((error: unknown) => call.emit("error", this.#broken(error)));
  }

  #broken(error: unknown) {
    this.#options.log({ level: "error", message: "call failed", error });
    return writeLinkFailure("Internal", "the hub failed; its log says why");
  }
}

/** Keepalive destroys a connection whose peer has vanished, which ending its streams does not. */
const serverOptions = {
  "grpc.max_receive_message_length": protocolLimits.messageBytes,
  "grpc.max_send_message_length": protocolLimits.messageBytes,
  "grpc.keepalive_time_ms": 30_000,
  "grpc.keepalive_timeout_ms": 15_000,
  "grpc.max_concurrent_streams": 32,
} as const;
