import {
  type KubeObject,
  isEqualJson,
  spokeNamespace,
} from "@wheelhouse/kube-object";
import { type Clock } from "@wheelhouse/clock";
import { sleep } from "./clock.ts";
import { KubeError } from "./kube-error.ts";
import { type ApplyPort } from "./kube-port.ts";
import { type Limiter } from "./limiter.ts";
import { resourceVersionOf } from "./live-content.ts";
import {
  type RecordCodec,
  decodeShard,
  encodeShard,
  shardName,
  shardOf,
} from "./record-shard.ts";

/** What becomes of one record: from what is durable now to what shall be; undefined removes it. */
export type RecordChange<T> = (current: T | undefined) => T | undefined;

/** Where records are kept, and how. */
export interface ShardedRecordsOptions<T> {
  readonly port: ApplyPort;
  readonly clock: Clock;
  /** Such as `wheelhouse-inventory`; a two-digit number follows. */
  readonly prefix: string;
  readonly shards: number;
  readonly codec: RecordCodec<T>;
  /** How long changes are gathered before they are written together. */
  readonly gatherMs: number;
}

interface Shard<T> {
  records: Map<string, T>;
  /** Why the records cannot be taken as complete. */
  unreadable: string | undefined;
  /** Set where a newer version wrote the shard: it is never written. */
  newer: string | undefined;
  resourceVersion: string | undefined;
  pending: PendingChange<T>[];
  isDraining: boolean;
  /** How long the write before this one took. */
  writeMs: number;
}

interface PendingChange<T> {
  readonly key: string;
  readonly change: RecordChange<T>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const configMap = { group: "", version: "v1", kind: "ConfigMap" };

/**
 * While objects are being applied, more changes are on their way, and a write
 * waits for their company: for so many times as long as a write takes, within
 * these bounds. So writes stay few, and no change waits long for a slow object.
 */
const patience = { writes: 32, leastMs: 50, mostMs: 500 } as const;

/** A write that meets another writer is tried again so often, each time on what is durable by then. */
const maxAttempts = 8;

/**
 * Records in a fixed number of ConfigMaps of the spoke's namespace, by key.
 * Changes of one shard that come while it is being written are written
 * together, each with the resourceVersion that was read: of two writers
 * neither loses the other's records. No write where nothing changes.
 */
export class ShardedRecords<T extends object> {
  readonly #options: ShardedRecordsOptions<T>;
  readonly #shards: Shard<T>[];
  #applying: Limiter | undefined;

  private constructor(options: ShardedRecordsOptions<T>, shards: Shard<T>[]) {
    this.#options = options;
    this.#shards = shards;
  }

  /**
   * Reads every shard live. Where none was ever there they are created empty;
   * where only some are missing, those count as unknown, and stay so until a
   * person removes the mark. Throws `KubeError` where a read fails.
   */
  static async open<T extends object>(
    options: ShardedRecordsOptions<T>,
  ): Promise<ShardedRecords<T>> {
    const found = await readShards(options);
    const isFresh =
      found[0] === undefined &&
      found.every((object) => object === undefined || isEmpty(object, options));
    const records = new ShardedRecords(
      options,
      found.map((object) => toShard(object, isFresh, options)),
    );
    await records.#createMissing(found);
    return records;
  }

  /** From now on writes are gathered for as long as these tasks are under way, within bounds: they end in changes. */
  gatherWhile(applying: Limiter): void {
    this.#applying = applying;
  }

  /** The durable record of a key. */
  get(key: string): T | undefined {
    return this.#shardOf(key).records.get(key);
  }

  /** Every durable record. */
  *entries(): IterableIterator<readonly [string, T]> {
    for (const shard of this.#shards) yield* shard.records.entries();
  }

  /** Why the records cannot be taken as complete, or undefined. */
  get problem(): string | undefined {
    const names = this.#shards.flatMap(({ unreadable, newer }, index) => {
      const name = shardName(this.#options.prefix, index);
      if (newer !== undefined) return [`${name} has format ${newer}`];
      return unreadable === undefined
        ? []
        : [`${name} was missing or unreadable (see its key "unreadable")`];
    });
    return names.length === 0 ? undefined : names.join("; ");
  }

