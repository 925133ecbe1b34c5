import { digestOf } from "@wheelhouse/assignment";
import { type KubeObject } from "@wheelhouse/kube-object";
import { describe, expect, it } from "vitest";
import { AssignmentStore } from "./assignment-store.ts";
import { type ApplyPort } from "./kube-port.ts";

const mark = { epoch: 1, seq: 2, root: digestOf("root") };
const signedOf = (text: string) => ({
  bytes: Buffer.from(text),
  signature: Buffer.from("signature"),
  delegation: Buffer.from("delegation"),
});

function createStore(): AssignmentStore {
  let secret: KubeObject | undefined;
  const put = async (object: KubeObject) =>
    (secret = {
      ...object,
      metadata: { ...object.metadata, resourceVersion: "1" },
    });
  const port = { get: async () => secret, create: put, update: put };
  return new AssignmentStore(port as unknown as ApplyPort);
}

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
