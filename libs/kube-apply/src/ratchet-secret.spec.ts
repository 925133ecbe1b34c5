import { gzipSync } from "node:zlib";
import { digestOf } from "@wheelhouse/assignment";
import { type KubeObject } from "@wheelhouse/kube-object";
import { describe, expect, it } from "vitest";
import { RatchetSecret } from "./ratchet-secret.ts";
import { KubeError } from "./kube-error.ts";
import { type ApplyPort } from "./kube-port.ts";

const mark = { epoch: 1, seq: 2, root: digestOf("root") };
const signedOf = (text: string) => ({
  bytes: Buffer.from(text),
  signature: Buffer.from("signature"),
  delegation: Buffer.from("delegation"),
});

/** A port to one Secret, with resourceVersions as the API server counts them. */
function createPort() {
  let secret: KubeObject | undefined;
  let version = 0;
  let reads = 0;
  const put = async (object: KubeObject) => {
    version += 1;
    const metadata = { ...object.metadata, resourceVersion: String(version) };
    return (secret = { ...object, metadata });
  };
  const port = {
    get: async () => {
      reads += 1;
      return secret;
    },
    create: put,
    update: async (object: KubeObject) => {
      if (object.metadata["resourceVersion"] !== String(version)) {
        throw new KubeError("stale", "another was quicker");
      }
      return put(object);
    },
  };
  return {
    port: port as unknown as ApplyPort,
    reads: () => reads,
    /** Somebody else writes over a part of it. */
    spoil: async (key: string, value: Uint8Array) => {
      const data = secret?.["data"] as Readonly<Record<string, string>>;
      const spoilt = Buffer.from(value).toString("base64");
      await put({ ...secret, data: { ...data, [key]: spoilt } } as KubeObject);
    },
  };
}

function createStore(): RatchetSecret {
  return new RatchetSecret(createPort().port);
}

const markOf = (seq: number) => ({ ...mark, seq });

describe("moving the ratchet on", () => {
  it("reads nothing where nobody else has written", async () => {
    const { port, reads } = createPort();
    const store = new RatchetSecret(port);
    await store.acknowledge(signedOf("one"), markOf(1));
    const before = reads();
    await store.acknowledge(signedOf("two"), markOf(2));
    await store.acknowledge(signedOf("three"), markOf(3));
    expect(reads()).toBe(before);
    expect(await store.loadMark()).toEqual(markOf(3));
  });

  it("never goes back behind what another instance wrote", async () => {
    const { port } = createPort();
    const [mine, other] = [new RatchetSecret(port), new RatchetSecret(port)];
    await mine.acknowledge(signedOf("one"), markOf(1));
    await other.acknowledge(signedOf("five"), markOf(5));
    expect(await mine.acknowledge(signedOf("two"), markOf(2))).toEqual({
      kind: "superseded",
      by: markOf(5),
    });
    expect(await mine.loadMark()).toEqual(markOf(5));
    expect(await mine.acknowledge(signedOf("six"), markOf(6))).toEqual({
      kind: "acknowledged",
    });
    expect(await other.loadMark()).toEqual(markOf(6));
  });
});

describe("acknowledging an assignment again", () => {
  it("is acknowledged where it says the same", async () => {
    const store = createStore();
    await store.acknowledge(signedOf("one"), mark);
    expect(await store.acknowledge(signedOf("one"), mark)).toEqual({
      kind: "acknowledged",
    });
  });

  it("is not where it says something else under the same version and root", async () => {
    const store = createStore();
    await store.acknowledge(signedOf("one"), mark);
    expect(await store.acknowledge(signedOf("two"), mark)).toEqual({
      kind: "superseded",
      by: mark,
    });
    expect((await store.load())?.signed.bytes.toString()).toBe("one");
  });
});

describe("a damaged assignment", () => {
  const damage = {
    reason: "invalid",
    message: expect.stringContaining("the stored assignment is damaged"),
  };
  const spoilt: readonly (readonly [string, string, Uint8Array])[] = [
    ["an envelope that is no gzip", "envelope", Buffer.from("x")],
    [
      "an envelope that was cut",
      "envelope",
      gzipSync("one".repeat(99)).subarray(0, -9),
    ],
    [
      "an envelope that unpacks to more than any has",
      "envelope",
      gzipSync(Buffer.alloc(64 * 1024 * 1024 + 1)),
    ],
    ["no epoch", "epoch", Buffer.from("")],
    ["a seq that is no count", "seq", Buffer.from("-1")],
    ["a root that is no digest", "root", Buffer.from("sha256:x")],
  ];

  it.each(spoilt)("is not read: %s", async (_, key, value) => {
    const { port, spoil } = createPort();
    await new RatchetSecret(port).acknowledge(signedOf("one"), mark);
    await spoil(key, value);
    await expect(new RatchetSecret(port).load()).rejects.toMatchObject(damage);
    await expect(new RatchetSecret(port).loadMark()).rejects.toMatchObject(
      damage,
    );
  });

  it("is found by who knew it whole, and repaired by the next assignment alone", async () => {
    const { port, spoil } = createPort();
    const store = new RatchetSecret(port);
    await store.acknowledge(signedOf("two"), markOf(2));
    await spoil("envelope", Buffer.from("x"));
    await expect(store.loadMark()).rejects.toMatchObject(damage);
    const fresh = () => new RatchetSecret(port);
    expect(await fresh().acknowledge(signedOf("one"), markOf(1))).toEqual({
      kind: "superseded",
      by: markOf(2),
    });
    await expect(
      fresh().acknowledge(signedOf("two"), markOf(2)),
    ).rejects.toMatchObject(damage);
    expect(await store.acknowledge(signedOf("three"), markOf(3))).toEqual({
      kind: "acknowledged",
    });
    expect((await fresh().load())?.mark).toEqual(markOf(3));
  });

  it.each(["epoch", "seq", "root"])(
    "is written over by nobody where its %s cannot be read",
    async (key) => {
      const { port, spoil } = createPort();
      await new RatchetSecret(port).acknowledge(signedOf("one"), markOf(1));
      await spoil(key, Buffer.from(""));
      await expect(
        new RatchetSecret(port).acknowledge(signedOf("nine"), markOf(9)),
      ).rejects.toMatchObject(damage);
    },
  );
});
