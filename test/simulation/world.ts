import { createHash } from "node:crypto";
import {
  type AssignedBundle,
  type Envelope,
  type SignedEnvelope,
} from "@wheelhouse/assignment";
import { type Cluster } from "@wheelhouse/fleet-model";
import {
  type AssignmentMark,
  type Hello,
  type HubMessage,
  type SpokeMessage,
} from "@wheelhouse/protocol";
import { type RolloutCommand } from "@wheelhouse/rollout";
import { SimulatedCluster, versionText } from "./cluster.ts";
import { DurableHub } from "./durable-hub.ts";
import { type Plan } from "./fault-plan.ts";
import { FleetRepo, type Flavour, type Health } from "./fleet-repo.ts";
import { HubProcess } from "./hub-process.ts";
import { Judge, type StoredStep } from "./invariants.ts";
import { type Weather, Wire, noMessageFaults } from "./network.ts";
import { type Random, randomOf } from "./random.ts";
import { SpokeProcess, type SpokeWorld } from "./spoke-process.ts";
import { VirtualTime } from "./virtual-time.ts";

/** A fleet with its hub, its network and its repository, in one process and in virtual time. */
export class World implements SpokeWorld {
  readonly plan: Plan;
  readonly time = new VirtualTime();
  readonly clusters = new Map<string, SimulatedCluster>();
  readonly spokes = new Map<SimulatedCluster, Set<SpokeProcess>>();
  readonly repo: FleetRepo;
  readonly judge: Judge;
  /** Backups of the hub's database, oldest first. */
  readonly backups: DurableHub[] = [];
  durable = new DurableHub();
  hub: HubProcess;
  /** Every hub that was started, the dead ones too. */
  readonly hubs: HubProcess[] = [];
  isCalm = false;
  events = 0;
  readonly #hubRandom: Random;
  readonly #random: Random;
  readonly #weather = new Map<SimulatedCluster, Weather>();
  readonly #wires = new Map<Wire, { hub: HubProcess; spoke: SpokeProcess }>();
  readonly #envelopes = new Map<string, Envelope>();
  readonly #signed = new WeakMap<Uint8Array, Envelope>();
  readonly #hash = createHash("sha256");
  readonly #lines: string[] | null;
  #hubs = 0;
  #instances = 0;
  #epoch = 1;
  #isUnjudged = false;

  constructor(plan: Plan, keepsTrace: boolean) {
    this.plan = plan;
    this.#lines = keepsTrace ? [] : null;
    this.#hubRandom = randomOf(plan.seed, "hub");
    this.#random = randomOf(plan.seed, "world");
    this.repo = new FleetRepo(plan.rollout);
    this.judge = new Judge(plan, this.clusters);
    for (let index = 0; index < plan.size; index += 1) this.join(index);
    this.commit("good");
    this.backups.push(this.durable.copy());
    this.hub = this.startHub();
    for (const cluster of this.clusters.values()) this.startSpoke(cluster);
  }

  /** All that happened, and the digest of it. */
  trace(): { readonly hash: string; readonly lines: readonly string[] } {
    return {
      hash: this.#hash.copy().digest("hex").slice(0, 16),
      lines: this.#lines ?? [],
    };
  }

  note(text: string): void {
    const line = `${(this.time.nowMs / 1_000).toFixed(3).padStart(9)} ${text}`;
    this.#hash.update(line).update("\n");
    this.#lines?.push(line);
  }

