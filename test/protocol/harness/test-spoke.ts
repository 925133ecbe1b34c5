import { type Clock } from "@wheelhouse/clock";
import {
  type ArtifactReference,
  type Digest,
  type Envelope,
  compareVersions,
} from "@wheelhouse/assignment";
import {
  type AcknowledgedAssignment,
  type DurableAssignments,
  type FetchedArtifact,
  type HubSession,
  type LinkLogEntry,
  type ReportSnapshot,
  type SessionEnd,
  type SpokeIdentity,
  createHubSession,
  joinFleet,
} from "@wheelhouse/hub-session";
import { type BundleReport } from "@wheelhouse/protocol";
import {
  type RootPin,
  type SpokeKey,
  createSpokeKey,
  verifyAssignment,
} from "@wheelhouse/trust";
import { fleet } from "./fleet.ts";
import { type TestHub } from "./test-hub.ts";

/** A cluster's durable state in memory. */
export class InMemoryAssignments implements DurableAssignments {
  acknowledged: AcknowledgedAssignment | null = null;
  readonly artifacts = new Map<Digest, Uint8Array>();
  /** The artifacts of the acknowledged assignment. */
  references: readonly ArtifactReference[] = [];
  /** How often the cluster was asked what it lacks. */
  looks = 0;
  /** Every version that was ever acknowledged, in order. */
  readonly history: AcknowledgedAssignment["mark"][] = [];

  loadAcknowledged(): Promise<AcknowledgedAssignment | null> {
    return Promise.resolve(this.acknowledged);
  }

  missingArtifacts(digests: readonly Digest[]): Promise<readonly Digest[]> {
    return Promise.resolve(digests.filter((one) => !this.artifacts.has(one)));
  }

  lackingArtifacts({
    isLooking,
  }: {
    readonly isLooking: boolean;
  }): Promise<readonly ArtifactReference[]> {
    if (isLooking) this.looks += 1;
    const references = this.references.filter(
      ({ digest }) => !this.artifacts.has(digest),
    );
    return Promise.resolve(references);
  }

  putArtifacts(artifacts: readonly FetchedArtifact[]): Promise<void> {
    for (const { digest, bytes } of artifacts)
      this.artifacts.set(digest, bytes);
    return Promise.resolve();
  }

  acknowledge(
    signed: AcknowledgedAssignment["signed"],
    mark: AcknowledgedAssignment["mark"],
  ): Promise<"acknowledged" | "superseded"> {
    const held = this.acknowledged?.mark;
    if (held !== undefined && compareVersions(mark, held) <= 0) {
      return Promise.resolve("superseded");
    }
    this.acknowledged = { signed, mark };
    this.history.push(mark);
    return Promise.resolve("acknowledged");
  }
}

/** A spoke's side of the link with everything around it in memory. */
export class TestSpoke {
  readonly store = new InMemoryAssignments();
  readonly taken: Envelope[] = [];
  readonly reconciles: string[] = [];
  readonly log: LinkLogEntry[] = [];
  chain: readonly Uint8Array[];
  readonly chains: (readonly Uint8Array[])[] = [];
  reports: ReportSnapshot = {
    assignment: null,
    bundles: new Map(),
    drift: [],
    pruneHolds: [],
  };
  session: HubSession | undefined;
  #abort = new AbortController();
  #running: Promise<SessionEnd> | undefined;
  readonly cluster: string;
  readonly uid: string;
  readonly key: SpokeKey;
  readonly pin: RootPin;

  constructor(options: {
    cluster: string;
    uid: string;
    key: SpokeKey;
    pin: RootPin;
    chain: readonly Uint8Array[];
  }) {
    this.cluster = options.cluster;
    this.uid = options.uid;
    this.key = options.key;
    this.pin = options.pin;
    this.chain = options.chain;
  }

