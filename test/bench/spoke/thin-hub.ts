import {
  type Digest,
  type SignedEnvelope,
  createEnvelope,
} from "@wheelhouse/assignment";
import { type AssignmentMark } from "@wheelhouse/protocol";
import {
  type ReportedState,
  type SpokeServer,
  createSpokeServer,
} from "@wheelhouse/spoke-sessions";
import {
  type HubKeys,
  type JoinToken,
  createCertificateAuthority,
  createFleetRoot,
  createHubKeys,
  createJoinToken,
  issueServerCertificate,
  pinFingerprint,
  signEnvelope,
} from "@wheelhouse/trust";
import { type BenchBundle, benchRevision } from "./bench-bundle.ts";

const fleet = "bench";
const cluster = "bench-1";
const uid = "bench-uid-1";

/** What an assignment became: when it was Ready at the hub, by the wall clock in milliseconds. */
export interface AssignmentTimes {
  readonly begunMs: number;
  readonly readyMs: number;
}

/** The hub's side of the link with nothing behind it: no Git, no rendering, no store. */
export class ThinHub {
  readonly #keys: HubKeys;
  readonly #server: SpokeServer;
  readonly #token: JoinToken;
  readonly #artifacts = new Map<Digest, Uint8Array>();
  readonly #listeners = new Set<(state: ReportedState) => void>();
  #newest: { mark: AssignmentMark; signed: SignedEnvelope } | undefined;
  #seq = 0;

  /** Starts one on loopback; `invitation` is what a spoke joins with. */
  static async start(): Promise<{ hub: ThinHub; invitation: object }> {
    const now = Date.now();
    const root = await createFleetRoot(fleet, now);
    const keys = await createHubKeys(root, 1, now);
    const certificate = await issueServerCertificate(keys, [], now);
    const hub = new ThinHub(keys, certificate);
    const { port } = await hub.#server.start();
    const { pin } = keys;
    const invitation = {
      cluster,
      uid,
      fleet,
      hubAddress: `127.0.0.1:${port}`,
      token: hub.#token.text,
      rootCertificate: pin.certificate,
      rootPublicKey: pin.delegationKey,
    };
    return { hub, invitation };
  }

  private constructor(
    keys: HubKeys,
    certificate: Awaited<ReturnType<typeof issueServerCertificate>>,
  ) {
    this.#keys = keys;
    this.#token = createJoinToken(pinFingerprint(keys.pin));
    let known: readonly string[] = [];
    this.#server = createSpokeServer({
      fleet,
      address: "127.0.0.1:0",
      hubVersion: "bench",
      tls: { rootCertificate: keys.pin.certificate, ...certificate },
      registry: {
        findByUid: () => ({ uid, cluster, state: "active", keys: known }),
        consumeJoinToken: (hash) =>
          hash === this.#token.hash
            ? { ok: true, uid, cluster }
            : { ok: false, problem: "unknown" },
        recordCertificate: (_uid, { keys: recorded }) => {
          known = recorded;
          return true;
        },
      },
      assignments: {
        latest: () => this.#newest?.mark ?? null,
        load: () => this.#newest?.signed,
        artifact: (_uid, digest) => this.#artifacts.get(digest),
      },
      observer: {
        onHello: () => undefined,
        onAcknowledged: () => undefined,
        onRefused: (_session, { message }) => {
          throw new Error(`the spoke refused: ${message}`);
        },
        onReport: (_session, state) => this.#hear(state),
        onHeartbeat: () => undefined,
        onClosed: () => undefined,
      },
      authority: createCertificateAuthority(keys, {}),
      log: () => undefined,
    });
  }

  /** Offers these bundles as the next assignment, and resolves when each of them is reported Ready at its digest. Making and signing it is not counted. */
  async assign(bundles: readonly BenchBundle[]): Promise<AssignmentTimes> {
    this.#seq += 1;
    const envelope = createEnvelope({
      fleet,
      cluster,
      audience: uid,
      epoch: 1,
      seq: this.#seq,
      revision: benchRevision,
      issuedAt: new Date().toISOString(),
      bundles: bundles.map(({ spec, digest, revision }) => ({
        spec,
        digest,
        revision,
      })),
      allowDelete: [],
    });
    this.#artifacts.clear();
    for (const { artifact } of bundles) {
      this.#artifacts.set(artifact.reference.digest, artifact.bytes);
    }
    const mark = { epoch: 1, seq: this.#seq, root: envelope.root };
    const signed = signEnvelope(this.#keys, envelope);
    const isReady = ({ assignment, bundles: reports }: ReportedState) =>
      assignment?.seq === this.#seq &&
      bundles.every(({ spec, digest }) => {
        const report = reports.get(spec.name);
        return report?.applied === digest && report.ready;
      });
    const begunMs = now();
    this.#newest = { mark, signed };
    const ready = this.until(isReady);
    await this.#server.notify(uid);
    await ready;
    return { begunMs, readyMs: now() };
  }

  /** Resolves with the first report that fulfils a condition; rejects after five minutes. */
  until(isTrue: (state: ReportedState) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#listeners.delete(listen);
        reject(new Error("the spoke did not get there within five minutes"));
      }, 300_000);
      const listen = (state: ReportedState): void => {
        if (!isTrue(state)) return;
        clearTimeout(timer);
        this.#listeners.delete(listen);
        resolve();
      };
      this.#listeners.add(listen);
    });
  }

  /** Resolves when the spoke is here. */
  async whenConnected(): Promise<void> {
    while (this.#server.sessions().length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  stop(): Promise<void> {
    return this.#server.stop(100);
  }

  #hear(state: ReportedState): void {
    for (const listen of [...this.#listeners]) listen(state);
  }
}

/** The wall clock to a fraction of a millisecond, as the API server's audit log has it. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
