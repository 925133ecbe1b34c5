import {
  type AssignedBundle,
  type BundleName,
  type Envelope,
  type SignedEnvelope,
  compareVersions,
  digestOf,
  judgeRatchet,
} from "@wheelhouse/assignment";
import {
  AssignmentIntake,
  ReportSender,
  type ReportSnapshot,
} from "@wheelhouse/hub-session";
import {
  type AssignmentMark,
  type BundleReport,
  type Hello,
  type HubMessage,
  protocolVersion,
} from "@wheelhouse/protocol";
import { type DependencyState, checkDependencies } from "@wheelhouse/reconcile";
import { type SimulatedCluster } from "./cluster.ts";
import { type Wire } from "./network.ts";
import { Process } from "./process.ts";
import { type Random } from "./random.ts";
import { type VirtualTime } from "./virtual-time.ts";

/** What a spoke needs of the world around it. */
export interface SpokeWorld {
  /** Opens a connection and says hello; null where nobody answers. */
  dial(spoke: SpokeProcess, hello: Hello): Wire | null;
  /** Brings an assignment over the wire; throws where the connection breaks. */
  fetch(
    spoke: SpokeProcess,
    mark: { epoch: number; seq: number },
    wire: Wire,
  ): Promise<SignedEnvelope | null>;
  envelopeOf(signed: SignedEnvelope): Envelope;
  /** The cluster changed in a way that its spokes watch. */
  onChanged(cluster: SimulatedCluster): void;
  onAcknowledged(spoke: SpokeProcess, mark: AssignmentMark): void;
  onApplying(
    spoke: SpokeProcess,
    bundle: AssignedBundle,
    worked: Envelope,
  ): void;
  onApplied(spoke: SpokeProcess, bundle: AssignedBundle): void;
}

/** One spoke: intake, ratchet, reports and the order of bundles are its own code; what an apply does to a cluster is a model. */
export class SpokeProcess extends Process {
  readonly cluster: SimulatedCluster;
  readonly instance: string;
  readonly #world: SpokeWorld;
  readonly #random: Random;
  readonly #intake: AssignmentIntake;
  #wire: Wire | null = null;
  #reports: ReportSender | null = null;
  #worked: Envelope | null = null;
  readonly #applying = new Set<BundleName>();
  #heartbeats = 0;
  #heardMs = 0;
  #abort = new AbortController();
  /** What ends the fetches of a connection that broke. */
  readonly #fetches = new Set<(error: Error) => void>();

