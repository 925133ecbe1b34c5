import { type Clock } from "@wheelhouse/clock";
import { holdingSystemClock } from "@wheelhouse/system-clock";
import { type Digest, type SignedEnvelope } from "@wheelhouse/assignment";
import {
  type AssignmentMark,
  type AssignmentRefused,
  type Hello,
} from "@wheelhouse/protocol";
import {
  type AssignmentSource,
  type JoinFacts,
  type JoinTokenResult,
  type RegisteredCluster,
  type ReportedState,
  type SessionLimits,
  type SessionLogEntry,
  type SessionObserver,
  type SpokeRegistry,
  type SpokeServer,
  createSpokeServer,
} from "@wheelhouse/spoke-sessions";
import {
  type HubKeys,
  createCertificateAuthority,
  createJoinToken,
  issueServerCertificate,
  parseJoinToken,
  pinFingerprint,
} from "@wheelhouse/trust";
import { type TestAssignment, fleet } from "./fleet.ts";

/** A registry in memory that is what the durable one promises to be. */
export class InMemoryRegistry implements SpokeRegistry {
  readonly clusters = new Map<string, RegisteredCluster>();
  readonly tokens = new Map<
    string,
    { uid: string; endMs: number; isUsed: boolean; spender?: string }
  >();

  findByUid(uid: string): RegisteredCluster | undefined {
    return this.clusters.get(uid);
  }

  consumeJoinToken(hash: string, facts: JoinFacts): JoinTokenResult {
    const token = this.tokens.get(hash);
    const cluster = this.clusters.get(token?.uid ?? "");
    if (token === undefined || cluster === undefined) {
      return { ok: false, problem: "unknown" };
    }
    // The key that spent it asks again when its answer was lost on the way.
    if (token.isUsed && token.spender !== facts.keyHash) {
      return { ok: false, problem: "used" };
    }
    if (facts.nowMs > token.endMs) return { ok: false, problem: "expired" };
    token.isUsed = true;
    token.spender = facts.keyHash;
    return { ok: true, uid: cluster.uid, cluster: cluster.cluster };
  }

  recordCertificate(uid: string, facts: { keys: readonly string[] }): boolean {
    const state = this.clusters.get(uid)?.state;
    if (state !== "active" && state !== "left") return false;
    this.update(uid, { keys: facts.keys });
    return true;
  }

  update(uid: string, change: Partial<RegisteredCluster>): void {
    const cluster = this.clusters.get(uid);
    if (cluster !== undefined)
      this.clusters.set(uid, { ...cluster, ...change });
  }
}

/** Assignments in memory, each seen by its own cluster only. */
export class InMemoryAssignments implements AssignmentSource {
  readonly byUid = new Map<string, TestAssignment[]>();
  /** Lets a test put other bytes in the place of those that belong there. */
  tamper: {
    signed?: (signed: SignedEnvelope) => SignedEnvelope;
    artifact?: (bytes: Uint8Array) => Uint8Array;
  } = {};
  readonly loads: string[] = [];

  latest(uid: string): AssignmentMark | null {
    return this.byUid.get(uid)?.at(-1)?.mark ?? null;
  }

  load(uid: string, epoch: number, seq: number): SignedEnvelope | undefined {
    this.loads.push(`${epoch}/${seq}`);
    const found = this.byUid
      .get(uid)
      ?.findLast(({ mark }) => mark.epoch === epoch && mark.seq === seq);
    return found && (this.tamper.signed?.(found.signed) ?? found.signed);
  }

  artifact(uid: string, digest: Digest): Uint8Array | undefined {
    this.loads.push(digest);
    const bytes = this.byUid
      .get(uid)
      ?.map(({ artifacts }) => artifacts.get(digest))
      .find((found) => found !== undefined);
    return bytes && (this.tamper.artifact?.(bytes) ?? bytes);
  }

  issue(uid: string, assignment: TestAssignment): void {
    this.byUid.set(uid, [...(this.byUid.get(uid) ?? []), assignment]);
  }
}

