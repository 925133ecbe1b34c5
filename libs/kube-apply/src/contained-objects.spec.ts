import {
  type KubeObject,
  objectIdOf,
  objectKey,
} from "@wheelhouse/kube-object";
import { describe, expect, it } from "vitest";
import { ContainedObjects } from "./contained-objects.ts";
import { type ApplyPort, type DiscoveryPort } from "./kube-port.ts";

type Owner = Pick<KubeObject, "metadata">;

/** An object of namespace `shop` with these owners. */
const objectOf = (
  name: string,
  {
    apiVersion = "v1",
    kind = "ConfigMap",
    owners = [],
    ...metadata
  }: {
    readonly apiVersion?: string;
    readonly kind?: string;
    readonly owners?: readonly Owner[];
    readonly deletionTimestamp?: string;
  } = {},
): KubeObject => ({
  apiVersion,
  kind,
  metadata: {
    name,
    namespace: "shop",
    uid: `uid-${name}`,
    ownerReferences: owners.map((owner) => ({
      name: owner.metadata.name,
      uid: owner.metadata["uid"] ?? null,
    })),
    ...metadata,
  },
});

const unrelated: Owner = { metadata: { name: "role", uid: "uid-role" } };
const going = objectOf("going", { apiVersion: "apps/v1", kind: "Deployment" });
const middle = objectOf("middle", {
  apiVersion: "apps/v1",
  kind: "ReplicaSet",
  owners: [going],
});
const account = objectOf("default", { kind: "ServiceAccount" });
const ring: Owner = { metadata: { name: "ring", uid: "uid-ring" } };

const space: KubeObject = {
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name: "shop" },
};
const definition: KubeObject = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "configmaps" },
  spec: { group: "", names: { kind: "ConfigMap" } },
};

/** What a container is said to hold on a server with these objects, where `going` goes. */
async function contentsOf(
  container: KubeObject,
  objects: readonly KubeObject[],
): Promise<string> {
  const servedAs = ({ apiVersion, kind }: KubeObject) =>
    `${apiVersion}/${kind}`;
  const served = (group: string, version: string, kind: string) => ({
    gvk: { group, version, kind },
    resource: `${kind.toLowerCase()}s`,
    namespaced: true,
  });
  const contained = new ContainedObjects({
    port: {
      list: async ({ group, version, kind }) => {
        const name = [...(group === "" ? [] : [group]), version, kind];
        return objects.filter((one) => servedAs(one) === name.join("/"));
      },
    } as Partial<ApplyPort> as ApplyPort,
    discovery: {
      find: async ({ group, version, kind }) => served(group, version, kind),
      findByKind: async (group, kind) => served(group, "v1", kind),
      capabilities: async () => ({
        kubeVersion: "v1.36.3",
        apiVersions: [...new Set(objects.map(servedAs))],
      }),
    } as Partial<DiscoveryPort> as DiscoveryPort,
  });
  const contents = await contained.of({
    object: container,
    going: {
      keys: new Set([objectKey(objectIdOf(going))]),
      uids: new Set(["uid-going"]),
    },
    impersonate: undefined,
  });
  return contents.kind === "some" ? contents.example : contents.kind;
}

describe("what a namespace holds beside what goes", () => {
  it.each<[string, readonly KubeObject[], string]>([
    ["an object without owners", [objectOf("a")], "ConfigMap/shop/a"],
    ["what goes itself", [going], "none"],
    ["what the server makes", [account], "none"],
    [
      "what has the name of what the server makes, of another group",
      [
        objectOf("default", {
          apiVersion: "example.com/v1",
          kind: "ServiceAccount",
        }),
      ],
      "ServiceAccount/shop/default",
    ],
    [
      "an object whose owner stays elsewhere",
      [objectOf("a", { owners: [unrelated] })],
      "ConfigMap/shop/a",
    ],
    [
      "an object with an owner without a uid",
      [objectOf("a", { owners: [{ metadata: { name: "none" } }] })],
      "ConfigMap/shop/a",
    ],
    [
      "an object whose owner goes",
      [objectOf("a", { owners: [going] })],
      "none",
    ],
    [
      "an object whose owner the server makes",
      [objectOf("a", { owners: [account] }), account],
      "none",
    ],
    [
      "an object whose owner's owner goes, listed before both",
      [objectOf("a", { owners: [middle] }), middle, going],
      "none",
    ],
    [
      "an object with an owner that goes and one that stays",
      [objectOf("a", { owners: [going, unrelated] })],
      "ConfigMap/shop/a",
    ],
    [
      "an object whose owner is a guest",
      [objectOf("a", { owners: [objectOf("b")] }), objectOf("b")],
      "ConfigMap/shop/b",
    ],
    [
      "objects that own each other",
      [
        objectOf("a", { owners: [ring] }),
        objectOf("ring", { owners: [objectOf("a")] }),
      ],
      "ConfigMap/shop/a",
    ],
    [
      "what its owners left behind, on its way",
      [
        objectOf("a", {
          owners: [unrelated],
          deletionTimestamp: "2026-01-01T00:00:00Z",
        }),
      ],
      "none",
    ],
  ])("judges %s", async (_, objects, expected) => {
    expect(await contentsOf(space, objects)).toBe(expected);
  });

  it.each([
    ["v1", "Event", "none"],
    ["events.k8s.io/v1", "Event", "none"],
    ["coordination.k8s.io/v1", "Lease", "none"],
    ["discovery.k8s.io/v1", "EndpointSlice", "none"],
    ["apps/v1", "ControllerRevision", "none"],
    ["example.com/v1", "Event", "Event/shop/a"],
    ["example.com/v1", "Lease", "Lease/shop/a"],
  ])("judges a %s %s by group and kind", async (apiVersion, kind, expected) => {
    const objects = [objectOf("a", { apiVersion, kind })];
    expect(await contentsOf(space, objects)).toBe(expected);
  });

  it("is not asked of a kind of another group by that name", async () => {
    const other = { ...space, apiVersion: "example.com/v1" };
    expect(await contentsOf(other, [objectOf("a")])).toBe("none");
  });
});

describe("what a definition holds beside what goes", () => {
  it.each<[string, readonly KubeObject[], string]>([
    [
      "an object whose owner stays",
      [objectOf("a", { owners: [unrelated] })],
      "ConfigMap/shop/a",
    ],
    [
      "an object whose owner goes",
      [objectOf("a", { owners: [going] })],
      "none",
    ],
  ])("judges %s", async (_, objects, expected) => {
    expect(await contentsOf(definition, objects)).toBe(expected);
  });
});
