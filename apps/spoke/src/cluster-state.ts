import { systemClock } from "@wheelhouse/system-clock";
import {
  type AssignedBundle,
  type AssignmentVersion,
  type Digest,
  type Envelope,
  decodeEnvelope,
} from "@wheelhouse/assignment";
import {
  type ApplyPort,
  ArtifactStore,
  type BundleRecord,
  type InventoryEntry,
  KubeError,
  Limiter,
  RatchetSecret,
  readBundleRecords,
  readInventory,
} from "@wheelhouse/kube-apply";
import {
  type ObjectId,
  formatObjectId,
  objectKey,
  parseObjectKey,
  spokeNamespace,
} from "@wheelhouse/kube-object";
import { type ObjectNote } from "@wheelhouse/protocol";
import {
  type BundleEvent,
  type JudgedBundle,
  judgeBundles,
  lastTroubles,
} from "@wheelhouse/reconcile";
import {
  type Verdict,
  computeBundleVerdict,
  computeStatus,
} from "@wheelhouse/status";
import { readIdentityFacts } from "./spoke-identity.ts";

/** One bundle, as the cluster itself tells. */
export interface BundleInCluster {
  readonly bundle: string;
  /** Null for a bundle that is no longer assigned, and still owns objects. */
  readonly digest: Digest | null;
  readonly applied: Digest | null;
  /** RFC 3339. */
  readonly appliedAt: string | null;
  /** As the hub would say it of what the spoke would report now; never Drifted, since nobody is asked. */
  readonly verdict: Verdict;
  /** What it should have, or where that is not known what it owns, as it is now. */
  readonly objects: readonly ObjectNote[];
  readonly ready: number;
  /** What its first application waits for, in words; null where it waits for no other bundle. */
  readonly waitsFor: string | null;
  /** Why its spoke could not apply it, when it last said; null where it is applied, waits for another, or the API server keeps no such Event any more. */
  readonly trouble: BundleEvent | null;
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

/** The cluster itself is being read, so that it is heard from. */
const inContact = { sessionAgeMs: 0, heartbeatAgeMs: 0 };

/** Reads the state. Throws `KubeError` where the API server cannot be asked. */
export async function readClusterState(port: ApplyPort): Promise<ClusterState> {
  const artifacts = new ArtifactStore(port);
  const [facts, stored, { records, problems }, inventory] = await Promise.all([
    readIdentityFacts(port),
    new RatchetSecret(port).load(),
    readBundleRecords(port),
    readInventory(port),
    artifacts.refresh(),
  ]);
  const decoded = stored && decodeEnvelope(stored.signed.bytes);
  const envelope = decoded?.ok ? decoded.envelope : undefined;
  const judged =
    envelope === undefined
      ? new Map<string, JudgedBundle>()
      : await judgeBundles({
          ...{ port, clock: systemClock, envelope, artifacts, records },
          signal: new AbortController().signal,
        });
  const owned = ownedByBundle(inventory.records);
  const reader = new OwnedReader(port);
  const events = await readTroubles(port, envelope, records);
  const names = new Set([...judged.keys(), ...records.keys(), ...owned.keys()]);
  const bundles = await Promise.all(
    [...names].sort().map((name) =>
      describeBundle(name, {
        assigned: envelope?.bundles.find(({ spec }) => spec.name === name),
        judged: judged.get(name),
        record: records.get(name),
        owned: owned.get(name) ?? [],
        trouble: events.troubles.get(name),
        reader,
      }),
    ),
  );
  return {
    fleet: facts?.fleet ?? envelope?.fleet ?? null,
    cluster: facts?.cluster ?? envelope?.cluster ?? null,
    uid: facts?.uid ?? envelope?.audience ?? null,
    hubAddress: facts?.hubAddress ?? null,
    assignment: envelope === undefined ? null : assignmentOf(envelope),
    bundles,
    problems: [
      ...problems,
      ...inventory.problems,
      ...events.problems,
      ...(decoded && !decoded.ok ? [decoded.problem] : []),
    ],
  };
}

/** What the spoke told of bundles that are not applied; with all of them applied nobody is asked. */
async function readTroubles(
  port: ApplyPort,
  envelope: Envelope | undefined,
  records: ReadonlyMap<string, BundleRecord>,
): Promise<{
  readonly troubles: ReadonlyMap<string, BundleEvent>;
  readonly problems: readonly string[];
}> {
  const isApplied = ({ spec, digest }: AssignedBundle) =>
    records.get(spec.name)?.applied === digest;
  if (envelope?.bundles.every(isApplied) !== false) {
    return { troubles: new Map(), problems: [] };
  }
  const kind = { group: "", version: "v1", kind: "Event" };
  try {
    const events = await port.list(kind, { namespace: spokeNamespace });
    return { troubles: lastTroubles(events), problems: [] };
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    const problem = `Events of ${spokeNamespace}: ${error.message}`;
    return { troubles: new Map(), problems: [problem] };
  }
}

function assignmentOf({ epoch, seq, root, revision, issuedAt }: Envelope) {
  return { epoch, seq, root, commit: revision.commit, issuedAt };
}

interface OwnedObject {
  readonly id: ObjectId;
  readonly version: string;
}

/** What is known of one bundle. */
interface BundleFacts {
  /** Undefined where it is no longer assigned. */
  readonly assigned: AssignedBundle | undefined;
  readonly judged: JudgedBundle | undefined;
  readonly record: BundleRecord | undefined;
  readonly owned: readonly OwnedObject[];
  readonly trouble: BundleEvent | undefined;
  readonly reader: OwnedReader;
}

async function describeBundle(
  bundle: string,
  facts: BundleFacts,
): Promise<BundleInCluster> {
  const { assigned, judged, record, owned, reader } = facts;
  const objects = judged?.objects ?? (await reader.read(owned));
  return {
    bundle,
    digest: assigned?.digest ?? null,
    applied: record?.applied ?? null,
    appliedAt: record?.appliedAt ?? null,
    verdict: verdictOf(facts),
    objects,
    ready: objects.filter(({ status }) => status === "Current").length,
    waitsFor: judged?.waitsFor ?? null,
    trouble: troubleOf(facts) ?? null,
    note: noteOf(facts),
  };
}

/** The hub's rule, over what a spoke would report. */
function verdictOf({ assigned, judged }: BundleFacts): Verdict {
  // Nothing is done for it any more but what the prune gate permits.
  if (assigned === undefined || judged === undefined) return "Held";
  const { spec } = assigned;
  const { held, failed, ready, drifted } = judged.report;
  const basis = { contact: inContact, root: null, ageMs: 0 };
  return computeBundleVerdict(basis, {
    ...{ failed, ready, drifted },
    held: held !== null || spec.suspend,
    driftMode: spec.drift.mode,
  }).verdict;
}

/** Of a bundle that is applied at its digest, or that waits, it is an old story. */
function troubleOf({ assigned, judged, record, trouble }: BundleFacts) {
  const isApplied = record?.applied === assigned?.digest;
  const waits = (judged?.waitsFor ?? null) !== null;
  return assigned === undefined || isApplied || waits ? undefined : trouble;
}

function noteOf(facts: BundleFacts): string {
  const { assigned, judged, owned } = facts;
  if (assigned === undefined || judged === undefined) {
    return "no longer assigned; its objects wait for the prune gate";
  }
  const { report, objects } = judged;
  const isUnread = assigned.spec.artifact !== null && objects === null;
  const isApplied = report.applied === assigned.digest;
  const trouble = troubleOf(facts);
  const said =
    // That an object is missing follows from what the spoke said.
    (report.held === null ? trouble?.message : "") ||
    report.message ||
    (isUnread ? "its artifact is missing or damaged" : "") ||
    (isApplied ? "" : "not applied yet");
  const suspended = assigned.spec.suspend && !said.startsWith("suspended");
  const wanted = new Set(objects?.map(({ object }) => objectKey(object)));
  const left = owned.filter(({ id }) => !wanted.has(objectKey(id))).length;
  const leaving =
    objects === null || left === 0
      ? ""
      : `${left} ${left === 1 ? "object waits" : "objects wait"} for the prune gate`;
  return [suspended ? "suspended" : "", said, leaving]
    .filter((part) => part !== "")
    .join("; ");
}

function ownedByBundle(
  entries: ReadonlyMap<string, InventoryEntry>,
): ReadonlyMap<string, readonly OwnedObject[]> {
  const owned = new Map<string, OwnedObject[]>();
  for (const [key, { bundle, version }] of entries) {
    const id = parseObjectKey(key);
    if (id === undefined) continue;
    owned.set(bundle, [...(owned.get(bundle) ?? []), { id, version }]);
  }
  return owned;
}

/** Reads objects of which nothing but the inventory tells, by the rules for their kinds. */
class OwnedReader {
  readonly #port: ApplyPort;
  readonly #limiter = new Limiter(readsAtOnce);

  constructor(port: ApplyPort) {
    this.#port = port;
  }

  async read(owned: readonly OwnedObject[]): Promise<readonly ObjectNote[]> {
    const notes = await Promise.all(
      owned.map((one) => this.#limiter.run(() => this.#readOne(one))),
    );
    return notes.sort((a, b) =>
      formatObjectId(a.object) < formatObjectId(b.object) ? -1 : 1,
    );
  }

  async #readOne({ id, version }: OwnedObject): Promise<ObjectNote> {
    const kind = { group: id.group, version, kind: id.kind };
    try {
      const live = await this.#port.get(kind, id);
      return live === undefined
        ? { object: id, status: "NotFound", message: "is not there" }
        : {
            object: id,
            ...computeStatus(live, { now: systemClock.nowMs() }),
          };
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      return { object: id, status: "Unknown", message: error.message };
    }
  }
}
