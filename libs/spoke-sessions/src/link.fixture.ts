import {
  type AssignmentMark,
  type Hello,
  type HubMessage,
  protocolVersion,
} from "@wheelhouse/protocol";
import { ManualClock } from "@wheelhouse/testing";
import { Admission } from "./admission.ts";
import { ControlSession } from "./control-session.ts";
import { defaultSessionLimits } from "./limits.ts";
import {
  type CertificateAuthority,
  type PeerIdentity,
  type RegisteredCluster,
  type SessionLogEntry,
} from "./ports.ts";
import { type SessionContext } from "./session-context.ts";
import { SessionTable } from "./session-table.ts";

/** Whom the certificates of these tests name. */
export const identity: PeerIdentity = {
  fleet: "harbour",
  cluster: "prod-eu-1",
  uid: "u1",
  keyHash: "k1",
  notAfterMs: 1_000_000,
};

/** As the registry has that cluster. */
export const registered: RegisteredCluster = {
  uid: "u1",
  cluster: "prod-eu-1",
  state: "active",
  keys: ["k1"],
};

/** An assignment by its seq. */
export function markOf(seq: number): AssignmentMark {
  return { epoch: 1, seq, root: `sha256:${"0".repeat(63)}${seq}` };
}

/** A hello of the cluster. */
export function helloOf(change: Partial<Hello> = {}): Hello {
  return {
    kind: "hello",
    protocol: protocolVersion,
    spokeVersion: "0.1.0",
    fleet: identity.fleet,
    cluster: identity.cluster,
    uid: identity.uid,
    kubeSystemUid: "ks-1",
    instance: "i-1",
    acknowledged: null,
    capabilities: { kubeVersion: "v1.36.3", apiVersions: [] },
    ...change,
  };
}

/** An authority that reads identities as they are given, and issues to whom it is told. */
export function authorityOf(
  change: Partial<CertificateAuthority> = {},
): CertificateAuthority {
  return {
    readIdentity: () => identity,
    readRenewal: () => identity,
    readRequest: () => ({ ok: true, publicKey: Buffer.from("public") }),
    isProof: () => true,
    hashPublicKey: (key) => `hash of ${Buffer.from(key).toString()}`,
    hashToken: (secret) => `hash of ${Buffer.from(secret).toString()}`,
    canIssue: () => true,
    issue: () => ({
      chain: [Buffer.from("leaf")],
      keyHash: "new",
      notAfterMs: 7,
    }),
    ...change,
  };
}

/** A hub's side without a network: its sessions, what they sent, and what was observed. */
export class SessionsUnderTest {
  readonly clock = new ManualClock(0);
  readonly table = new SessionTable<ControlSession>(defaultSessionLimits);
  readonly observed: string[] = [];
  readonly log: SessionLogEntry[] = [];
  readonly recorded: { uid: string; keys: readonly string[] }[] = [];
  cluster: RegisteredCluster | undefined = registered;
  latest: AssignmentMark | null = null;
  readonly context: SessionContext;

  constructor() {
    const { clock, table } = this;
    const note = (what: string) => (key: { readonly session: string }) => {
      const index = table.all().findIndex(({ id }) => id === key.session);
      this.observed.push(`${what} of ${index}`);
    };
    this.context = {
      hubVersion: "0.1.0",
      heartbeatMs: 15_000,
      limits: defaultSessionLimits,
      clock,
      admission: new Admission({
        fleet: identity.fleet,
        authority: authorityOf(),
        clock,
        registry: {
          findByUid: () => this.cluster,
          consumeJoinToken: () => ({ ok: false, problem: "unknown" }),
          recordCertificate: (uid, { keys }) => {
            this.recorded.push({ uid, keys });
            return true;
          },
        },
      }),
      assignments: {
        latest: () => this.latest,
        load: () => undefined,
        artifact: () => undefined,
      },
      observer: {
        onHello: note("hello"),
        onAcknowledged: note("acknowledged"),
        onRefused: note("refused"),
        onReport: note("report"),
        onHeartbeat: note("heartbeat"),
        onClosed: note("closed"),
      },
      log: (entry) => this.log.push(entry),
      isSuspectedClone: (uid) =>
        table.isSuspectedClone(uid, clock.monotonicMs()),
      isCurrent: ({ uid, id }) => table.current(uid)?.id === id,
    };
  }

  /** Opens a session that sends into `sent` and is tabled as the newest. */
  open(hello: Partial<Hello> = {}) {
    const sent: HubMessage[] = [];
    const ends: string[] = [];
    const stream = { isReading: true };
    const session = new ControlSession({
      context: this.context,
      identity,
      hello: helloOf(hello),
      stream: {
        write: (message) => {
          sent.push(message);
          return stream.isReading;
        },
        once: () => undefined,
      },
      end: (reason) => ends.push(reason),
    });
    this.table.add(session);
    return { session, sent, ends, stream };
  }
}
