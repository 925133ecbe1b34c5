import {
  type AssignedBundle,
  type AssignmentVersion,
  type Digest,
  decodeEnvelope,
} from "@wheelhouse/assignment";
import {
  type ApplyPort,
  RatchetSecret,
  type InventoryEntry,
  KubeError,
  Limiter,
  readBundleRecords,
  readInventory,
} from "@wheelhouse/kube-apply";
import {
  type ObjectId,
  formatObjectId,
  parseObjectKey,
} from "@wheelhouse/kube-object";
import {
  type ObjectStatus,
  computeStatus,
  worstHealth,
} from "@wheelhouse/status";
import { readIdentityFacts } from "./spoke-identity.ts";

/** One object that a bundle owns, as it is now. */
export interface ObjectState {
  readonly object: ObjectId;
  readonly status: ObjectStatus;
  readonly message: string;
}

/** One bundle, as the cluster itself tells. */
export interface BundleInCluster {
  readonly bundle: string;
  /** Null for a bundle that is no longer assigned, and still owns objects. */
  readonly digest: Digest | null;
  readonly applied: Digest | null;
  /** RFC 3339. */
  readonly appliedAt: string | null;
  readonly verdict: "Converged" | "Progressing" | "Degraded" | "Held";
  readonly objects: readonly ObjectState[];
  readonly ready: number;
  readonly note: string;
}

/** A cluster's durable state and live objects, read with no hub and nothing written. */
export interface ClusterState {
  readonly fleet: string | null;
  readonly cluster: string | null;
  readonly uid: string | null;
  readonly hubAddress: string | null;
  readonly assignment:
    | (AssignmentVersion & {
        readonly root: Digest;
        readonly commit: string;
        readonly issuedAt: string;
      })
    | null;
  readonly bundles: readonly BundleInCluster[];
  /** What could not be read or understood. */
  readonly problems: readonly string[];
}

/** Objects read at once. */
const readsAtOnce = 10;

/** Reads the state. Throws `KubeError` where the API server cannot be asked. */
export async function readClusterState(
  port: ApplyPort,
  now: number,
): Promise<ClusterState> {
  const [facts, stored, records, inventory] = await Promise.all([
    readIdentityFacts(port),
    new RatchetSecret(port).load(),
    readBundleRecords(port),
    readInventory(port),
  ]);
  const decoded = stored && decodeEnvelope(stored.signed.bytes);
  const envelope = decoded?.ok ? decoded.envelope : undefined;
  const live = await readObjects(port, inventory.records, now);
  const assigned = new Map(
    (envelope?.bundles ?? []).map((bundle) => [bundle.spec.name, bundle]),
  );
  const names = new Set([
    ...assigned.keys(),
    ...records.records.keys(),
    ...live.keys(),
  ]);
  return {
    fleet: facts?.fleet ?? envelope?.fleet ?? null,
    cluster: facts?.cluster ?? envelope?.cluster ?? null,
    uid: facts?.uid ?? envelope?.audience ?? null,
    hubAddress: facts?.hubAddress ?? null,
    assignment:
      envelope === undefined
        ? null
        : {
            epoch: envelope.epoch,
            seq: envelope.seq,
            root: envelope.root,
            commit: envelope.revision.commit,
            issuedAt: envelope.issuedAt,
          },
    bundles: [...names].sort().map((name) => {
      const record = records.records.get(name);
      const objects = live.get(name) ?? [];
      return toBundle(name, assigned.get(name), objects, {
        applied: record?.applied ?? null,
        appliedAt: record?.appliedAt ?? null,
      });
    }),
    problems: [
      ...records.problems,
      ...inventory.problems,
      ...(decoded && !decoded.ok ? [decoded.problem] : []),
    ],
  };
}

async function readObjects(
  port: ApplyPort,
  entries: ReadonlyMap<string, InventoryEntry>,
  now: number,
): Promise<ReadonlyMap<string, readonly ObjectState[]>> {
  const limiter = new Limiter(readsAtOnce);
  const byBundle = new Map<string, ObjectState[]>();
  await Promise.all(
    [...entries].map(async ([key, entry]) => {
      const id = parseObjectKey(key);
      if (id === undefined) return;
      const state = await limiter.run(() =>
        readObject(port, id, entry.version, now),
      );
      byBundle.set(entry.bundle, [
        ...(byBundle.get(entry.bundle) ?? []),
        state,
      ]);
    }),
  );
  for (const states of byBundle.values()) {
    states.sort((a, b) =>
      formatObjectId(a.object) < formatObjectId(b.object) ? -1 : 1,
    );
  }
  return byBundle;
}

async function readObject(
  port: ApplyPort,
  object: ObjectId,
  version: string,
  now: number,
): Promise<ObjectState> {
  const kind = { group: object.group, version, kind: object.kind };
  try {
    const live = await port.get(kind, object);
    return live === undefined
      ? { object, status: "NotFound", message: "is not there" }
      : { object, ...computeStatus(live, { now }) };
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    return { object, status: "Unknown", message: error.message };
  }
}

function toBundle(
  bundle: string,
  assigned: AssignedBundle | undefined,
  objects: readonly ObjectState[],
  record: Pick<BundleInCluster, "applied" | "appliedAt">,
): BundleInCluster {
  const worst = worstHealth(objects);
  const open = objects.find(({ status }) => status === worst?.status);
  const isSettled = worst === undefined || worst.status === "Current";
  const held = assigned?.spec.held ?? null;
  const isApplied =
    assigned !== undefined && record.applied === assigned.digest;
  const note =
    assigned === undefined
      ? "no longer assigned; its objects wait for the prune gate"
      : held !== null
        ? held.message
        : assigned.spec.suspend
          ? "suspended"
          : !isSettled && open !== undefined
            ? `${formatObjectId(open.object)}: ${open.message}`
            : isApplied
              ? ""
              : "not applied yet";
  return {
    bundle,
    digest: assigned?.digest ?? null,
    ...record,
    verdict:
      held !== null || assigned === undefined
        ? "Held"
        : worst?.status === "Failed"
          ? "Degraded"
          : isApplied && isSettled
            ? "Converged"
            : "Progressing",
    objects,
    ready: objects.filter(({ status }) => status === "Current").length,
    note,
  };
}