/** Keeps all that was observed. */
export class RecordingObserver implements SessionObserver {
  readonly hellos: { session: string; hello: Hello }[] = [];
  readonly acknowledged: AssignmentMark[] = [];
  readonly refused: AssignmentRefused[] = [];
  readonly reports: { session: string; state: ReportedState }[] = [];
  readonly closed: { uid: string; session: string }[] = [];
  heartbeats = 0;

  onHello({ session }: { session: string }, hello: Hello): void {
    this.hellos.push({ session, hello });
  }
  onAcknowledged(_session: unknown, mark: AssignmentMark): void {
    this.acknowledged.push(mark);
  }
  onRefused(_session: unknown, refused: AssignmentRefused): void {
    this.refused.push(refused);
  }
  onReport({ session }: { session: string }, state: ReportedState): void {
    this.reports.push({ session, state });
  }
  onHeartbeat(): void {
    this.heartbeats += 1;
  }
  onClosed({ uid, session }: { uid: string; session: string }): void {
    this.closed.push({ uid, session });
  }

  /** What was last reported of a bundle, by its short name. */
  messageOf(name: string): string | undefined {
    return this.reports
      .at(-1)
      ?.state.bundles.get(`Kustomization/flux-system/${name}`)?.message;
  }
}

/** A hub's side of the link with everything around it in memory. */
export interface TestHub {
  readonly server: SpokeServer;
  readonly port: number;
  readonly registry: InMemoryRegistry;
  readonly assignments: InMemoryAssignments;
  readonly observer: RecordingObserver;
  readonly log: SessionLogEntry[];
  readonly keys: HubKeys;
  /** Registers a cluster and makes a token for it. */
  invite(cluster: string, uid: string, lifetimeMs?: number): Uint8Array;
  stop(): Promise<void>;
}

/** What may differ between hubs. */
export interface TestHubOptions {
  readonly keys: HubKeys;
  readonly clock?: Clock;
  readonly limits?: Partial<SessionLimits>;
  readonly heartbeatMs?: number;
  readonly certificateLifetimeMs?: number;
  /** State of a hub before, for one that is started again. */
  readonly registry?: InMemoryRegistry;
  readonly assignments?: InMemoryAssignments;
  readonly port?: number;
}

/** Starts a hub's side on loopback. */
export async function startTestHub(options: TestHubOptions): Promise<TestHub> {
  const { keys, clock = holdingSystemClock } = options;
  const registry = options.registry ?? new InMemoryRegistry();
  const assignments = options.assignments ?? new InMemoryAssignments();
  const observer = new RecordingObserver();
  const log: SessionLogEntry[] = [];
  const certificate = await issueServerCertificate(keys, [], clock.nowMs());
  const server = createSpokeServer({
    address: `127.0.0.1:${options.port ?? 0}`,
    fleet,
    hubVersion: "0.1.0",
    tls: { rootCertificate: keys.pin.certificate, ...certificate },
    registry,
    assignments,
    observer,
    authority: createCertificateAuthority(keys, {
      ...(options.certificateLifetimeMs === undefined
        ? {}
        : { lifetimeMs: options.certificateLifetimeMs }),
    }),
    log: (entry) => log.push(entry),
    clock,
    heartbeatMs: options.heartbeatMs ?? 1_000,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
  const { port } = await server.start();
  return {
    server,
    port,
    registry,
    assignments,
    observer,
    log,
    keys,
    invite: (cluster, uid, lifetimeMs = 900_000) => {
      const token = createJoinToken(pinFingerprint(keys.pin));
      registry.clusters.set(uid, { uid, cluster, state: "active", keys: [] });
      const endMs = clock.nowMs() + lifetimeMs;
      registry.tokens.set(token.hash, { uid, endMs, isUsed: false });
      const secret = parseJoinToken(token.text)?.secret;
      if (secret === undefined) throw new Error("token: cannot be read");
      return secret;
    },
    stop: () => server.stop(100),
  };
}