  /** Reads every shard anew: another instance has written them. Throws `KubeError` where a read fails. */
  async reload(): Promise<void> {
    await Promise.all(
      this.#shards.map(async (shard) => {
        if (!shard.isDraining) await this.#reread(shard);
      }),
    );
  }

  /** Changes records; resolves once every change is durable, and throws `KubeError` where one cannot be made so. */
  async update(changes: ReadonlyMap<string, RecordChange<T>>): Promise<void> {
    const outcomes = await Promise.allSettled(
      [...changes].map(([key, change]) => this.#enqueue(key, change)),
    );
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") throw outcome.reason;
    }
  }

  #enqueue(key: string, change: RecordChange<T>): Promise<void> | undefined {
    const shard = this.#shardOf(key);
    const current = shard.records.get(key);
    if (!shard.isDraining && change(current) === current) return undefined;
    return new Promise((resolve, reject) => {
      shard.pending.push({ key, change, resolve, reject });
      if (!shard.isDraining) void this.#drain(shard);
    });
  }

  #shardOf(key: string): Shard<T> {
    const shard = this.#shards[shardOf(key, this.#shards.length)];
    if (shard === undefined) throw new Error(`${key}: no such shard`);
    return shard;
  }

  /** Writes what is pending, batch by batch; every change learns what became of its own. */
  async #drain(shard: Shard<T>): Promise<void> {
    shard.isDraining = true;
    while (shard.pending.length > 0) {
      await this.#gather(shard);
      const batch = shard.pending;
      shard.pending = [];
      const { clock } = this.#options;
      const began = clock.monotonicMs();
      try {
        await this.#write(shard, batch);
        shard.writeMs = clock.monotonicMs() - began;
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    shard.isDraining = false;
  }

  /** Lets changes come together that are about to be written. */
  async #gather({ writeMs }: Shard<T>): Promise<void> {
    const { clock, gatherMs } = this.#options;
    await sleep(clock, gatherMs);
    if (this.#applying === undefined) return;
    const { writes, leastMs, mostMs } = patience;
    const waitMs = Math.min(mostMs, Math.max(leastMs, writes * writeMs));
    await this.#applying.whenCalm(clock, waitMs);
  }

  async #write(
    shard: Shard<T>,
    batch: readonly PendingChange<T>[],
  ): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      if (shard.newer !== undefined) throw newerFormat(shard.newer);
      const records = new Map(shard.records);
      for (const { key, change } of batch) {
        const record = change(records.get(key));
        if (record === undefined) records.delete(key);
        else records.set(key, record);
      }
      if (isEqualRecords(records, shard.records, this.#options.codec)) return;
      try {
        const written = await this.#put(shard, records);
        shard.resourceVersion = resourceVersionOf(written);
        shard.records = records;
        return;
      } catch (error) {
        if (attempt >= maxAttempts || !isStale(error)) throw error;
        await sleep(this.#options.clock, 5 * attempt);
        await this.#reread(shard);
      }
    }
  }

  #put(shard: Shard<T>, records: Map<string, T>): Promise<KubeObject> {
    const { port, codec, prefix } = this.#options;
    const name = shardName(prefix, this.#shards.indexOf(shard));
    const object = encodeShard(name, { ...shard, records }, codec);
    return shard.resourceVersion === undefined
      ? port.create(object)
      : port.update(object);
  }

  /** Takes what is durable now, after another writer was quicker, or a person deleted the shard. */
  async #reread(shard: Shard<T>): Promise<void> {
    const name = shardName(this.#options.prefix, this.#shards.indexOf(shard));
    const object = await this.#options.port.get(configMap, {
      namespace: spokeNamespace,
      name,
    });
    const fresh = toShard(object, false, this.#options);
    if (object !== undefined) shard.records = fresh.records;
    shard.unreadable = fresh.unreadable;
    shard.newer = fresh.newer;
    shard.resourceVersion = fresh.resourceVersion;
  }

  /** The first shard comes last: where it is there, all were. */
  async #createMissing(
    found: readonly (KubeObject | undefined)[],
  ): Promise<void> {
    const create = async (shard: Shard<T>) => {
      try {
        const written = await this.#put(shard, shard.records);
        shard.resourceVersion = resourceVersionOf(written);
      } catch (error) {
        if (!isStale(error)) throw error;
        await this.#reread(shard);
      }
    };
    const [first, ...rest] = this.#shards;
    await Promise.all(
      rest.filter((_, index) => found[index + 1] === undefined).map(create),
    );
    if (first !== undefined && found[0] === undefined) await create(first);
  }
}

