import { parseObjectKey } from "@wheelhouse/kube-object";
import { type Going } from "./contained-guests.ts";
import { ContainedObjects } from "./contained-objects.ts";
import { type Failpoint } from "./failpoints.ts";
import { type Inventory, type InventoryEntry } from "./inventory.ts";
import { KubeError } from "./kube-error.ts";
import { type ApplyPort, type DiscoveryPort } from "./kube-port.ts";
import { type Limiter } from "./limiter.ts";
import { uidOf } from "./live-content.ts";
import { LiveReader } from "./live-reader.ts";
import { isTransient } from "./object-outcome.ts";
import { unmarkPatch } from "./ownership-marks.ts";
import { type PruneCandidate, type PruneEvidence } from "./prune-evidence.ts";
import { type PruneDecision, decidePrune } from "./prune-gate.ts";
import { type RecordChange } from "./sharded-records.ts";
import { stageNames, stageOf } from "./stages.ts";

/** What a prune pass needs of the world. */
export interface PruneExecutorOptions {
  readonly port: ApplyPort;
  readonly discovery: DiscoveryPort;
  readonly inventory: Inventory;
  readonly limiter: Limiter;
  readonly failpoint: Failpoint;
}

/** An entry that no bundle of the assignment has, and since when. */
export interface PruneRequest {
  readonly key: string;
  readonly entry: InventoryEntry;
  readonly candidateSinceMs: number;
  /** The service account of its bundle, where it has one. */
  readonly impersonate?: string;
}

/** What a prune pass came to. */
export interface PruneOutcome extends Pick<PruneDecision, "holds" | "keeps"> {
  readonly deleted: readonly PruneCandidate[];
  /** Deletions, and removals of our marks, that were refused; their entries stay, and they are tried again. */
  readonly failed: readonly ({
    readonly candidate: PruneCandidate;
  } & Problem)[];
}

/** Why a request was refused. */
interface Problem {
  readonly message: string;
  /** Whether time alone may mend it. */
  readonly isTransient: boolean;
}

const waitsForOthers: Problem = {
  message: "waits for deletions that were refused",
  isTransient: true,
};

/** Carries out what the prune gate permits: live read, decision, delete with preconditions, and only then the entry. */
export class PruneExecutor {
  readonly #options: PruneExecutorOptions;
  readonly #contained: ContainedObjects;

  constructor(options: PruneExecutorOptions) {
    this.#options = options;
    this.#contained = new ContainedObjects(options);
  }

