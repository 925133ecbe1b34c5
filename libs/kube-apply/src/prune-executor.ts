import {
  type GroupVersionKind,
  type KubeObject,
  formatObjectId,
  isJsonObject,
  objectIdOf,
  objectKey,
  parseObjectKey,
} from "@wheelhouse/kube-object";
import { type Failpoint } from "./failpoints.ts";
import { type Inventory, type InventoryEntry } from "./inventory.ts";
import { KubeError } from "./kube-error.ts";
import { type ApplyPort, type DiscoveryPort } from "./kube-port.ts";
import { type Limiter } from "./limiter.ts";
import { uidOf } from "./live-content.ts";
import { unmarkPatch } from "./ownership-marks.ts";
import {
  type Contents,
  type LiveRead,
  type PruneCandidate,
  type PruneDecision,
  type PruneEvidence,
  decidePrune,
} from "./prune-gate.ts";
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
  /** Deletions that were refused; their entries stay, and they are tried again. */
  readonly failed: readonly {
    readonly candidate: PruneCandidate;
    readonly message: string;
  }[];
}

/** Carries out what the prune gate permits: live read, decision, delete with preconditions, and only then the entry. */
export class PruneExecutor {
  readonly #options: PruneExecutorOptions;

  constructor(options: PruneExecutorOptions) {
    this.#options = options;
  }

