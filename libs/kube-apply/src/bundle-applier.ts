import { gvkOf } from "@wheelhouse/kube-object";
import { type Clock } from "@wheelhouse/clock";
import { formatTime, sleep } from "./clock.ts";
import { type DesiredObject } from "./desired-object.ts";
import { type Failpoint } from "./failpoints.ts";
import { type Inventory, type InventoryEntry } from "./inventory.ts";
import { KubeError } from "./kube-error.ts";
import { type ApplyPort, type DiscoveryPort } from "./kube-port.ts";
import { contentDigest, uidOf } from "./live-content.ts";
import { type ApplyContext, requestOf } from "./apply-context.ts";
import { type ObjectApplier } from "./object-applier.ts";
import { liveOwnerOf } from "./ownership-marks.ts";
import { type PreparedObject } from "./prepared-object.ts";
import { type ObjectOutcome, refusalOf } from "./object-outcome.ts";
import { type RecordChange } from "./sharded-records.ts";
import { isDefinition, planStages } from "./stages.ts";

/** What became of one desired object. */
export interface ObjectResult {
  readonly desired: DesiredObject;
  readonly outcome: ObjectOutcome;
}

/** What a namespace is created by that a bundle needs. */
export type NamespaceContext = Pick<
  ApplyContext,
  "spec" | "signal" | "requireNewest"
>;

/** What a bundle is applied with. */
export interface BundleApplierOptions {
  readonly port: ApplyPort;
  readonly discovery: Pick<DiscoveryPort, "find" | "refresh">;
  readonly objects: ObjectApplier;
  readonly inventory: Inventory;
  readonly clock: Clock;
  readonly failpoint: Failpoint;
}

/** A definition that is not Established within this time holds what needs it. */
const establishTimeoutMs = 30_000;

/**
 * Brings all objects of one bundle to what they shall be, stage by stage:
 * every object is in the durable inventory before it is applied, and what the
 * apply gave is recorded after. One refused object does not stop the others.
 */
export class BundleApplier {
  readonly #options: BundleApplierOptions;

  constructor(options: BundleApplierOptions) {
    this.#options = options;
  }

  /** Applies; throws `KubeError` only where the inventory cannot be written: then nothing of that stage was applied. */
  async apply(
    desired: readonly DesiredObject[],
    context: ApplyContext,
  ): Promise<readonly ObjectResult[]> {
    const results: ObjectResult[] = [];
    for (const stage of planStages(desired, ({ object }) => object)) {
      if (context.signal.aborted) break;
      results.push(...(await this.#applyStage(stage.objects, context)));
    }
    return results;
  }

  /** Creates namespaces that a bundle needs and does not own; what is there is left as it is. Throws `KubeError` where the server refuses. */
  async ensureNamespaces(
    names: readonly string[],
    context: NamespaceContext,
  ): Promise<void> {
    for (const name of names) await this.#ensureNamespace(name, context);
  }

  async #ensureNamespace(
    name: string,
    context: NamespaceContext,
  ): Promise<void> {
    const { port, failpoint } = this.#options;
    const kind = { group: "", version: "v1", kind: "Namespace" };
    const request = requestOf(context);
    const live = await port.get(kind, { namespace: "", name }, request);
    if (live !== undefined) return;
    await context.requireNewest();
    try {
      const wanted = { apiVersion: "v1", kind: "Namespace" };
      await port.create({ ...wanted, metadata: { name } }, request);
    } catch (error) {
      if (!(error instanceof KubeError) || error.reason !== "alreadyExists") {
        throw error;
      }
    }
    failpoint("namespace.afterEnsure");
  }

  async #applyStage(
    desired: readonly DesiredObject[],
    context: ApplyContext,
  ): Promise<readonly ObjectResult[]> {
    const { objects, failpoint } = this.#options;
    const prepared = await Promise.all(
      desired.map((one) => objects.prepare(one, context)),
    );
    await this.#recordAhead(prepared, context);
    const results = await Promise.all(
      prepared.map(async (one) => ({
        desired: one.desired,
        outcome: await objects.carryOut(one, context),
      })),
    );
    failpoint("stage.afterApply");
    await this.#recordOutcomes(prepared, results, context);
    return this.#awaitDefinitions(results, context);
  }