  get identity(): SpokeIdentity {
    return {
      createRequest: () => this.key.createRequest(),
      sign: (bytes) => this.key.sign(bytes),
      current: () => ({
        certificateChain: this.chain,
        privateKey: this.key.privateKey,
      }),
      saveChain: (chain) => {
        this.chain = chain;
        this.chains.push(chain);
        return Promise.resolve();
      },
    };
  }

  /** Starts the session; `random` 0 reconnects at once. */
  start(
    port: number,
    options: {
      clock?: Clock;
      random?: () => number;
      instance?: string;
      kubeSystemUid?: string;
      hello?: { uid?: string; cluster?: string; fleet?: string };
    } = {},
  ): void {
    const { clock, instance = "i-1", kubeSystemUid = "ks-1" } = options;
    this.#abort = new AbortController();
    this.session = createHubSession({
      hubAddress: `localhost:${port}`,
      rootCertificate: this.pin.certificate,
      fleet,
      cluster: this.cluster,
      uid: this.uid,
      ...options.hello,
      instance,
      kubeSystemUid,
      spokeVersion: "0.1.0",
      random: options.random ?? (() => 0),
      ...(clock === undefined ? {} : { clock }),
      log: (entry) => this.log.push(entry),
      ports: {
        store: this.store,
        identity: this.identity,
        verify: (signed, acknowledged, nowMs) =>
          verifyAssignment({
            signed,
            acknowledged,
            nowMs,
            pin: this.pin,
            audience: this.uid,
          }),
        capabilities: () => ({
          kubeVersion: "v1.36.3",
          apiVersions: ["v1/Pod"],
        }),
        readReports: () => this.reports,
        onAssignment: (envelope) => {
          this.taken.push(envelope);
          this.store.references = envelope.bundles.flatMap(
            ({ spec }) => spec.artifact ?? [],
          );
        },
        onReconcileRequest: (bundle) => this.reconciles.push(bundle),
      },
    });
    this.#running = this.session.run(this.#abort.signal);
  }

  /** The way the session ended. */
  get end(): Promise<SessionEnd> {
    if (this.#running === undefined) throw new Error("spoke: not started");
    return this.#running;
  }

  get phase(): string | undefined {
    return this.session?.status().phase.kind;
  }

  /** Reports a bundle with a message, beside those reported before. */
  report(name: string, message: string): void {
    const bundle = bundleReport(name, message);
    const bundles = new Map(this.reports.bundles).set(bundle.bundle, bundle);
    this.reports = { ...this.reports, bundles };
    this.session?.reportChanged();
  }

  /** Stops reporting a bundle. */
  drop(name: string): void {
    const bundles = new Map(this.reports.bundles);
    bundles.delete(`Kustomization/flux-system/${name}`);
    this.reports = { ...this.reports, bundles };
    this.session?.reportChanged();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }
}

/** A bundle's report with a message. */
export function bundleReport(name: string, message: string): BundleReport {
  return {
    bundle: `Kustomization/flux-system/${name}`,
    digest: `sha256:${"1".repeat(64)}`,
    applied: null,
    ready: false,
    failed: false,
    status: "InProgress",
    objects: { total: 1, ready: 0 },
    message,
    held: null,
    notes: [],
    drifted: false,
    since: "2026-01-01T00:00:00Z",
  };
}

/** Joins a cluster to a hub by a token, and makes its spoke. */
export async function joinSpoke(
  hub: TestHub,
  cluster: string,
  uid: string,
  port = hub.port,
): Promise<TestSpoke> {
  const token = hub.invite(cluster, uid);
  const key = await createSpokeKey();
  const result = await joinFleet({
    hubAddress: `localhost:${port}`,
    rootCertificate: hub.keys.pin.certificate,
    token,
    key,
    kubeSystemUid: "ks-1",
    signal: AbortSignal.timeout(60_000),
  });
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  const { certificateChain: chain } = result;
  return new TestSpoke({ cluster, uid, key, pin: hub.keys.pin, chain });
}
