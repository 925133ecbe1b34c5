import { randomBytes } from "node:crypto";
import { digestOf } from "@wheelhouse/assignment";
import { type KubeObject } from "@wheelhouse/kube-object";
import { describe, expect, it } from "vitest";
import { planPacks } from "./artifact-packs.ts";
import { ArtifactStore } from "./artifact-store.ts";
import { KubeError } from "./kube-error.ts";
import { type ApplyPort } from "./kube-port.ts";

const stored = (text: string | Uint8Array) => {
  const bytes = Buffer.from(text);
  return { digest: digestOf(bytes), bytes };
};
const [one, two, three] = [stored("one"), stored("two"), stored("three")];
const longAgo = "2020-01-01T00:00:00Z";
const nowMs = Date.parse("2026-01-01T00:00:00Z");

/** A namespace of Secrets as the API server keeps them, with what it was asked; a list may leave out all but metadata. */
function createCluster() {
  const secrets = new Map<string, KubeObject>();
  const asked: string[] = [];
  let version = 0;
  /** Runs before the server answers a request of this verb, once. */
  const before = new Map<string, () => Promise<void> | void>();
  const ask = async (verb: string, name = "") => {
    asked.push(`${verb} ${name}`.trim());
    const hook = before.get(verb);
    before.delete(verb);
    await hook?.();
  };
  const put = (secret: KubeObject, creationTimestamp = longAgo) => {
    version += 1;
    const resourceVersion = String(version);
    const metadata = {
      ...secret.metadata,
      ...{ uid: `uid-${version}`, resourceVersion, creationTimestamp },
    };
    const live = { ...secret, metadata };
    secrets.set(secret.metadata.name, live);
    return live;
  };
  const port = {
    list: async (
      _kind: unknown,
      { metadataOnly }: { metadataOnly?: boolean },
    ) => {
      await ask(metadataOnly === true ? "list metadata" : "list");
      return [...secrets.values()].map((secret) =>
        metadataOnly === true ? { ...secret, data: undefined } : secret,
      );
    },
    get: async (_kind: unknown, { name }: { name: string }) => {
      await ask("get", name);
      return secrets.get(name);
    },
    create: async (secret: KubeObject) => {
      await ask("create", secret.metadata.name);
      if (secrets.has(secret.metadata.name)) {
        throw new KubeError("alreadyExists", "is there");
      }
      return put(secret);
    },
    delete: async (
      _kind: unknown,
      { name }: { name: string },
      { uid }: { uid: string },
    ) => {
      await ask("delete", name);
      if (secrets.get(name)?.metadata["uid"] !== uid) {
        throw new KubeError("stale", "is another");
      }
      secrets.delete(name);
    },
  };
  return {
    asked,
    before,
    names: () => [...secrets.keys()],
    /** Somebody deletes a Secret behind the store's back; all of them by default. */
    lose: (name?: string) =>
      name === undefined ? secrets.clear() : secrets.delete(name),
    /** Somebody puts another Secret of the same name there, with other bytes. */
    damage: (field: "pack" | "index" = "pack") => {
      for (const secret of [...secrets.values()]) {
        const data = secret["data"] as Record<string, string>;
        put({ ...secret, data: { ...data, [field]: "AAAA" } });
      }
    },
    put,
    openStore: async () => {
      const store = new ArtifactStore(port as unknown as ApplyPort);
      await store.refresh();
      return store;
    },
  };
}

const holding = async (...artifacts: (typeof one)[]) => {
  const cluster = createCluster();
  const store = await cluster.openStore();
  await store.put(artifacts);
  // What was written just now is most often asked for at once.
  await store.getMany(artifacts.map(({ digest }) => digest));
  cluster.asked.length = 0;
  return { cluster, store };
};