  /** Write-ahead: what is about to be applied is durable before, so that no crash leaves an object that nobody knows. */
  async #recordAhead(
    prepared: readonly PreparedObject[],
    context: ApplyContext,
  ): Promise<void> {
    if (prepared.every(({ outcome }) => outcome !== undefined)) return;
    const { inventory, clock, failpoint } = this.#options;
    await context.requireNewest();
    const since = formatTime(clock.nowMs());
    const changes = new Map<string, RecordChange<InventoryEntry>>();
    for (const one of prepared) {
      const { desired, claim, outcome } = one;
      const entry = context.entryOf(desired.key);
      if (outcome !== undefined) continue;
      if (entry?.bundle === context.spec.name) {
        const uid = replacedUid(one, context);
        if (uid === undefined) continue;
        changes.set(desired.key, (current) =>
          current?.bundle === context.spec.name ? { ...current, uid } : current,
        );
        continue;
      }
      const adopted = claim.kind === "adopt" ? since : null;
      changes.set(desired.key, (current) => ({
        bundle: context.spec.name,
        version: gvkOf(desired.object).version,
        since,
        adopted: current?.adopted ?? adopted,
        uid: current?.uid ?? null,
        artifact: current?.artifact ?? null,
        desired: current?.desired ?? null,
        seen: null,
      }));
    }
    if (changes.size === 0) return;
    failpoint("inventory.beforeWrite");
    await inventory.update(changes);
    failpoint("inventory.afterWrite");
  }

  async #recordOutcomes(
    prepared: readonly PreparedObject[],
    results: readonly ObjectResult[],
    context: ApplyContext,
  ): Promise<void> {
    const changes = new Map<string, RecordChange<InventoryEntry>>();
    const now = formatTime(this.#options.clock.nowMs());
    for (const [index, { desired, outcome }] of results.entries()) {
      const wasWritten = prepared[index]?.outcome === undefined;
      const definition = await this.#definitionOf(desired);
      const written = { wasWritten, now, definition };
      const change = entryChange(desired, outcome, written, context);
      if (change !== undefined) changes.set(desired.key, change);
    }
    await this.#options.inventory.update(changes);
  }

  /** The name of the definition of a kind in a group of its own, from what discovery knows since the apply. */
  async #definitionOf({ object }: DesiredObject): Promise<string | undefined> {
    const gvk = gvkOf(object);
    if (!gvk.group.includes(".")) return undefined;
    try {
      const served = await this.#options.discovery.find(gvk);
      return served && `${served.resource}.${gvk.group}`;
    } catch (error) {
      if (error instanceof KubeError) return undefined;
      throw error;
    }
  }

  /** Waits until new definitions are served; one that is not in time is reported as such. */
  async #awaitDefinitions(
    results: readonly ObjectResult[],
    context: ApplyContext,
  ): Promise<readonly ObjectResult[]> {
    const isNew = ({ desired, outcome }: ObjectResult) =>
      isDefinition(desired.object) &&
      outcome.kind === "applied" &&
      outcome.action !== "unchanged";
    if (!results.some(isNew)) return results;
    const settled = await Promise.all(
      results.map(async (result) =>
        isNew(result) ? this.#established(result, context) : result,
      ),
    );
    this.#options.discovery.refresh();
    return settled;
  }

  async #established(
    result: ObjectResult,
    context: ApplyContext,
  ): Promise<ObjectResult> {
    const { clock, port } = this.#options;
    const { signal } = context;
    const { desired } = result;
    const deadline = clock.monotonicMs() + establishTimeoutMs;
    try {
      for (;;) {
        const live = await port.get(
          gvkOf(desired.object),
          desired.id,
          requestOf(context),
        );
        if (live !== undefined && isEstablished(live)) return result;
        if (signal.aborted || clock.monotonicMs() >= deadline) break;
        await sleep(clock, 50, signal);
      }
    } catch (error) {
      return { desired, outcome: refusalOf(error) };
    }
    return {
      desired,
      outcome: {
        kind: "refused",
        reason: "NotEstablished",
        message: "the definition is not established yet",
        isTransient: true,
      },
    };
  }
}

/**
 * The uid of what was made anew under our object's name and bears this bundle's
 * mark, where the bundle may delete it to make it anew: nothing is deleted
 * that the durable inventory does not name. Where drift is not healed it stays
 * a stranger's: nothing is written, and what we never wrote is never pruned.
 */
function replacedUid(
  { desired, live, policy }: PreparedObject,
  { fleet, spec, entryOf }: ApplyContext,
): string | undefined {
  if (spec.drift.mode !== "enabled") return undefined;
  if (!spec.force && !policy.recreate) return undefined;
  const owner = live && liveOwnerOf(live, fleet);
  if (owner?.kind !== "bundle" || owner.bundle !== spec.name) return undefined;
  const recorded = entryOf(desired.key)?.uid ?? null;
  const uid = live && uidOf(live);
  return recorded === null || uid === recorded ? undefined : uid;
}

/** What the outcome of an apply changes in the inventory; undefined where nothing is to be recorded. */
function entryChange(
  desired: DesiredObject,
  outcome: ObjectOutcome,
  {
    wasWritten,
    now,
    definition,
  }: {
    readonly wasWritten: boolean;
    readonly now: string;
    readonly definition: string | undefined;
  },
  context: ApplyContext,
): RecordChange<InventoryEntry> | undefined {
  if (outcome.kind !== "applied" || outcome.live === undefined) {
    return undefined;
  }
  const { live } = outcome;
  const isHealthy = outcome.drift === undefined || outcome.action === "healed";
  const liveUid = uidOf(live);
  // A change may be made several times until it is durable.
  let seen: string | undefined;
  const seenNow = () => (seen ??= contentDigest(desired.object, live));
  return (current) => {
    if (current === undefined || current.bundle !== context.spec.name) {
      return current;
    }
    const isOld = !wasWritten || outcome.action === "unchanged";
    // What differs from ours and was left so may be a stranger's, under our object's name.
    const uid = isHealthy ? (liveUid ?? current.uid) : current.uid;
    const isSame =
      current.artifact === context.artifact &&
      current.desired === desired.digest &&
      current.uid === uid;
    // A verified object alone is no reason to write: its digest is kept in memory.
    if (isSame && isOld) return current;
    // Our object went, and another was made under its name: that one is adopted.
    const isAdoption =
      outcome.wasRemade === true ||
      (outcome.action === "adopted" &&
        current.uid !== null &&
        current.uid !== uid);
    return {
      ...current,
      ...(definition === undefined ? {} : { definition }),
      adopted: isAdoption ? now : current.adopted,
      version: gvkOf(desired.object).version,
      uid,
      artifact: context.artifact,
      desired: desired.digest,
      seen: isHealthy ? seenNow() : current.seen,
    };
  };
}

function isEstablished(definition: {
  readonly [key: string]: unknown;
}): boolean {
  const status = definition["status"] as
    { readonly conditions?: unknown } | undefined;
  return (
    Array.isArray(status?.conditions) &&
    status.conditions.some(
      (condition: { readonly type?: unknown; readonly status?: unknown }) =>
        condition.type === "Established" && condition.status === "True",
    )
  );
}