  constructor(options: {
    time: VirtualTime;
    cluster: SimulatedCluster;
    instance: string;
    world: SpokeWorld;
    random: Random;
  }) {
    super(options.time);
    this.cluster = options.cluster;
    this.instance = options.instance;
    this.#world = options.world;
    this.#random = options.random;
    this.#intake = new AssignmentIntake({
      ports: this.#ports(),
      clock: this.clock,
      random: () => this.#random.next(),
      log: () => undefined,
    });
    const held = this.cluster.acknowledged;
    this.#worked = held?.envelope ?? null;
    void this.#intake.load();
    this.later(this.#random.whole(10, 2_000), () => this.#dial());
    this.later(1, () => this.pass());
  }

  get isConnected(): boolean {
    return this.#wire !== null && this.#reports !== null;
  }

  /** A message has come from the hub. */
  receive(message: HubMessage): void {
    const wire = this.#wire;
    if (wire === null) return;
    this.#heardMs = this.clock.monotonicMs();
    switch (message.kind) {
      case "welcome":
        this.#welcome(wire, message.heartbeatMs);
        return;
      case "assignmentOffer":
        this.#intake.offer(message.offer);
        return;
      case "heartbeatReply":
        if (message.latest !== null) this.#intake.offer(message.latest);
        return;
      case "reportRequest":
        this.#reports?.sendFull();
        return;
      case "reconcileRequest":
    }
  }

  /** The connection is gone. */
  ended(): void {
    this.#wire?.close("spoke");
    this.#wire = null;
    this.#reports?.close();
    this.#reports = null;
    this.#abort.abort();
    for (const fail of this.#fetches) fail(new Error("the connection broke"));
    this.later(this.#random.whole(1_000, 12_000), () => this.#dial());
  }

  /** Something in the cluster changed, or a turn has come. */
  pass(): void {
    this.#reports?.changed();
    const worked = this.#worked;
    if (worked === null) return;
    for (const bundle of worked.bundles) {
      const { name } = bundle.spec;
      const isApplied =
        this.cluster.bundles.get(name)?.digest === bundle.digest;
      if (isApplied || this.#applying.has(name)) continue;
      const verdict = checkDependencies(bundle, (other) =>
        this.#stateOf(worked, other),
      );
      if (verdict.kind === "met") this.#begin(bundle, worked);
    }
  }

  #stateOf(worked: Envelope, name: BundleName): DependencyState | undefined {
    const assigned = worked.bundles.find(({ spec }) => spec.name === name);
    if (assigned === undefined) return undefined;
    const { cluster, time } = this;
    return {
      assigned,
      isApplied: cluster.bundles.get(name)?.digest === assigned.digest,
      isReady: cluster.isReady(name, assigned.digest, time.nowMs),
      areChecksReady: true,
    };
  }

  /** An apply takes its time, and looks at the ratchet before it writes. */
  #begin(bundle: AssignedBundle, worked: Envelope): void {
    const { name } = bundle.spec;
    this.#applying.add(name);
    this.later(this.#random.whole(100, 3_000), () => {
      this.#applying.delete(name);
      const { cluster, time } = this;
      const held = cluster.acknowledged?.mark;
      const isOlder = held !== undefined && compareVersions(held, worked) > 0;
      if (isOlder || worked !== this.#worked) {
        if (isOlder) void this.#intake.load().then(() => this.#takeUp());
        this.pass();
        return;
      }
      if (cluster.refusesUntilMs > time.nowMs) {
        this.later(this.#random.whole(2_000, 8_000), () => this.pass());
        return;
      }
      this.#world.onApplying(this, bundle, worked);
      this.#world.onApplied(this, bundle);
      this.pass();
    });
  }

  /** What another instance acknowledged is this one's work, too. */
  #takeUp(): void {
    const held = this.cluster.acknowledged;
    if (held === null) return;
    const { envelope } = held;
    if (this.#worked !== null && compareVersions(envelope, this.#worked) <= 0)
      return;
    this.#worked = envelope;
    this.pass();
  }

  #dial(): void {
    if (this.#wire !== null) return;
    this.#abort = new AbortController();
    this.#wire = this.#world.dial(this, {
      ...{
        kind: "hello",
        protocol: protocolVersion,
        spokeVersion: "simulated",
      },
      ...{ fleet: "fleet", cluster: this.cluster.name, uid: this.cluster.uid },
      kubeSystemUid: this.cluster.kubeSystemUid,
      instance: this.instance,
      acknowledged: this.#intake.acknowledged,
      capabilities: { kubeVersion: "v1.36.3", apiVersions: [] },
    });
    if (this.#wire === null) {
      this.later(this.#random.whole(1_000, 12_000), () => this.#dial());
      return;
    }
    this.#heardMs = this.clock.monotonicMs();
    this.#watchSilence(this.#wire);
  }

  #watchSilence(wire: Wire): void {
    const allowedMs = this.#reports === null ? 20_000 : 45_000;
    const leftMs = this.#heardMs + allowedMs - this.clock.monotonicMs();
    this.later(Math.max(1, leftMs), () => {
      if (this.#wire !== wire) return;
      const isSilent = this.clock.monotonicMs() - this.#heardMs >= allowedMs;
      if (isSilent) this.ended();
      else this.#watchSilence(wire);
    });
  }

  #welcome(wire: Wire, heartbeatMs: number): void {
    if (this.#reports !== null) return;
    this.#reports = new ReportSender(
      {
        send: (report) => {
          wire.send("hub", report);
          return true;
        },
        onceDrained: () => undefined,
      },
      () => this.#snapshot(),
      this.clock,
    );
    const fetch = (epoch: number, seq: number) =>
      this.#fetch({ epoch, seq }, wire);
    this.#intake.attach({
      client: {
        async *fetchAssignment({ epoch, seq }) {
          const signed = await fetch(epoch, seq);
          if (signed === null) throw new Error("not found");
          const { bytes, signature, delegation } = signed;
          yield {
            kind: "assignmentHeader",
            totalBytes: bytes.length,
            signature,
            delegation,
          };
          yield { kind: "chunk", bytes };
        },
        fetchArtifact: () => {
          throw new Error("every artifact is there");
        },
      },
      signal: this.#abort.signal,
      onBytes: () => undefined,
      acknowledge: (acknowledged) =>
        wire.send("hub", { kind: "assignmentAcknowledged", acknowledged }),
      refuse: (refused) => wire.send("hub", refused),
    });
    this.#reports.sendFull();
    this.#beat(wire, heartbeatMs);
  }

  #fetch(
    mark: { epoch: number; seq: number },
    wire: Wire,
  ): Promise<SignedEnvelope | null> {
    return new Promise((resolve, reject) => {
      this.#fetches.add(reject);
      this.#world.fetch(this, mark, wire).then(
        (signed) => {
          this.#fetches.delete(reject);
          resolve(signed);
        },
        (error: unknown) => {
          this.#fetches.delete(reject);
          reject(error);
        },
      );
    });
  }

  #beat(wire: Wire, everyMs: number): void {
    this.later(everyMs, () => {
      if (this.#wire !== wire || this.#reports === null) return;
      this.#heartbeats += 1;
      wire.send("hub", {
        kind: "heartbeat",
        counter: this.#heartbeats,
        acknowledged: this.#intake.acknowledged,
        reportCounter: this.#reports.counter,
      });
      this.#beat(wire, everyMs);
    });
  }

  #ports() {
    return {
      store: {
        loadAcknowledged: async () => this.cluster.acknowledged,
        missingArtifacts: async () => [],
        lackingArtifacts: async () => [],
        putArtifacts: async () => undefined,
        acknowledge: async (signed: SignedEnvelope, mark: AssignmentMark) => {
          const envelope = this.#world.envelopeOf(signed);
          return this.cluster.acknowledge({ mark, signed, envelope })
            ? ("acknowledged" as const)
            : ("superseded" as const);
        },
      },
      verify: (signed: SignedEnvelope, acknowledged: SignedEnvelope | null) =>
        this.#verify(signed, acknowledged),
      onAssignment: (envelope: Envelope) => {
        this.#worked = envelope;
        const { epoch, seq, root } = envelope;
        this.#world.onAcknowledged(this, { epoch, seq, root });
        this.pass();
      },
    };
  }

  #verify(signed: SignedEnvelope, acknowledged: SignedEnvelope | null) {
    const envelope = this.#world.envelopeOf(signed);
    if (envelope.audience !== this.cluster.uid) {
      return {
        ok: false,
        problem: "WrongAudience",
        message: "for another",
      } as const;
    }
    const verdict = judgeRatchet(
      acknowledged === null ? null : this.#positionOf(acknowledged),
      this.#positionOf(signed),
    );
    return verdict.ok
      ? ({ ok: true, envelope, step: verdict.step } as const)
      : ({
          ok: false,
          problem: verdict.problem,
          message: verdict.problem,
        } as const);
  }

  #positionOf(signed: SignedEnvelope) {
    const { epoch, seq } = this.#world.envelopeOf(signed);
    const bytesDigest = digestOf(Buffer.from(signed.bytes).toString());
    return { epoch, seq, bytesDigest, signingKey: digestOf(`key ${epoch}`) };
  }

  #snapshot(): ReportSnapshot {
    const { cluster, time } = this;
    const worked = this.#worked;
    const bundles = new Map(
      (worked?.bundles ?? []).map((bundle) => [
        bundle.spec.name,
        reportOf(bundle, cluster, time.nowMs),
      ]),
    );
    const mark =
      worked === null
        ? null
        : { epoch: worked.epoch, seq: worked.seq, root: worked.root };
    return { assignment: mark, bundles, drift: [], pruneHolds: [] };
  }
}

function reportOf(
  { spec, digest }: AssignedBundle,
  cluster: SimulatedCluster,
  nowMs: number,
): BundleReport {
  const live = cluster.bundles.get(spec.name);
  const isReady = cluster.isReady(spec.name, digest, nowMs);
  const isFailed = live?.digest === digest && live.failedAtMs <= nowMs;
  return {
    ...{ bundle: spec.name, digest, applied: live?.digest ?? null },
    ...{ ready: isReady, failed: isFailed, message: "" },
    status: isReady ? "Current" : isFailed ? "Failed" : "InProgress",
    objects: { total: 1, ready: isReady ? 1 : 0 },
    ...{ held: null, notes: [], drifted: false, since: "then" },
  };
}