describe("what a cluster lacks", () => {
  it("costs one list without content where all is as it was", async () => {
    const { cluster, store } = await holding(one, two);
    expect(await store.missing([one.digest, two.digest])).toEqual([]);
    expect(cluster.asked).toEqual(["list metadata"]);
  });

  it("is found where somebody deleted a Secret, and is written anew", async () => {
    const { cluster, store } = await holding(one);
    cluster.lose();
    expect(await store.missing([one.digest])).toEqual([one.digest]);
    await store.put([one]);
    expect(await store.missing([one.digest])).toEqual([]);
    const other = await cluster.openStore();
    expect(await other.get(one.digest)).toEqual(one.bytes);
  });

  it.each(["pack", "index"] as const)(
    "is found where somebody damaged a Secret's %s, and takes its place",
    async (field) => {
      const { cluster, store } = await holding(one);
      const [name] = cluster.names();
      cluster.damage(field);
      expect(await store.missing([one.digest])).toEqual([one.digest]);
      await store.put([one]);
      expect(cluster.names()).toEqual([name]);
      const other = await cluster.openStore();
      expect(await other.get(one.digest)).toEqual(one.bytes);
    },
  );

  it("is found after a start, where bytes are relied on that this process never saw", async () => {
    const { cluster } = await holding(one);
    cluster.damage();
    const store = await cluster.openStore();
    expect(store.knownMissing([one.digest])).toEqual([]);
    expect(await store.missing([one.digest])).toEqual([one.digest]);
    expect(store.knownMissing([one.digest])).toEqual([one.digest]);
  });

  it("is read once after a start, and not again as long as it does not change", async () => {
    const { cluster } = await holding(one, two);
    const store = await cluster.openStore();
    await store.missing([one.digest, two.digest]);
    cluster.asked.length = 0;
    await store.missing([one.digest, two.digest]);
    expect(cluster.asked).toEqual(["list metadata"]);
  });

  it("is known without a look once it was asked for in vain", async () => {
    const { cluster, store } = await holding(one);
    cluster.lose();
    expect(store.knownMissing([one.digest])).toEqual([]);
    expect(await store.get(one.digest)).toBeUndefined();
    expect(store.knownMissing([one.digest])).toEqual([one.digest]);
    cluster.asked.length = 0;
    expect(await store.get(one.digest)).toBeUndefined();
    expect(cluster.asked).toEqual([]);
  });

  it("is one part of many, and only that one is written anew", async () => {
    const large = stored(randomBytes(1_500_000));
    const { cluster, store } = await holding(large);
    const [first, ...others] = cluster.names();
    expect(others).toHaveLength(2);
    cluster.lose(first);
    expect(await store.missing([large.digest])).toEqual([large.digest]);
    cluster.asked.length = 0;
    await store.put([large]);
    expect(cluster.asked.filter((what) => what.startsWith("delete"))).toEqual(
      [],
    );
    expect(await store.missing([large.digest])).toEqual([]);
    const bytes = (await store.get(large.digest)) ?? Buffer.of();
    expect(large.bytes.equals(bytes)).toBe(true);
  });

  it("is not what another Secret still has", async () => {
    const { cluster, store } = await holding(one);
    cluster.damage();
    cluster.put(planPacks([two, one])[0] as KubeObject);
    expect(await store.missing([one.digest])).toEqual([]);
    expect(await store.get(one.digest)).toEqual(one.bytes);
  });
});

describe("what nobody needs", () => {
  const none = () => new Set<never>();

  it("goes, and what is kept stays", async () => {
    const { cluster, store } = await holding(one);
    await store.put([two]);
    expect(await store.collect(() => new Set([two.digest]), nowMs)).toBe(1);
    expect(cluster.names()).toHaveLength(1);
    expect(await store.missing([one.digest, two.digest])).toEqual([one.digest]);
  });

  it("stays where the last look found it for an assignment on its way", async () => {
    const { cluster, store } = await holding(one);
    await store.put([two]);
    expect(await store.missing([one.digest], [two.digest])).toEqual([]);
    expect(store.hasGarbage(none(), nowMs)).toBe(false);
    expect(await store.collect(none, nowMs)).toBe(0);
    expect(cluster.names()).toHaveLength(2);
    // The next assignment needs neither.
    await store.missing([three.digest]);
    expect(await store.collect(none, nowMs)).toBe(2);
  });

  it.each(["get", "delete"])(
    "and is being collected at its %s is missing for an assignment that asks meanwhile, or stays",
    async (verb) => {
      const { cluster, store } = await holding(one);
      await store.put([two]);
      let looked: Promise<readonly string[]> | undefined;
      cluster.before.set(verb, () => {
        looked = store.missing([one.digest, two.digest]);
      });
      await store.collect(none, nowMs);
      const missing = new Set(await looked);
      const other = await cluster.openStore();
      const there = await other.getMany([one.digest, two.digest]);
      // Whatever was not said to be missing is durable.
      for (const { digest } of [one, two]) {
        expect(there.has(digest)).toBe(!missing.has(digest));
      }
      // The first was on its way out already; the second was not.
      expect(missing).toEqual(new Set([one.digest]));
    },
  );

  it("is asked for anew before each deletion", async () => {
    const { cluster, store } = await holding(one);
    await store.put([two]);
    const kept = new Set<typeof one.digest>();
    cluster.before.set("delete", () => void kept.add(two.digest));
    expect(await store.collect(() => kept, nowMs)).toBe(1);
    expect(cluster.names()).toHaveLength(1);
  });

  it("is also a damaged Secret whose artifacts lie elsewhere now", async () => {
    const { cluster, store } = await holding(one, two);
    cluster.damage();
    await store.missing([one.digest, two.digest]);
    await store.put([two, one]);
    const kept = new Set([one.digest, two.digest]);
    expect(await store.collect(() => kept, nowMs)).toBe(1);
    const other = await cluster.openStore();
    expect((await other.getMany([...kept])).size).toBe(2);
  });
});
