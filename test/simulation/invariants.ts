import {
  type AssignedBundle,
  type Envelope,
  compareVersions,
} from "@wheelhouse/assignment";
import { type CountOrPercent } from "@wheelhouse/fleet-model";
import {
  type RolloutCommand,
  type RolloutState,
  type Round,
} from "@wheelhouse/rollout";
import { type AssignmentMark } from "@wheelhouse/protocol";
import { type Plan } from "./fault-plan.ts";
import { type SimulatedCluster, versionText } from "./cluster.ts";

/** An invariant that does not hold. */
export class Violation extends Error {
  readonly invariant: string;

  constructor(invariant: string, message: string) {
    super(`${invariant}: ${message}`);
    this.invariant = invariant;
  }
}

/** What a hub stored, as the judge sees it. */
export interface StoredStep {
  readonly before: RolloutState | null;
  readonly round: Round;
  readonly issued: readonly Envelope[];
  readonly command: RolloutCommand | null;
}

/** Judges by what is true in the clusters, and not by what a hub believes. */
export class Judge {
  readonly #plan: Plan;
  readonly #clusters: ReadonlyMap<string, SimulatedCluster>;
  /** The highest version that was ever acknowledged, but for restores. */
  readonly #highest = new Map<SimulatedCluster, AssignmentMark>();
  /** Roots by uid and version: one version never means two things to one cluster. */
  readonly #roots = new Map<string, string>();

  constructor(plan: Plan, clusters: ReadonlyMap<string, SimulatedCluster>) {
    this.#plan = plan;
    this.#clusters = clusters;
  }

  /** S1′: clusters of a wave that are not Ready because of what was issued to them. */
  checkBudgets(): void {
    for (const wave of this.#plan.rollout.waves) {
      const members = [...this.#clusters.values()].filter(
        ({ env }) => env === wave.name,
      );
      const broken = members.filter(
        ({ unsettledRoot, isDisturbed, copies }) =>
          unsettledRoot !== null && !isDisturbed && copies === 0,
      );
      const allowed = Math.min(
        placesOf(wave.maxConcurrency, members.length),
        placesOf(wave.maxUnavailable, members.length),
      );
      if (broken.length <= allowed) continue;
      const names = broken.map(({ name }) => name).join(", ");
      throw new Violation(
        "S1'",
        `wave ${wave.name}: ${broken.length} of ${members.length} not Ready, ${allowed} allowed: ${names}`,
      );
    }
  }

  /** S5: the ratchet only grows. */
  checkAcknowledged(cluster: SimulatedCluster, mark: AssignmentMark): void {
    const before = this.#highest.get(cluster);
    if (before !== undefined && compareVersions(mark, before) < 0) {
      throw new Violation(
        "S5",
        `${cluster.name}: acknowledged ${versionText(mark)} after ${versionText(before)}`,
      );
    }
    this.#highest.set(cluster, mark);
  }

  /** A restore from a backup takes the ratchet back, and nothing else may. */
  forgetRatchet(cluster: SimulatedCluster): void {
    const mark = cluster.acknowledged?.mark;
    if (mark === undefined) this.#highest.delete(cluster);
    else this.#highest.set(cluster, mark);
  }

  /** S5 and S10: nothing is written but what is acknowledged. S2: in order. */
  checkApplying(
    cluster: SimulatedCluster,
    bundle: AssignedBundle,
    worked: Envelope,
    nowMs: number,
  ): void {
    const held = cluster.acknowledged?.mark;
    if (held === undefined || compareVersions(held, worked) !== 0) {
      throw new Violation(
        "S5",
        `${cluster.name}: writes ${bundle.spec.name} of ${versionText(worked)}, ${held === undefined ? "nothing" : versionText(held)} is acknowledged`,
      );
    }
    for (const { bundle: name } of bundle.spec.dependsOn) {
      const wanted = worked.bundles.find(({ spec }) => spec.name === name);
      if (
        wanted === undefined ||
        !cluster.isReady(name, wanted.digest, nowMs)
      ) {
        throw new Violation(
          "S2",
          `${cluster.name}: ${bundle.spec.name} begins before ${name} is Ready at its digest`,
        );
      }
    }
  }

  /** S13, S14 and the gate, at the moment that a hub stores a step. */
  checkStored({ before, round, issued, command }: StoredStep): void {
    const { state } = round.result;
    const from = before?.phase;
    const isSame = before?.generation === state?.generation;
    const isStill =
      from === "Paused" || from === "Halted" || from === "Aborted";
    if (isStill && isSame && state?.phase !== from && command === null) {
      throw new Violation(
        "S14",
        `${from} became ${state?.phase} without a person`,
      );
    }
    if (state?.phase === "Paused" && issued.length > 0) {
      throw new Violation(
        "S13",
        `issued to ${issued[0]?.cluster} while paused`,
      );
    }
    if (from === "Paused" && !isSame && command === null) {
      throw new Violation("S13", "a paused rollout was superseded");
    }
    for (const { commit } of state?.rejected ?? []) {
      if (state?.revision.commit === commit)
        throw new Violation("D-undo", `${commit} is rejected and rolled out`);
    }
    for (const envelope of issued) this.#checkIssued(envelope);
    this.#checkConfirmed(round);
  }

  #checkIssued(envelope: Envelope): void {
    const key = `${envelope.issuedAt} ${envelope.audience} ${versionText(envelope)}`;
    const root = this.#roots.get(key);
    if (root !== undefined && root !== envelope.root) {
      throw new Violation("S6", `${key} was issued twice`);
    }
    this.#roots.set(key, envelope.root);
  }

  /** A stale green opens no gate: what is confirmed was Ready at that very version. */
  #checkConfirmed({ confirmed }: Round): void {
    for (const { uid, ...version } of confirmed) {
      const cluster = [...this.#clusters.values()].find(
        (one) => one.uid === uid,
      );
      if (cluster === undefined || cluster.wasReadyAt.has(versionText(version)))
        continue;
      throw new Violation(
        "D5",
        `${cluster.name}: ${versionText(version)} is confirmed and never was Ready`,
      );
    }
  }
}

/** Written apart from the engine's own, on purpose. */
function placesOf(bound: CountOrPercent, size: number): number {
  if (bound.kind === "count") return bound.count;
  return Math.max(1, Math.floor((bound.percent * size) / 100));
}
