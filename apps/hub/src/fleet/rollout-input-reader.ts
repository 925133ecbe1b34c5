import { type Revision } from "@wheelhouse/assignment";
import {
  type HubStore,
  type IssuedAssignment,
  type StoredRevision,
  type StoredTarget,
} from "@wheelhouse/hub-store";
import {
  type ClusterFact,
  type RolloutInput,
  type RolloutState,
  comparedRevision,
  computeClusterFacts,
  startProblems,
} from "@wheelhouse/rollout";
import { type HubClock } from "../hub-clock.ts";
import { type LiveSessions } from "./live-sessions.ts";

/** Where a step's input comes from. */
export interface RolloutInputPorts {
  readonly store: HubStore;
  readonly live: LiveSessions;
  readonly clock: HubClock;
  /** Under which this hub signs. */
  readonly epoch: number;
}

/** Which revisions a step is about. */
export interface StepRevisions {
  readonly head: StoredRevision | null;
  /** Whose targets the step is given. */
  readonly targetsAt: Revision | null;
  /** What a cluster that joins gets. */
  readonly completed: Revision | null;
}

/** Reads all that one step looks at, from the store and from what is heard. */
export class RolloutInputReader {
  readonly #options: RolloutInputPorts;

  constructor(options: RolloutInputPorts) {
    this.#options = options;
  }

  async read(
    state: RolloutState | null,
    { head, targetsAt, completed }: StepRevisions,
  ): Promise<Pick<RolloutInput, "head" | "targetsAt" | "clusters">> {
    if (head === null) return { head, targetsAt: null, clusters: [] };
    const { revisions } = this.#options.store;
    const at =
      targetsAt === null ? null : await revisions.get(targetsAt.commit);
    const issued = await this.#issued();
    const { revision, rollout: spec } = head;
    const newProblems = await this.#startProblems(head, state, issued);
    return {
      head: { revision, spec, newProblems },
      targetsAt: at?.revision ?? null,
      clusters:
        at === null ? [] : await this.#facts(head, at, completed, issued),
    };
  }

  async #startProblems(
    head: StoredRevision,
    state: RolloutState | null,
    issued: ReadonlyMap<string, IssuedAssignment>,
  ): Promise<readonly string[]> {
    if (head.problems.length === 0) return [];
    const revision = comparedRevision(state, head.revision);
    const compared =
      revision === null
        ? null
        : await this.#options.store.revisions.get(revision.commit);
    const hasRun = [...issued.values()].map(({ envelope }) => envelope.cluster);
    return startProblems(
      head.problems,
      compared?.problems ?? [],
      new Set(hasRun),
    );
  }

  async #facts(
    head: StoredRevision,
    at: StoredRevision,
    completed: Revision | null,
    issued: ReadonlyMap<string, IssuedAssignment>,
  ): Promise<readonly ClusterFact[]> {
    const { store, live, clock, epoch } = this.#options;
    return computeClusterFacts({
      records: await store.registry.list(),
      named: head.clusters,
      clusters: at.clusters,
      heard: (uid) => live.get(uid),
      issued,
      targets: await this.#targets(at.revision),
      completedTargets: await this.#targets(completed),
      suspensions: await store.overrides.suspensions(),
      epoch,
      nowMs: clock.monotonicMs(),
    });
  }

  /** The newest assignment of each current incarnation, by uid. */
  async #issued(): Promise<ReadonlyMap<string, IssuedAssignment>> {
    const { registry, assignments } = this.#options.store;
    const issued = new Map<string, IssuedAssignment>();
    for (const { uid } of await registry.list()) {
      const newest = await assignments.newest(uid);
      if (newest !== null) issued.set(uid, newest);
    }
    return issued;
  }

  async #targets(
    revision: Revision | null,
  ): Promise<ReadonlyMap<string, StoredTarget>> {
    if (revision === null) return new Map();
    const targets = await this.#options.store.revisions.targets(
      revision.commit,
    );
    return new Map(targets.map((target) => [target.cluster, target]));
  }
}
