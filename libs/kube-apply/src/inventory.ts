import { type BundleName, type Digest, isDigest } from "@wheelhouse/assignment";
import { type Json, isJsonObject } from "@wheelhouse/kube-object";
import { type Clock } from "@wheelhouse/clock";
import { type ApplyPort } from "./kube-port.ts";
import { type RecordCodec } from "./record-shard.ts";
import { ShardedRecords, readRecords } from "./sharded-records.ts";

/** What is durable about one object that a bundle owns; its key is the object's identity. */
export interface InventoryEntry {
  readonly bundle: BundleName;
  /** The API version that it was written in, such as `v1`. */
  readonly version: string;
  /** Null from before the first apply until its outcome is recorded. */
  readonly uid: string | null;
  /** The artifact that was last applied to this object; null before the first. */
  readonly artifact: Digest | null;
  /** `desiredDigest` of what was last applied. */
  readonly desired: string | null;
  /** `contentDigest` of the live object when it was last verified and recorded. */
  readonly seen: string | null;
  /** RFC 3339: when a bundle came to own it. */
  readonly since: string;
  /** RFC 3339: when an object that was there without an owner was adopted. */
  readonly adopted: string | null;
  /** The definition of a kind that is not the server's own, such as `widgets.example.com`; absent where it is, or was not known. */
  readonly definition?: string;
  /** It was among more deletions than its bundle's budget allows: it is deleted only when named. Absent once it is wanted again. */
  readonly isOverBudget?: true;
}

/** The durable list of objects that bundles own, by identity key. */
export type Inventory = ShardedRecords<InventoryEntry>;

const prefix = "wheelhouse-inventory";
const shards = 16;

/** Opens the inventory of the cluster, and creates it where there never was one. */
export function openInventory(options: {
  readonly port: ApplyPort;
  readonly clock: Clock;
  readonly gatherMs?: number;
}): Promise<Inventory> {
  return ShardedRecords.open({
    prefix,
    shards,
    codec: inventoryCodec,
    gatherMs: 4,
    ...options,
  });
}

/** Reads the inventory without writing. */
export function readInventory(port: ApplyPort) {
  return readRecords({ port, prefix, shards, codec: inventoryCodec });
}

/** How entries are kept: one-letter fields, since a cluster has thousands of them. */
export const inventoryCodec: RecordCodec<InventoryEntry> = {
  encode: (entry) => ({
    b: entry.bundle,
    v: entry.version,
    u: entry.uid,
    a: entry.artifact,
    d: entry.desired,
    s: entry.seen,
    t: entry.since,
    ...(entry.adopted === null ? {} : { o: entry.adopted }),
    ...(entry.definition === undefined ? {} : { c: entry.definition }),
    ...(entry.isOverBudget === true ? { h: 1 } : {}),
  }),
  parse: (value) => {
    if (!isJsonObject(value)) return undefined;
    const { b: bundle, v: version, t: since, a: artifact } = value;
    if (typeof bundle !== "string" || typeof version !== "string") {
      return undefined;
    }
    if (typeof since !== "string") return undefined;
    if (artifact !== null && !isDigest(artifact)) return undefined;
    const definition = textOrNull(value["c"]);
    return {
      ...(definition === null ? {} : { definition }),
      // Whatever stands there: a doubt holds.
      ...(value["h"] === undefined ? {} : { isOverBudget: true as const }),
      bundle,
      version,
      since,
      artifact,
      uid: textOrNull(value["u"]),
      desired: textOrNull(value["d"]),
      seen: textOrNull(value["s"]),
      adopted: textOrNull(value["o"]),
    };
  },
};

function textOrNull(value: Json | undefined): string | null {
  return typeof value === "string" ? value : null;
}
