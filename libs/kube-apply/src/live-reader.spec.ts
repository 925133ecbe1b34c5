import { type KubeObject } from "@wheelhouse/kube-object";
import { describe, expect, it } from "vitest";
import { KubeError } from "./kube-error.ts";
import { type ApplyPort, type DiscoveryPort } from "./kube-port.ts";
import { Limiter } from "./limiter.ts";
import { LiveReader } from "./live-reader.ts";

const definition = "widgets.example.com";
const id = {
  group: "example.com",
  kind: "Widget",
  namespace: "shop",
  name: "a",
};
const found: KubeObject = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: definition },
};
const answer = (object: KubeObject | undefined) => () =>
  Promise.resolve(object);
const refuse = (error: Error) => () => Promise.reject(error);

/** A reader of a server that answers each read so. */
const readerOf = (
  get: () => Promise<KubeObject | undefined>,
  isServed: boolean,
) =>
  new LiveReader({
    port: { get } as Partial<ApplyPort> as ApplyPort,
    discovery: {
      findByKind: async (group, kind) =>
        isServed
          ? {
              gvk: { group, version: "v1", kind },
              resource: "widgets",
              namespaced: true,
            }
          : undefined,
    } as Partial<DiscoveryPort> as DiscoveryPort,
    limiter: new Limiter(1),
  });

describe("a live read of a kind that is not served (row 5)", () => {
  it.each([
    ["gone", answer(undefined), definition, true],
    ["there", answer(found), definition, false],
    [
      "not to be read by us",
      refuse(new KubeError("forbidden", "no", { code: 403 })),
      definition,
      false,
    ],
    [
      "not to be read now",
      refuse(new KubeError("server", "down", { code: 500 })),
      definition,
      false,
    ],
    ["not known", answer(undefined), undefined, false],
  ])(
    "where its definition is %s",
    async (_, get, recorded, isDefinitionGone) => {
      const request = { id, definition: recorded };
      const { live, kind } = await readerOf(get, false).read(request);
      expect(live).toMatchObject({ kind: "unserved", isDefinitionGone });
      expect(kind).toBeUndefined();
    },
  );

  it("lets an error pass that is not the server's", async () => {
    const reader = readerOf(refuse(new TypeError("a defect")), false);
    const read = reader.read({ id, definition });
    await expect(read).rejects.toThrow("a defect");
  });
});

describe("a live read of a kind that is served (row 5)", () => {
  it.each([
    ["absent", answer(undefined)],
    ["found", answer(found)],
    ["unreadable", refuse(new KubeError("forbidden", "no", { code: 403 }))],
  ])("is %s", async (kind, get) => {
    const { live } = await readerOf(get, true).read({ id, definition });
    expect(live.kind).toBe(kind);
  });
});
