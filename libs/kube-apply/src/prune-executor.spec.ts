import {
  type KubeObject,
  type ObjectId,
  isJsonObject,
  objectIdOf,
  objectKey,
  parseObjectKey,
} from "@wheelhouse/kube-object";
import { describe, expect, it } from "vitest";
import { type Inventory, type InventoryEntry } from "./inventory.ts";
import { KubeError } from "./kube-error.ts";
import { type ApplyPort, type DiscoveryPort } from "./kube-port.ts";
import { Limiter } from "./limiter.ts";
import { PruneExecutor } from "./prune-executor.ts";
import { soundBundle, soundEvidence } from "./prune-evidence.fixture.ts";
import { type BundleEvidence, type PruneEvidence } from "./prune-evidence.ts";

type Change = (entry: InventoryEntry | undefined) => InventoryEntry | undefined;

const bundle = "Kustomization/flux-system/webapp";
/** It left the assignment, and lets its objects be. */
const orphaning = "Kustomization/flux-system/left";
const ownerKey = "fleet.wheelhouse.dev/owner";
const now = Date.parse("2026-01-02T12:00:00Z");

const objectOf = (
  kind: string,
  name: string,
  namespace = "",
  annotations: Readonly<Record<string, string>> = {},
): KubeObject => ({
  apiVersion: "v1",
  kind,
  metadata: {
    name,
    ...(namespace === "" ? {} : { namespace }),
    uid: `uid-${name}`,
    resourceVersion: "7",
    annotations: {
      [ownerKey]: `demo/${bundle}`,
      ...annotations,
    },
  },
});

const orphanOf = (name: string): KubeObject =>
  objectOf("ConfigMap", name, "shop", { [ownerKey]: `demo/${orphaning}` });

const isOrphan = ({ annotations }: KubeObject["metadata"]): boolean =>
  isJsonObject(annotations) && annotations[ownerKey] === `demo/${orphaning}`;

const keyOf = (object: KubeObject) => objectKey(objectIdOf(object));

const entryOf = ({ metadata }: KubeObject): InventoryEntry => ({
  bundle: isOrphan(metadata) ? orphaning : bundle,
  version: "v1",
  uid: `uid-${metadata.name}`,
  artifact: null,
  desired: null,
  seen: null,
  since: "2026-01-01T00:00:00Z",
  adopted: null,
});

/** An API server with these objects; what is named in `undeletable` refuses to go. */
function serverOf(
  objects: readonly KubeObject[],
  undeletable: readonly string[] = [],
  unanswered: readonly string[] = [],
) {
  const live = new Map(objects.map((object) => [keyOf(object), object]));
  const entries = new Map(objects.map((one) => [keyOf(one), entryOf(one)]));
  const deleted: string[] = [];
  /** Deletions, removals of marks, and what is recorded as over the budget, one after the other. */
  const steps: string[] = [];
  const refuse = () => Promise.reject(new Error("not of this test"));
  const keyIn = (kind: string, id: Pick<ObjectId, "namespace" | "name">) =>
    objectKey({ group: "", kind, ...id });
  const port: ApplyPort = {
    apply: refuse,
    create: refuse,
    update: refuse,
    mergePatch: async ({ kind }, id, { metadata: patch }) => {
      const object = live.get(keyIn(kind, id));
      if (object === undefined) throw new KubeError("notFound", "no");
      for (const field of ["uid", "resourceVersion"]) {
        const wanted = isJsonObject(patch) ? patch[field] : undefined;
        // A server takes a patch that says nothing of them for any object.
        if (wanted === undefined) continue;
        if (wanted !== object.metadata[field]) throw new KubeError("stale", "");
      }
      steps.push(`unmark ${id.name}`);
      return object;
    },
    get: async ({ kind }, id) => live.get(keyIn(kind, id)),
    list: async ({ kind }, { namespace }) =>
      [...live.values()].filter(
        (object) =>
          object.kind === kind && object.metadata.namespace === namespace,
      ),
    delete: async ({ kind }, id) => {
      if (undeletable.includes(id.name)) throw new KubeError("denied", "no");
      deleted.push(id.name);
      steps.push(`delete ${id.name}`);
      live.delete(keyIn(kind, id));
    },
  };
  const kinds = ["ConfigMap", "PersistentVolumeClaim", "Namespace"];
  const served = (kind: string) => ({
    gvk: { group: "", version: "v1", kind },
    resource: `${kind.toLowerCase()}s`,
    namespaced: kind !== "Namespace",
  });
  const discovery: DiscoveryPort = {
    find: async ({ kind }) => served(kind),
    findByKind: async (_group, kind) => served(kind),
    refresh: () => undefined,
    capabilities: async ({ fresh } = {}) => ({
      kubeVersion: "v1.36.3",
      // An old answer would not have told.
      ...(fresh === true ? { unanswered } : {}),
      apiVersions: kinds.map((kind) => `v1/${kind}`),
    }),
  };
  const executor = new PruneExecutor({
    port,
    discovery,
    inventory: {
      update: async (changes: ReadonlyMap<string, Change>) => {
        for (const [key, change] of changes) {
          const entry = change(entries.get(key));
          if (entry === undefined) entries.delete(key);
          else entries.set(key, entry);
          const name = parseObjectKey(key)?.name ?? "";
          if (entry?.isOverBudget) steps.push(`mark ${name}`);
        }
      },
    } as unknown as Inventory,
    limiter: new Limiter(4),
    failpoint: () => undefined,
  });
  const prune = (
    allowDelete: readonly KubeObject[],
    requireNewest = async () => undefined as void,
  ) =>
    executor.prune(
      objects.map((object) => ({
        key: keyOf(object),
        entry: entryOf(object),
        candidateSinceMs: 0,
      })),
      evidenceOf(allowDelete, objects.length),
      requireNewest,
    );
  return { prune, deleted, steps, live, entries };
}

