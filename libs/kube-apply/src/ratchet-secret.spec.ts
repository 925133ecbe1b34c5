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
  return { port: port as unknown as ApplyPort, reads: () => reads };
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
