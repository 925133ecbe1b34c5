import { systemClock } from "@wheelhouse/system-clock";
import {
  type Json,
  type KubeObject,
  isJsonObject,
} from "@wheelhouse/kube-object";
import { describe, expect, it, vi } from "vitest";
import { KubeError } from "./kube-error.ts";
import { type ApplyPort } from "./kube-port.ts";
import { Limiter } from "./limiter.ts";
import { type RecordCodec } from "./record-shard.ts";
import { ShardedRecords, readRecords } from "./sharded-records.ts";

/** ConfigMaps in memory, with resourceVersions as the API server counts them. */
function memoryPort() {
  const objects = new Map<string, KubeObject>();
  let version = 0;
  let writes = 0;
  const put = (object: KubeObject): KubeObject => {
    version += 1;
    writes += 1;
    const stored = {
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(version) },
    };
    objects.set(object.metadata.name, stored);
    return stored;
  };
  const refuse = () => Promise.reject(new Error("not of this test"));
  const port: ApplyPort = {
    apply: refuse,
    delete: refuse,
    list: refuse,
    mergePatch: refuse,
    get: async (_kind, { name }) => objects.get(name),
    create: async (object) => {
      if (objects.has(object.metadata.name)) {
        throw new KubeError("alreadyExists", object.metadata.name);
      }
      return put(object);
    },
    update: async (object) => {
      const before = objects.get(object.metadata.name);
      const { resourceVersion } = object.metadata;
      if (before?.metadata["resourceVersion"] !== resourceVersion) {
        throw new KubeError("stale", object.metadata.name);
      }
      return put(object);
    },
  };
  return { port, objects, writes: () => writes };
}

interface Count {
  readonly count: number;
}

const codec: RecordCodec<Count> = {
  encode: ({ count }) => ({ count }),
  parse: (value: Json) =>
    isJsonObject(value) && typeof value["count"] === "number"
      ? { count: value["count"] }
      : undefined,
};

const open = (port: ApplyPort, clock = systemClock) =>
  ShardedRecords.open<Count>({
    port,
    codec,
    clock,
    prefix: "wheelhouse-test",
    shards: 4,
    gatherMs: 1,
  });

const keys = Array.from({ length: 40 }, (_, index) => `key-${index}`);
const one = { count: 1 };

describe("sharded records", () => {
  it("are there after they are opened anew", async () => {
    const { port } = memoryPort();
    const records = await open(port);
    await records.update(new Map(keys.map((key) => [key, () => one])));
    const again = await open(port);
    expect(again.problem).toBeUndefined();
    expect(new Map(again.entries()).size).toBe(40);
    const read = await readRecords({
      port,
      codec,
      prefix: "wheelhouse-test",
      shards: 4,
    });
    expect(read).toMatchObject({ problems: [] });
    expect(read.records.size).toBe(40);
  });

  it("write changes of one shard together", async () => {
    const { port, writes } = memoryPort();
    const records = await open(port);
    const before = writes();
    await Promise.all(
      keys.map((key) => records.update(new Map([[key, () => one]]))),
    );
    expect(writes() - before).toBeLessThanOrEqual(4);
  });

  it("wait for changes that are under way, and not for ever", async () => {
    const { port, writes } = memoryPort();
    const patience: (() => void)[] = [];
    const records = await open(port, {
      ...systemClock,
      setTimer: (ms: number, done: () => void) => {
        if (ms < 50) return systemClock.setTimer(ms, done);
        patience.push(done);
        return () => undefined;
      },
    });
    const limiter = new Limiter(1);
    records.gatherWhile(limiter);
    const before = writes();
    let release = () => {};
    const applying = limiter.run(
      () => new Promise<void>((resolve) => (release = resolve)),
    );
    const changes = keys.map((key) =>
      records.update(new Map([[key, () => one]])),
    );
    await vi.waitFor(() => expect(patience).toHaveLength(4));
    expect(writes()).toBe(before);
    release();
    await Promise.all([applying, ...changes]);
    expect(writes() - before).toBe(4);

    void limiter.run(() => new Promise(() => undefined));
    const late = records.update(new Map([["late", () => one]]));
    await vi.waitFor(() => expect(patience).toHaveLength(5));
    patience.at(-1)?.();
    await late;
    expect(writes() - before).toBe(5);
  });

  it("write nothing where nothing changes", async () => {
    const { port, writes } = memoryPort();
    const records = await open(port);
    await records.update(new Map([["key", () => one]]));
    const before = writes();
    await records.update(new Map([["key", (current) => current]]));
    await records.update(new Map([["key", () => ({ count: 1 })]]));
    expect(writes()).toBe(before);
  });

  it("lose nothing of two writers", async () => {
    const { port } = memoryPort();
    const [left, right] = await Promise.all([open(port), open(port)]);
    await Promise.all(
      keys.map((key, index) =>
        (index % 2 === 0 ? left : right).update(new Map([[key, () => one]])),
      ),
    );
    expect(new Map((await open(port)).entries()).size).toBe(40);
  });

  it("build on what another writer made durable", async () => {
    const { port } = memoryPort();
    const [left, right] = [await open(port), await open(port)];
    const add = (current: Count | undefined) => ({
      count: (current?.count ?? 0) + 1,
    });
    await left.update(new Map([["key", add]]));
    await right.update(new Map([["key", add]]));
    expect((await open(port)).get("key")).toEqual({ count: 2 });
  });

  it("are unknown where a shard is missing, and stay so", async () => {
    const { port, objects } = memoryPort();
    const records = await open(port);
    await records.update(new Map(keys.map((key) => [key, () => one])));
    objects.delete("wheelhouse-test-02");
    const again = await open(port);
    expect(again.problem).toContain("wheelhouse-test-02");
    await again.update(new Map(keys.map((key) => [key, () => one])));
    expect((await open(port)).problem).toContain("wheelhouse-test-02");
  });

  it("are unknown where a shard cannot be read, and keep what it held", async () => {
    const { port, objects } = memoryPort();
    await open(port);
    const shard = objects.get("wheelhouse-test-01");
    objects.set("wheelhouse-test-01", {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "wheelhouse-test-01", ...shard?.metadata },
      data: { format: "1", records: "{broken" },
    });
    const again = await open(port);
    await again.update(new Map(keys.map((key) => [key, () => one])));
    const data = objects.get("wheelhouse-test-01")?.["data"];
    expect(JSON.stringify(data)).toContain("{broken");
    expect((await open(port)).problem).toContain("wheelhouse-test-01");
  });

  it("are not written where a newer version wrote them", async () => {
    const { port, objects } = memoryPort();
    await open(port);
    for (const [name, object] of objects) {
      objects.set(name, { ...object, data: { format: "2" } });
    }
    const again = await open(port);
    expect(again.problem).toContain("format 2");
    const writing = again.update(new Map([["key", () => one]]));
    await expect(writing).rejects.toThrow("newer version");
  });

  it("say so when they cannot be written", async () => {
    const memory = memoryPort();
    const records = await open(memory.port);
    const broken: ApplyPort = {
      ...memory.port,
      update: () => Promise.reject(new KubeError("forbidden", "forbidden")),
    };
    const refused = await open(broken);
    const writing = refused.update(new Map([["key", () => one]]));
    await expect(writing).rejects.toThrow("forbidden");
    expect(records.get("key")).toBeUndefined();
  });
});
