import {
  type DeletionPolicy,
  type Digest,
  isDigest,
} from "@wheelhouse/assignment";
import { isJsonObject } from "@wheelhouse/kube-object";
import { type Clock } from "@wheelhouse/clock";
import { type ApplyPort } from "./kube-port.ts";
import { type RecordCodec } from "./record-shard.ts";
import { ShardedRecords, readRecords } from "./sharded-records.ts";

/** What is durable about one bundle: what was applied last, completely and without error. */
export interface BundleRecord {
  /** The bundle's digest; null from before its first application until that is complete. */
  readonly applied: Digest | null;
  /** Its artifact; null for a bundle without one. */
  readonly artifact: Digest | null;
  /** RFC 3339: when it was applied, or first begun. */
  readonly appliedAt: string;
  /** What becomes of its objects when it leaves: its spec is gone by then. */
  readonly prune: boolean;
  readonly deletionPolicy: DeletionPolicy;
  /** Whether the newest assignment that had it had it suspended; absent where not. */
  readonly isSuspended?: true;
  /** The service account that its requests carry, `namespace/name`; absent where it has none. */
  readonly serviceAccount?: string;
  /** The fingerprint of the late values that it was applied with; absent where it has none. */
  readonly late?: string;
}

/** What was last applied of each bundle, by its name. */
export type BundleRecords = ShardedRecords<BundleRecord>;

const prefix = "wheelhouse-bundles";
const shards = 4;

/** Opens the records of the cluster's bundles, and creates them where there never were any. */
export function openBundleRecords(options: {
  readonly port: ApplyPort;
  readonly clock: Clock;
  readonly gatherMs?: number;
}): Promise<BundleRecords> {
  return ShardedRecords.open({
    prefix,
    shards,
    codec: bundleRecordCodec,
    gatherMs: 2,
    ...options,
  });
}

/** Reads the records without writing. */
export function readBundleRecords(port: ApplyPort) {
  return readRecords<BundleRecord>({
    port,
    prefix,
    shards,
    codec: bundleRecordCodec,
  });
}

const policies: readonly DeletionPolicy[] = [
  "MirrorPrune",
  "Delete",
  "WaitForTermination",
  "Orphan",
];

/** How bundle records are kept. */
export const bundleRecordCodec: RecordCodec<BundleRecord> = {
  encode: (record) => ({ ...record }),
  parse: (value) => {
    if (!isJsonObject(value)) return undefined;
    const { applied, artifact, appliedAt, prune } = value;
    const deletionPolicy = policies.find(
      (policy) => policy === value["deletionPolicy"],
    );
    if (applied !== null && !isDigest(applied)) return undefined;
    if (typeof appliedAt !== "string") return undefined;
    if (artifact !== null && !isDigest(artifact)) return undefined;
    if (typeof prune !== "boolean" || deletionPolicy === undefined) {
      return undefined;
    }
    const { serviceAccount, late, isSuspended } = value;
    const isNamed = typeof serviceAccount === "string";
    // Without its account nothing may be done for a bundle that had one.
    if (serviceAccount !== undefined && !isNamed) return undefined;
    return {
      ...{ applied, artifact, appliedAt, prune, deletionPolicy },
      // Anything but its absence is a doubt, and a doubt holds.
      ...(isSuspended === undefined ? {} : { isSuspended: true as const }),
      ...(isNamed ? { serviceAccount } : {}),
      ...(typeof late === "string" ? { late } : {}),
    };
  },
};