  /** One pass over all candidates; a rejection of `requireNewest`, which is asked before every step that writes, ends it. Throws `KubeError` only where the inventory cannot be written. */
  async prune(
    requests: readonly PruneRequest[],
    evidence: PruneEvidence,
    requireNewest: () => Promise<void>,
  ): Promise<PruneOutcome> {
    const impersonations = new Map(
      requests.map(({ key, impersonate }) => [key, impersonate]),
    );
    const read = await Promise.all(requests.map((one) => this.#read(one)));
    const candidates = read.filter((candidate) => candidate !== undefined);
    const decision = await this.#decide(candidates, evidence);
    const { deletes, forgets, orphans, holds, keeps } = decision;
    if (forgets.length + orphans.length > 0) await requireNewest();
    const failed: PruneOutcome["failed"][number][] = [];
    const deleted: PruneCandidate[] = [];
    for (const batch of inReverseStages(deletes)) {
      if (batch.length > 0) await requireNewest();
      await Promise.all(
        batch.map(async (one) => {
          const { candidate } = one;
          const impersonate = impersonations.get(candidate.key);
          // What could not be deleted may be inside, and must not go along.
          const problem =
            isContainer(candidate) && failed.length > 0
              ? "waits for deletions that were refused"
              : await this.#delete(one, impersonate);
          if (problem === undefined) deleted.push(candidate);
          else failed.push({ candidate, message: problem });
        }),
      );
    }
    const unmarked = await this.#unmark(orphans.map((v) => v.candidate));
    const gone = await this.#onlyGone(deleted);
    await this.#forget([
      ...forgets.map(({ candidate }) => candidate),
      ...unmarked,
      ...gone,
    ]);
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
      const going = goingKeys(decision);
      const judged = await Promise.all(
        candidates.map(async (candidate) =>
          going.has(candidate.key) && candidate.live.kind === "found"
            ? {
                ...candidate,
                contents: await this.#contentsOf(candidate.live.object, going),
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

  async #read(request: PruneRequest): Promise<PruneCandidate | undefined> {
    const id = parseObjectKey(request.key);
    if (id === undefined) return undefined;
    const { live, kind } = await this.#readLive(request);
    return {
      id,
      key: request.key,
      entry: kind ? { ...request.entry, version: kind.version } : request.entry,
      live,
      contents: { kind: "none" },
      candidateSinceMs: request.candidateSinceMs,
    };
  }

  async #readLive({
    key,
    impersonate,
  }: Pick<PruneRequest, "key" | "impersonate">): Promise<{
    readonly live: LiveRead;
    readonly kind?: GroupVersionKind;
  }> {
    const id = parseObjectKey(key);
    if (id === undefined) throw new Error(`${key}: not an identity`);
    try {
      return await this.#options.limiter.run(async () => {
        const { discovery, port } = this.#options;
        const served = await discovery.findByKind(id.group, id.kind);
        if (served === undefined) {
          const message = `${id.kind} is not served any more`;
          return { live: { kind: "unreadable", message } as const };
        }
        const object = await port.get(
          served.gvk,
          id,
          impersonate === undefined ? {} : { impersonate },
        );
        const live: LiveRead =
          object === undefined ? { kind: "absent" } : { kind: "found", object };
        return { live, kind: served.gvk };
      });
    } catch (error) {
      return { live: { kind: "unreadable", message: messageOf(error) } };
    }
  }

  /** What lives in a namespace or as objects of a definition, outside of what is being deleted. A list here only ever holds a deletion back. */
  async #contentsOf(
    object: KubeObject,
    keys: ReadonlySet<string>,
  ): Promise<Contents> {
    try {
      if (object.kind === "Namespace") {
        return await this.#inNamespace(object.metadata.name, keys);
      }
      return object.kind === "CustomResourceDefinition"
        ? await this.#ofDefinition(object, keys)
        : { kind: "none" };
    } catch (error) {
      return { kind: "unknown", message: messageOf(error) };
    }
  }

  async #inNamespace(
    namespace: string,
    keys: ReadonlySet<string>,
  ): Promise<Contents> {
    const { discovery } = this.#options;
    const { apiVersions } = await discovery.capabilities();
    for (const text of apiVersions) {
      const gvk = parseServed(text);
      if (gvk === undefined || ignoredContents.has(gvk.kind)) continue;
      const served = await discovery.find(gvk);
      if (served?.namespaced !== true) continue;
      const contents = await this.#listed(gvk, namespace, keys);
      if (contents.kind !== "none") return contents;
    }
    return { kind: "none" };
  }

  async #ofDefinition(
    definition: KubeObject,
    keys: ReadonlySet<string>,
  ): Promise<Contents> {
    const spec = definition["spec"];
    const names = isJsonObject(spec) ? spec["names"] : undefined;
    const group = isJsonObject(spec) ? spec["group"] : undefined;
    const kind = isJsonObject(names) ? names["kind"] : undefined;
    if (typeof group !== "string" || typeof kind !== "string") {
      return { kind: "unknown", message: "the definition names no kind" };
    }
    // A definition that was just made is served a moment later than it says.
    const served = await this.#options.discovery.findByKind(group, kind, {
      fresh: true,
    });
    return served === undefined
      ? { kind: "unknown", message: `${kind} is not served` }
      : this.#listed(served.gvk, "", keys);
  }

  async #listed(
    gvk: GroupVersionKind,
    namespace: string,
    keys: ReadonlySet<string>,
  ): Promise<Contents> {
    try {
      const items = await this.#options.port.list(gvk, { namespace });
      const other = items.find(
        (item) =>
          !keys.has(objectKey(objectIdOf(item))) && !isProvidedByServer(item),
      );
      return other === undefined
        ? { kind: "none" }
        : { kind: "some", example: formatObjectId(objectIdOf(other)) };
    } catch (error) {
      // A kind that can be created but not listed holds nothing to lose.
      if (error instanceof KubeError && error.code === 405) {
        return { kind: "none" };
      }
      throw error;
    }
  }

  async #delete(
    { candidate, uid, resourceVersion }: PruneDecision["deletes"][number],
    impersonate: string | undefined,
  ): Promise<string | undefined> {
    const { id, entry } = candidate;
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
      return messageOf(error);
    }
  }

  /** Accepted is not gone: an object with finalizers stays in the inventory until a live read misses it. */
  async #onlyGone(
    deleted: readonly PruneCandidate[],
  ): Promise<readonly PruneCandidate[]> {
    const gone = await Promise.all(
      deleted.map(async (candidate) => {
        const { live } = await this.#readLive(candidate);
        return (
          live.kind === "absent" ||
          (live.kind === "found" && uidOf(live.object) !== candidate.entry.uid)
        );
      }),
    );
    return deleted.filter((_, index) => gone[index]);
  }

  async #unmark(
    orphans: readonly PruneCandidate[],
  ): Promise<readonly PruneCandidate[]> {
    const done = await Promise.all(
      orphans.map(async ({ id, entry, live }) => {
        if (live.kind === "absent") return true;
        if (live.kind === "unreadable") return false;
        if (uidOf(live.object) !== entry.uid) return true;
        const kind = { group: id.group, version: entry.version, kind: id.kind };
        try {
          await this.#options.port.mergePatch(
            kind,
            id,
            unmarkPatch(live.object),
          );
          return true;
        } catch (error) {
          if (error instanceof KubeError) return false;
          throw error;
        }
      }),
    );
    return orphans.filter((_, index) => done[index]);
  }

  async #forget(candidates: readonly PruneCandidate[]): Promise<void> {
    if (candidates.length === 0) return;
    this.#options.failpoint("prune.beforeForget");
    const changes = candidates.map(
      ({ key, entry }) =>
        [
          key,
          (current: InventoryEntry | undefined) =>
            current?.bundle === entry.bundle && current.uid === entry.uid
              ? undefined
              : current,
        ] satisfies [string, RecordChange<InventoryEntry>],
    );
    await this.#options.inventory.update(new Map(changes));
  }
}

/** What is deleted by a decision, or was before and waits for its finalizers. */
function goingKeys({ deletes, keeps }: PruneDecision): ReadonlySet<string> {
  const leaving = keeps.filter(({ reason }) => reason === "Terminating");
  return new Set(
    [...deletes, ...leaving].map(({ candidate }) => candidate.key),
  );
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

/** Made by the server in every namespace, or following other objects: no reason to keep a namespace. */
const ignoredContents: ReadonlySet<string> = new Set([
  "Event",
  "Endpoints",
  "EndpointSlice",
  "ControllerRevision",
  "Lease",
  "PodMetrics",
]);

function isProvidedByServer(object: KubeObject): boolean {
  const { name } = object.metadata;
  return (
    (object.kind === "ServiceAccount" && name === "default") ||
    (object.kind === "ConfigMap" && name === "kube-root-ca.crt") ||
    Array.isArray(object.metadata["ownerReferences"])
  );
}

function parseServed(text: string): GroupVersionKind | undefined {
  const parts = text.split("/");
  const kind = parts.pop();
  const version = parts.pop();
  if (kind === undefined || version === undefined) return undefined;
  return { group: parts.join("/"), version, kind };
}

function messageOf(error: unknown): string {
  if (error instanceof KubeError) return error.message;
  throw error;
}
