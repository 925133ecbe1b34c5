import { type Json, isJsonObject } from "@wheelhouse/kube-object";

/** One object in the durable inventory, read as a stranger would. */
export interface KnownEntry {
  readonly bundle: string;
  readonly uid: string | null;
}

interface Snapshot {
  readonly at: number;
  readonly entries: ReadonlyMap<string, KnownEntry>;
}

/** What the durable inventory held at any time, from the writes of its shards. */
export class InventoryHistory {
  readonly #shards = new Map<string, Snapshot[]>();

  /** Takes note of a shard as it was written; what is no shard is let pass. */
  take(name: string, at: number, configMap: Json | undefined): void {
    if (!name.startsWith("wheelhouse-inventory-")) return;
    const snapshots = this.#shards.get(name) ?? [];
    snapshots.push({ at, entries: entriesOf(configMap) });
    this.#shards.set(name, snapshots);
  }

  /** What was durable of an object at a time. */
  entryAt(key: string, at: number): KnownEntry | undefined {
    for (const snapshots of this.#shards.values()) {
      const entry = snapshots
        .findLast((snapshot) => snapshot.at <= at)
        ?.entries.get(key);
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  /** The keys of all that is durable now. */
  keys(): readonly string[] {
    return [...this.#shards.values()].flatMap((snapshots) => [
      ...(snapshots.at(-1)?.entries.keys() ?? []),
    ]);
  }
}

function entriesOf(
  configMap: Json | undefined,
): ReadonlyMap<string, KnownEntry> {
  const data = isJsonObject(configMap) ? configMap["data"] : undefined;
  const text = isJsonObject(data) ? data["records"] : undefined;
  const records: unknown =
    typeof text === "string" ? JSON.parse(text) : undefined;
  if (!isJsonObject(records as Json)) return new Map();
  return new Map(
    Object.entries(records as Record<string, Json>).map(([key, record]) => {
      const fields = isJsonObject(record) ? record : {};
      const { b: bundle, u: uid } = fields;
      return [
        key,
        {
          bundle: typeof bundle === "string" ? bundle : "",
          uid: typeof uid === "string" ? uid : null,
        },
      ];
    }),
  );
}