  /** One pass over all candidates; a rejection of `requireNewest`, which is asked before every step that writes, ends it. Throws `KubeError` only where the inventory cannot be written. */
  async prune(
    requests: readonly PruneRequest[],
    evidence: PruneEvidence,
    requireNewest: () => Promise<void>,
  ): Promise<PruneOutcome> {
    const reader = new LiveReader(this.#options);
    const read = await Promise.all(
      requests.map((one) => this.#read(one, reader)),
    );
    const candidates = read.filter((candidate) => candidate !== undefined);
    const decision = await this.#decide(candidates, evidence);
    const { deletes, forgets, orphans, holds, keeps, marks } = decision;
    if (marks.length > 0) await requireNewest();
    await this.#markOverBudget(marks);
    const failed: PruneOutcome["failed"][number][] = [];
    const deleted: PruneCandidate[] = [];
    for (const batch of inReverseStages(deletes)) {
      if (batch.length > 0) await requireNewest();
      await Promise.all(
        batch.map(async (one) => {
          const { candidate } = one;
          // What could not be deleted may be inside, and must not go along.
          const problem =
            isContainer(candidate) && failed.length > 0
              ? waitsForOthers
              : await this.#delete(one);
          if (problem === undefined) deleted.push(candidate);
          else failed.push({ candidate, ...problem });
        }),
      );
    }
    const unmarked: PruneCandidate[] = [];
    if (orphans.length > 0) await requireNewest();
    await Promise.all(
      orphans.map(async ({ candidate }) => {
        const problem = await this.#unmark(candidate);
        if (problem === undefined) unmarked.push(candidate);
        else failed.push({ candidate, ...problem });
      }),
    );
    const gone = await this.#onlyGone(deleted);
    const forgotten = [
      ...forgets.map(({ candidate }) => candidate),
      ...unmarked,
      ...gone,
    ];
    if (forgotten.length > 0) await requireNewest();
    await this.#forget(forgotten);
    return { deleted, failed, holds, keeps };
  }

  /**
   * A namespace or a definition takes along what it holds. So what it holds is
   * judged against the objects that are deleted in fact, not against all that
   * were asked about, until nothing more is held back.
   */
  async #decide(
    candidates: readonly PruneCandidate[],
    evidence: PruneEvidence,
  ): Promise<PruneDecision> {
    let decision = decidePrune(candidates, evidence);
    for (;;) {
      const going = goingOf(decision);
      const judged = await Promise.all(
        candidates.map(async (candidate) =>
          going.keys.has(candidate.key) && candidate.live.kind === "found"
            ? {
                ...candidate,
                contents: await this.#contained.of({
                  object: candidate.live.object,
                  going,
                  impersonate: candidate.impersonate,
                }),
              }
            : candidate,
        ),
      );
      const before = decision.deletes.length;
      decision = decidePrune(judged, evidence);
      // Each round deletes less than the one before, or is the last.
      if (decision.deletes.length >= before) return decision;
      candidates = judged;
    }
  }

  async #read(
    request: PruneRequest,
    reader: LiveReader,
  ): Promise<PruneCandidate | undefined> {
    const { key, entry, candidateSinceMs, impersonate } = request;
    const id = parseObjectKey(key);
    if (id === undefined) return undefined;
    const account = impersonate === undefined ? {} : { impersonate };
    const { definition } = entry;
    const { live, kind } = await reader.read({ id, definition, ...account });
    return {
      id,
      key,
      entry: kind ? { ...entry, version: kind.version } : entry,
      live,
      contents: { kind: "none" },
      candidateSinceMs,
      ...account,
    };
  }

  async #delete({
    candidate,
    uid,
    resourceVersion,
  }: PruneDecision["deletes"][number]): Promise<Problem | undefined> {
    const { id, entry, impersonate } = candidate;
    const kind = { group: id.group, version: entry.version, kind: id.kind };
    try {
      this.#options.failpoint("prune.beforeDelete");
      await this.#options.limiter.run(() =>
        this.#options.port.delete(kind, id, {
          uid,
          resourceVersion,
          propagation: "Background",
          ...(impersonate === undefined ? {} : { impersonate }),
        }),
      );
      this.#options.failpoint("prune.afterDelete");
      return undefined;
    } catch (error) {
      if (error instanceof KubeError && error.reason === "notFound") {
        return undefined;
      }
      return problemOf(error);
    }
  }

  /** Accepted is not gone: an object with finalizers stays in the inventory until a live read misses it. */
  async #onlyGone(
    deleted: readonly PruneCandidate[],
  ): Promise<readonly PruneCandidate[]> {
    const reader = new LiveReader(this.#options);
    const gone = await Promise.all(
      deleted.map(async (candidate) => {
        const { id, entry, impersonate } = candidate;
        const { live } = await reader.read({
          id,
          definition: entry.definition,
          ...(impersonate === undefined ? {} : { impersonate }),
        });
        return (
          live.kind === "absent" ||
          (live.kind === "found" && uidOf(live.object) !== entry.uid)
        );
      }),
    );
    return deleted.filter((_, index) => gone[index]);
  }

  async #unmark({
    id,
    entry,
    live,
    impersonate,
  }: PruneCandidate): Promise<Problem | undefined> {
    if (live.kind !== "found") throw new Error("an orphan was read");
    const kind = { group: id.group, version: entry.version, kind: id.kind };
    try {
      await this.#options.limiter.run(() =>
        this.#options.port.mergePatch(kind, id, unmarkPatch(live.object), {
          ...(impersonate === undefined ? {} : { impersonate }),
        }),
      );
      return undefined;
    } catch (error) {
      return problemOf(error);
    }
  }

  /** Before anything of the set goes: what is left of it is held after a crash, too. */
  async #markOverBudget(candidates: readonly PruneCandidate[]): Promise<void> {
    if (candidates.length === 0) return;
    await this.#change(candidates, (entry) => ({
      ...entry,
      isOverBudget: true,
    }));
  }

  async #forget(candidates: readonly PruneCandidate[]): Promise<void> {
    if (candidates.length === 0) return;
    this.#options.failpoint("prune.beforeForget");
    await this.#change(candidates, () => undefined);
  }

  /** Changes the entries that are still those of the candidates. */
  async #change(
    candidates: readonly PruneCandidate[],
    change: (entry: InventoryEntry) => InventoryEntry | undefined,
  ): Promise<void> {
    const changes = candidates.map(
      ({ key, entry }) =>
        [
          key,
          (current: InventoryEntry | undefined) =>
            current?.bundle === entry.bundle && current.uid === entry.uid
              ? change(current)
              : current,
        ] satisfies [string, RecordChange<InventoryEntry>],
    );
    await this.#options.inventory.update(new Map(changes));
  }
}

/** What is deleted by a decision, or was before and waits for its finalizers. */
function goingOf({ deletes, keeps }: PruneDecision): Going {
  const leaving = keeps.filter(({ reason }) => reason === "Terminating");
  const all = [...deletes, ...leaving].map(({ candidate }) => candidate);
  const uids = all.map(({ entry }) => entry.uid);
  return {
    keys: new Set(all.map(({ key }) => key)),
    uids: new Set(uids.filter((uid) => uid !== null)),
  };
}

function isContainer({ id }: PruneCandidate): boolean {
  return id.kind === "Namespace" || id.kind === "CustomResourceDefinition";
}

/** What depends on others goes before them: the stages of an apply, backwards. */
function inReverseStages(
  deletes: PruneDecision["deletes"],
): readonly PruneDecision["deletes"][] {
  return stageNames.toReversed().map((name) =>
    deletes.filter(({ candidate: { live } }) => {
      return live.kind === "found" && stageOf(live.object) === name;
    }),
  );
}

function problemOf(error: unknown): Problem {
  if (!(error instanceof KubeError)) throw error;
  return { message: error.message, isTransient: isTransient(error) };
}
