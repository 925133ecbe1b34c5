import { type Revision } from "@wheelhouse/assignment";
import { newProblems } from "@wheelhouse/compile";
import {
  type HubStore,
  type StoredRevision,
  type StoredTarget,
} from "@wheelhouse/hub-store";
import {
  type ClusterFact,
  type RolloutInput,
  type RolloutState,
} from "@wheelhouse/rollout";
import { type HubClock } from "../hub-clock.ts";
import { computeClusterFact } from "./cluster-facts.ts";
import { type LiveSessions } from "./live-sessions.ts";

/** Where a step's input comes from. */
export interface RolloutInputPorts {
  readonly store: HubStore;
  readonly live: LiveSessions;
  readonly clock: HubClock;
}

/** Reads all that one step looks at, from the store and from what is heard. */
export class RolloutInputReader {
  readonly #options: RolloutInputPorts;

  constructor(options: RolloutInputPorts) {
    this.#options = options;
  }

  /** `targetsAt`: whose targets the step is given; `completed`: what one that joins gets. */
  async read(
    head: StoredRevision | null,
    state: RolloutState | null,
    targetsAt: Revision | null,
    completed: Revision | null,
  ): Promise<Omit<RolloutInput, "command">> {
    const { revisions } = this.#options.store;
    const at =
      targetsAt === null ? null : await revisions.get(targetsAt.commit);
    return {
      head:
        head === null
          ? null
          : {
              revision: head.revision,
              spec: head.rollout,
              newProblems: await this.#newProblems(head, state),
            },
      targetsAt: at?.revision ?? null,
      clusters: await this.#facts(head, at, completed),
    };
  }

  /** Problems that the revision which was rolled out before did not have, of clusters that have run something. */
  async #newProblems(
    head: StoredRevision,
    state: RolloutState | null,
  ): Promise<readonly string[]> {
    if (head.problems.length === 0) return [];
    const { revisions, assignments, registry } = this.#options.store;
    const isBlockedAtHead =
      state?.revision.commit === head.revision.commit ||
      state?.phase === "Blocked";
    const base = isBlockedAtHead ? state?.previous : state?.revision;
    const before =
      base === undefined || base === null
        ? null
        : await revisions.get(base.commit);
    const hasRun = new Set<string>();
    for (const { name, uid } of await registry.list()) {
      if ((await assignments.newest(uid)) !== null) hasRun.add(name);
    }
    const counted = head.problems.filter(({ clusters }) =>
      clusters.some((cluster) => hasRun.has(cluster)),
    );
    return newProblems(before?.problems ?? [], counted).map(
      ({ location, message, subject }) =>
        location === undefined
          ? `${subject}: ${message}`
          : `${location.file}${location.line === undefined ? "" : `:${location.line}`} ${subject}: ${message}`,
    );
  }

  /** Facts about the clusters that the newest commit names, or the API. */
  async #facts(
    head: StoredRevision | null,
    at: StoredRevision | null,
    completedAt: Revision | null,
  ): Promise<readonly ClusterFact[]> {
    const { store, live, clock } = this.#options;
    if (head === null || at === null) return [];
    const suspensions = await store.overrides.suspensions();
    const named = new Set(head.clusters.map(({ name }) => name));
    const targets = await this.#targets(at.revision);
    const completed = await this.#targets(completedAt);
    const clusters = new Map(at.clusters.map((one) => [one.name, one]));
    const headClusters = new Map(head.clusters.map((one) => [one.name, one]));
    const facts: ClusterFact[] = [];
    for (const record of await store.registry.list()) {
      const cluster =
        clusters.get(record.name) ?? headClusters.get(record.name);
      if (cluster === undefined || !named.has(record.name)) continue;
      if (record.phase === "Removed") continue;
      facts.push(
        computeClusterFact({
          record,
          cluster,
          live: live.get(record.uid),
          issued: await store.assignments.newest(record.uid),
          target: targets.get(record.name) ?? null,
          completedTarget: completed.get(record.name) ?? null,
          suspensions,
          nowMs: clock.monotonicMs(),
        }),
      );
    }
    return facts;
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