  /** Judges what changed since the last event. */
  check(): void {
    this.events += 1;
    if (!this.#isUnjudged) return;
    this.#isUnjudged = false;
    this.judge.checkBudgets();
  }

  // The fleet.

  join(index: number): void {
    const env = index < this.plan.stagingSize ? "staging" : "production";
    const name = `${env}-${String(index).padStart(3, "0")}`;
    const uid = `uid-${name}`;
    const cluster = new SimulatedCluster({
      name,
      uid,
      kubeSystemUid: uid,
      env,
    });
    this.clusters.set(name, cluster);
    this.durable.records.set(name, {
      ...{
        name,
        uid,
        phase: "Joined",
        joinedAt: "then",
        acknowledgedFloor: null,
        issuedNumber: null,
      },
    });
  }

  named(): readonly Cluster[] {
    return [...this.clusters.values()].map(({ name, env }) => ({
      ...{ name, source: "git", labels: { env }, variables: {} },
      exposeVariablesAs: [],
      ...{ suspend: false, revokedUids: [], location: { file: "fleet" } },
    }));
  }

  commit(flavour: Flavour): void {
    const commit = this.repo.push(flavour, this.named());
    this.note(`git: ${commit.revision.commit.slice(0, 8)} ${flavour}`);
    this.follow(this.durable);
  }

  /** A hub's database learns of the head. */
  follow(durable: DurableHub): void {
    const { head } = this.repo;
    if (head === null) return;
    durable.head = head;
    durable.commits.set(head.revision.commit, head);
    this.hub?.trigger();
  }

  startHub(isNewEpoch = false): HubProcess {
    this.#hubs += 1;
    if (isNewEpoch) this.#epoch += 1;
    const hub: HubProcess = new HubProcess({
      name: `hub-${this.#hubs}`,
      ...{ time: this.time, epoch: this.#epoch, durable: this.durable },
      skewMs: this.#random.whole(-3_600_000, 3_600_000),
      watcher: {
        onStored: (step) => this.#onStored(hub, step),
        onRefused: (command, why) =>
          this.note(`${hub.name}: ${command.kind} refused: ${why}`),
        random: () => this.#hubRandom.next(),
      },
    });
    this.note(`${hub.name} starts at epoch ${this.#epoch}`);
    this.hub = hub;
    this.hubs.push(hub);
    return hub;
  }

  killHub(hub: HubProcess, isSilent: boolean): void {
    this.note(`${hub.name} dies${isSilent ? " without a word" : ""}`);
    hub.kill();
    for (const [wire, ends] of this.#wires) {
      if (ends.hub !== hub) continue;
      if (!isSilent) wire.close("hub");
      this.#wires.delete(wire);
    }
  }

  startSpoke(cluster: SimulatedCluster): SpokeProcess {
    this.#instances += 1;
    const instance = `${cluster.name}-${this.#instances}`;
    const random = randomOf(this.plan.seed, `spoke ${instance}`);
    const spoke = new SpokeProcess({
      time: this.time,
      cluster,
      instance,
      world: this,
      random,
    });
    const all = this.spokes.get(cluster) ?? new Set();
    this.spokes.set(cluster, all.add(spoke));
    return spoke;
  }

  killSpokes(cluster: SimulatedCluster): void {
    for (const spoke of this.spokes.get(cluster) ?? []) this.killSpoke(spoke);
  }

  killSpoke(spoke: SpokeProcess): void {
    spoke.kill();
    this.spokes.get(spoke.cluster)?.delete(spoke);
    for (const [wire, ends] of this.#wires) {
      if (ends.spoke !== spoke) continue;
      wire.close("spoke");
      this.#wires.delete(wire);
    }
  }

  weatherOf(cluster: SimulatedCluster): Weather {
    const known = this.#weather.get(cluster);
    if (known !== undefined) return known;
    const weather = { cutToHubMs: 0, cutToSpokeMs: 0 };
    this.#weather.set(cluster, weather);
    return weather;
  }

  command(kind: "pause" | "resume" | "abort" | "undo"): void {
    this.#tell({ kind, by });
  }

  /** A person looks, and does what is asked for. */
  attend(): void {
    const { hub } = this;
    const phase = hub.state?.phase;
    if (phase === "Paused" || phase === "Halted")
      this.#tell({ kind: "resume", by });
    // What was aborted stays so: only another commit starts.
    if (phase === "Aborted" && this.isCalm) this.commit("good");
    for (const { reason, wave } of hub.reasons) {
      if (reason === "WaitsForApproval" && wave !== undefined) {
        this.#tell({ kind: "approve", wave, by });
        return;
      }
    }
  }

  #tell(command: RolloutCommand): void {
    this.note(`person: ${command.kind}`);
    this.hub.command(command);
  }

  // What spokes ask of it.

  dial(spoke: SpokeProcess, hello: Hello): Wire | null {
    const { hub } = this;
    const weather = this.weatherOf(spoke.cluster);
    const nowMs = this.time.nowMs;
    if (
      !hub.isAlive ||
      weather.cutToHubMs > nowMs ||
      weather.cutToSpokeMs > nowMs
    )
      return null;
    const wire = new Wire({
      ...{ time: this.time, weather },
      random: randomOf(this.plan.seed, `wire ${spoke.instance} ${nowMs}`),
      faults: () => (this.isCalm ? noMessageFaults : this.plan.messages),
    });
    this.#wires.set(wire, { hub, spoke });
    let session:
      { receive(message: SpokeMessage): void; ended(): void } | undefined;
    let isOver = false;
    wire.join({
      hub: {
        process: hub,
        receive: (message) => session?.receive(message as SpokeMessage),
        ended: () => {
          isOver = true;
          this.#wires.delete(wire);
          session?.ended();
        },
      },
      spoke: {
        process: spoke,
        receive: (message) => spoke.receive(message as HubMessage),
        ended: () => spoke.ended(),
      },
    });
    // The handshake is not what the unruly faults are about.
    hub.later(20, () => {
      if (!isOver) session = hub.accept(wire, hello);
    });
    return wire;
  }

  fetch(
    spoke: SpokeProcess,
    mark: { epoch: number; seq: number },
    wire: Wire,
  ): Promise<SignedEnvelope | null> {
    return new Promise((resolve, reject) => {
      const attempt = () => {
        const ends = this.#wires.get(wire);
        const weather = this.weatherOf(spoke.cluster);
        const cutMs = Math.max(weather.cutToHubMs, weather.cutToSpokeMs);
        if (ends === undefined || !wire.isOpen("spoke")) {
          spoke.act(() => reject(new Error("the connection broke")));
        } else if (cutMs > this.time.nowMs) {
          this.time.after(cutMs - this.time.nowMs, attempt);
        } else {
          ends.hub.act(() => {
            const envelope = ends.hub.durable.get(spoke.cluster.uid, mark);
            const signed = envelope === null ? null : this.#sign(envelope);
            spoke.later(this.#random.whole(5, 200), () => resolve(signed));
          });
        }
      };
      this.time.after(this.#random.whole(5, 100), attempt);
    });
  }

  envelopeOf({ bytes }: SignedEnvelope): Envelope {
    const envelope =
      this.#signed.get(bytes) ??
      this.#envelopes.get(Buffer.from(bytes).toString());
    if (envelope === undefined) throw new Error("nobody issued that");
    this.#signed.set(bytes, envelope);
    return envelope;
  }

  onChanged(cluster: SimulatedCluster): void {
    for (const spoke of this.spokes.get(cluster) ?? [])
      spoke.act(() => spoke.pass());
  }

  onAcknowledged(
    { cluster, instance }: SpokeProcess,
    mark: AssignmentMark,
  ): void {
    this.note(
      `${instance} acknowledged ${versionText(mark)} ${mark.root.slice(7, 15)}`,
    );
    this.judge.checkAcknowledged(cluster, mark);
    this.#settle(cluster);
    this.#isUnjudged = true;
  }

  onApplying(
    { cluster }: SpokeProcess,
    bundle: AssignedBundle,
    worked: Envelope,
  ): void {
    this.judge.checkApplying(cluster, bundle, worked, this.time.nowMs);
  }

  onApplied(
    { cluster, instance }: SpokeProcess,
    { spec, digest }: AssignedBundle,
  ): void {
    this.note(`${instance} applied ${spec.name} ${digest.slice(7, 15)}`);
    const nowMs = this.time.nowMs;
    // A second apply of the same changes nothing.
    if (cluster.bundles.get(spec.name)?.digest === digest) return;
    const random = randomOf(
      this.plan.seed,
      `health ${cluster.name} ${digest} ${nowMs}`,
    );
    const health = this.repo.health.get(digest) ?? "good";
    const afterMs = readyAfterMs(health, random);
    const failedAtMs =
      health === "fails"
        ? nowMs + random.whole(1_000, 20_000)
        : Number.POSITIVE_INFINITY;
    const readyAtMs = nowMs + afterMs;
    cluster.bundles.set(spec.name, { digest, readyAtMs, failedAtMs });
    for (const atMs of [readyAtMs, failedAtMs]) {
      if (!Number.isFinite(atMs)) continue;
      this.time.after(atMs - nowMs, () => {
        this.#settle(cluster);
        this.onChanged(cluster);
      });
    }
  }

  #settle(cluster: SimulatedCluster): void {
    cluster.settle(this.time.nowMs);
  }

  #sign(envelope: Envelope): SignedEnvelope {
    const { audience, issuedAt, root } = envelope;
    const text = `${issuedAt} ${audience} ${versionText(envelope)} ${root}`;
    this.#envelopes.set(text, envelope);
    const empty = Buffer.alloc(0);
    return { bytes: Buffer.from(text), signature: empty, delegation: empty };
  }

  #onStored(hub: HubProcess, step: StoredStep): void {
    const { before, round, issued } = step;
    const { state, effects } = round.result;
    for (const effect of effects) {
      if (effect.kind === "note")
        this.note(`${hub.name}: ${effect.reason} ${effect.message}`);
    }
    for (const envelope of issued) {
      this.note(
        `${hub.name}: ${envelope.cluster} is issued ${versionText(envelope)} ${envelope.root.slice(7, 15)} of ${envelope.revision.commit.slice(0, 8)}`,
      );
    }
    for (const { uid, ...version } of round.confirmed)
      this.note(`${hub.name}: ${uid} confirmed ${versionText(version)}`);
    if (state?.phase !== before?.phase)
      this.note(
        `${hub.name}: ${before?.phase ?? "nothing"} becomes ${state?.phase ?? "nothing"}`,
      );
    this.judge.checkStored(step);
  }
}

const by = { actor: "operator-1", at: "2030-01-01T00:00:00Z" };

function readyAfterMs(health: Health, random: Random): number {
  switch (health) {
    case "good":
      return random.whole(200, 6_000);
    case "slow":
      return random.whole(10_000, 40_000);
    case "never":
    case "fails":
      return Number.POSITIVE_INFINITY;
  }
}