const bundleOf = (ownedObjects: number): BundleEvidence => ({
  ...soundBundle,
  ownedObjects,
});

function evidenceOf(
  allowDelete: readonly KubeObject[],
  ownedObjects: number,
): PruneEvidence {
  const bundles = new Map<string, BundleEvidence>([
    [bundle, bundleOf(ownedObjects)],
    [
      orphaning,
      {
        ...bundleOf(ownedObjects),
        isAssigned: false,
        deletionPolicy: "Orphan",
      },
    ],
  ]);
  return soundEvidence(now, bundles, {
    allowDelete: new Set(allowDelete.map(keyOf)),
    confirmation: { untilMs: 0, afterMs: 0 },
  });
}

const space = objectOf("Namespace", "shop");
const inside = objectOf("ConfigMap", "inside", "shop");

describe("what a namespace takes along (row 8)", () => {
  it("goes with a namespace where it is deleted itself", async () => {
    const { prune, deleted } = serverOf([space, inside]);
    const { holds } = await prune([space]);
    expect(holds).toEqual([]);
    expect(deleted).toEqual(["inside", "shop"]);
  });

  it.each([
    ["is held", objectOf("PersistentVolumeClaim", "data", "shop")],
    [
      "is kept by its annotation",
      objectOf("ConfigMap", "guarded", "shop", {
        "kustomize.toolkit.fluxcd.io/prune": "disabled",
      }),
    ],
  ])("holds the namespace where an object in it %s", async (_, guarded) => {
    const { prune, deleted } = serverOf([space, inside, guarded]);
    const { holds } = await prune([space]);
    const held = holds.map(({ candidate, reason }) => [
      candidate.id.name,
      reason,
    ]);
    expect(held).toContainEqual(["shop", "NotEmpty"]);
    expect(deleted).toEqual(["inside"]);
  });

  it("holds the namespace while nobody answers for a group that may have objects in it", async () => {
    const down = ["metrics.example.com/v1"];
    const { prune, deleted } = serverOf([space, inside], [], down);
    const { holds } = await prune([space]);
    expect(holds).toMatchObject([
      {
        reason: "ContentsUnknown",
        message: expect.stringContaining("metrics.example.com/v1") as string,
      },
    ]);
    expect(deleted).toEqual(["inside"]);
  });

  it("holds the namespace for what another one owns that turns out to be held", async () => {
    const owner = objectOf("Namespace", "tenant");
    const { prune, deleted, live } = serverOf([space, owner]);
    const stranger = objectOf("ConfigMap", "stranger", "tenant");
    const guest = objectOf("ConfigMap", "guest", "shop");
    const ownerReferences = [{ kind: "Namespace", uid: "uid-tenant" }];
    const owned = {
      ...guest,
      metadata: { ...guest.metadata, ownerReferences },
    };
    for (const one of [stranger, owned]) live.set(keyOf(one), one);
    const { holds } = await prune([space, owner]);
    expect(holds.map(({ reason }) => reason)).toEqual(["NotEmpty", "NotEmpty"]);
    expect(deleted).toEqual([]);
  });

  it("leaves the namespace while a deletion in it is refused", async () => {
    const { prune, deleted } = serverOf([space, inside], ["inside"]);
    const { failed } = await prune([space]);
    expect(failed.map(({ candidate }) => candidate.id.name)).toEqual([
      "inside",
      "shop",
    ]);
    expect(deleted).toEqual([]);
  });
});