/**
 * Reads the same records without ever writing, for a person to look at; shards
 * that are not there are left out.
 */
export async function readRecords<T>(
  options: Omit<ShardedRecordsOptions<T>, "clock" | "gatherMs">,
): Promise<{
  readonly records: ReadonlyMap<string, T>;
  readonly problems: readonly string[];
}> {
  const records = new Map<string, T>();
  const problems: string[] = [];
  const found = await readShards(options);
  found.forEach((object, index) => {
    if (object === undefined) return;
    const content = decodeShard(object, options.codec);
    const name = shardName(options.prefix, index);
    if (content.kind !== "known") problems.push(`${name}: ${content.kind}`);
    if (content.kind === "newer") return;
    content.records.forEach((record, key) => records.set(key, record));
  });
  return { records, problems };
}

function readShards<T>(
  options: Pick<ShardedRecordsOptions<T>, "port" | "prefix" | "shards">,
): Promise<readonly (KubeObject | undefined)[]> {
  return Promise.all(
    Array.from({ length: options.shards }, (_, index) =>
      options.port.get(configMap, {
        namespace: spokeNamespace,
        name: shardName(options.prefix, index),
      }),
    ),
  );
}

function toShard<T>(
  object: KubeObject | undefined,
  isFresh: boolean,
  { codec }: Pick<ShardedRecordsOptions<T>, "codec">,
): Shard<T> {
  const shard: Shard<T> = {
    records: new Map(),
    unreadable: object === undefined && !isFresh ? "(was missing)" : undefined,
    newer: undefined,
    resourceVersion: object && resourceVersionOf(object),
    pending: [],
    isDraining: false,
    writeMs: 0,
  };
  if (object === undefined) return shard;
  const content = decodeShard(object, codec);
  if (content.kind === "newer") return { ...shard, newer: content.format };
  return {
    ...shard,
    records: new Map(content.records),
    unreadable: content.kind === "unknown" ? content.unreadable : undefined,
  };
}

function isEmpty<T>(
  object: KubeObject,
  { codec }: Pick<ShardedRecordsOptions<T>, "codec">,
): boolean {
  const content = decodeShard(object, codec);
  return content.kind === "known" && content.records.size === 0;
}

function isEqualRecords<T>(
  a: ReadonlyMap<string, T>,
  b: ReadonlyMap<string, T>,
  { encode }: RecordCodec<T>,
): boolean {
  if (a.size !== b.size) return false;
  for (const [key, record] of a) {
    const other = b.get(key);
    if (other === record) continue;
    if (other === undefined) return false;
    if (!isEqualJson(encode(record), encode(other))) return false;
  }
  return true;
}

function isStale(error: unknown): boolean {
  return (
    error instanceof KubeError &&
    ["stale", "conflict", "alreadyExists", "notFound"].includes(error.reason)
  );
}

function newerFormat(format: string): KubeError {
  return new KubeError(
    "denied",
    `records: format ${format} was written by a newer version, and is not touched`,
  );
}
