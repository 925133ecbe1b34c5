import { type Clock } from "@wheelhouse/clock";
import { type Revision } from "@wheelhouse/assignment";
import {
  type HubStore,
  type IssuedAssignment,
  type StoredRevision,
  type StoredTarget,
} from "@wheelhouse/hub-store";
import {
  type RolloutState,
  type RoundSources,
  comparedRevision,
} from "@wheelhouse/rollout";
import { type LiveSessions } from "@wheelhouse/spoke-sessions";

/** Where a step's input comes from. */
export interface RolloutInputPorts {
  readonly store: HubStore;
  readonly live: LiveSessions;
  readonly clock: Clock;
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
  ): Promise<RoundSources> {
    const { store, live, clock, epoch } = this.#options;
    const { revisions, registry, overrides } = store;
    const at =
      targetsAt === null ? null : await revisions.get(targetsAt.commit);
    return {
      ...{ head, at, epoch },
      comparedProblems: await this.#comparedProblems(head, state),
      records: await registry.list(),
      heard: (uid) => live.get(uid),
      issued: await this.#issued(),
      targets: await this.#targets(at?.revision ?? null),
      completedTargets: await this.#targets(completed),
      suspensions: await overrides.suspensions(),
      nowMs: clock.monotonicMs(),
    };
  }

  async #comparedProblems(
    head: StoredRevision | null,
    state: RolloutState | null,
  ): Promise<RoundSources["comparedProblems"]> {
    if (head === null || head.problems.length === 0) return [];
    const revision = comparedRevision(state, head.revision);
    if (revision === null) return [];
    const compared = await this.#options.store.revisions.get(revision.commit);
    return compared?.problems ?? [];
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