describe("a prune pass", () => {
  it.each([
    ["nothing", 1, []],
    ["nothing more", 2, ["inside"]],
  ])(
    "deletes %s once a newer assignment is acknowledged (row 1)",
    async (_, superseded, expected) => {
      const { prune, deleted } = serverOf([space, inside]);
      let looks = 0;
      const pass = prune([space], async () => {
        looks += 1;
        if (looks >= superseded) throw new Error("superseded");
      });
      await expect(pass).rejects.toThrow("superseded");
      expect(deleted).toEqual(expected);
    },
  );

  it("records what is over the budget before it deletes what was named of it (row 9)", async () => {
    const objects = Array.from({ length: 11 }, (_, index) =>
      objectOf("ConfigMap", `o${index}`, "shop"),
    );
    const { prune, steps } = serverOf(objects);
    await prune(objects.slice(0, 2));
    expect(steps.slice(0, 9).every((step) => step.startsWith("mark"))).toBe(
      true,
    );
    expect(steps.slice(9).sort()).toEqual(["delete o0", "delete o1"]);
  });
});

describe("what a prune pass writes beside deletions", () => {
  const left = orphanOf("left");
  const superseded = new Error("superseded");
  const orphans = () => serverOf([inside, left]);

  it("takes the marks of an orphan, and its entry", async () => {
    const { prune, steps, entries } = orphans();
    const { failed } = await prune([]);
    expect(failed).toEqual([]);
    expect(steps).toEqual(["delete inside", "unmark left"]);
    expect(entries.size).toBe(0);
  });

  it("leaves the marks of an orphan once a newer assignment is acknowledged (row 1)", async () => {
    const { prune, deleted, steps, entries } = orphans();
    const pass = prune([], async () => {
      if (deleted.length > 0) throw superseded;
    });
    await expect(pass).rejects.toThrow(superseded);
    expect(steps).toEqual(["delete inside"]);
    expect([...entries.keys()]).toEqual([keyOf(inside), keyOf(left)]);
  });

  it("forgets nothing once a newer assignment is acknowledged (row 1)", async () => {
    const { prune, steps, entries } = orphans();
    const pass = prune([], async () => {
      if (steps.includes("unmark left")) throw superseded;
    });
    await expect(pass).rejects.toThrow(superseded);
    expect([...entries.keys()]).toEqual([keyOf(inside), keyOf(left)]);
  });

  it("does not even forget what is gone by itself once a newer assignment is acknowledged (row 1)", async () => {
    const { prune, live, entries } = serverOf([inside]);
    live.clear();
    const pass = prune([], () => Promise.reject(superseded));
    await expect(pass).rejects.toThrow(superseded);
    expect([...entries.keys()]).toEqual([keyOf(inside)]);
  });

  it.each([
    ["as another object", { uid: "uid-remade" }],
    ["in another version", { resourceVersion: "8" }],
  ])(
    "leaves an orphan that is there %s since the look",
    async (_, metadata) => {
      const { prune, live, steps, entries } = serverOf([left]);
      const remade = { ...left, metadata: { ...left.metadata, ...metadata } };
      const { failed } = await prune([], async () => {
        live.set(keyOf(left), remade);
      });
      expect(failed.map(({ candidate }) => candidate.id.name)).toEqual([
        "left",
      ]);
      expect(steps).toEqual([]);
      expect([...entries.keys()]).toEqual([keyOf(left)]);
    },
  );

  it("takes no marks of an orphan that was another object at the look", async () => {
    const { prune, live, steps, entries } = serverOf([left]);
    const metadata = { ...left.metadata, uid: "uid-remade" };
    live.set(keyOf(left), { ...left, metadata });
    await prune([]);
    expect(steps).toEqual([]);
    expect(entries.size).toBe(0);
  });

  it.each([
    ["for another object", { uid: "uid-theirs" }],
    ["for another bundle", { bundle: "Kustomization/flux-system/theirs" }],
  ])(
    "does not forget an entry that somebody wrote %s since",
    async (_, more) => {
      const { prune, live, entries } = serverOf([inside]);
      live.clear();
      const theirs = { ...entryOf(inside), ...more };
      await prune([], async () => {
        entries.set(keyOf(inside), theirs);
      });
      expect(entries.get(keyOf(inside))).toEqual(theirs);
    },
  );
});
