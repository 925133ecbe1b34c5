import {
  type InventoryEntry,
  failpointNames,
  readInventory,
} from "@wheelhouse/kube-apply";
import { createKubeClient } from "@wheelhouse/kube-client";
import { isJsonObject } from "@wheelhouse/kube-object";
import { describe, expect, it, vi } from "vitest";
import { configMap, widget, widgetDefinition } from "./objects.ts";
import {
  type TestCluster,
  changes,
  tools,
  useCluster,
  whenQuiet,
  whenReady,
  within,
} from "./test-cluster.ts";
import { type TestBundle, type TestEngine } from "./test-engine.ts";

const one = "Kustomization/flux-system/one";
const two = "Kustomization/flux-system/two";
const maps = "/api/v1/namespaces/default/configmaps";

/** The inventory, read as a stranger would. */
async function inventoryOf(
  cluster: TestCluster,
): Promise<ReadonlyMap<string, InventoryEntry>> {
  const client = createKubeClient({
    kubeconfig: { kind: "text", text: cluster.kubeconfig() },
    userAgent: "inventory-reader",
  });
  try {
    return (await readInventory(client.apply)).records;
  } finally {
    client.close();
  }
}

/** Names of ConfigMaps that carry our mark. */
async function markedMaps(cluster: TestCluster): Promise<readonly string[]> {
  const list = await cluster.get(
    `${maps}?labelSelector=fleet.wheelhouse.dev/fleet`,
  );
  const items = list?.["items"];
  return (Array.isArray(items) ? items : []).flatMap((item: unknown) => {
    const metadata = isJsonObject(item) ? item["metadata"] : undefined;
    const name = isJsonObject(metadata) ? metadata["name"] : undefined;
    return typeof name === "string" ? [name] : [];
  });
}

describe.skipIf(tools === null)("a spoke that is killed", () => {
  const cluster = useCluster();
  const states = (prefix: string, group: string) => {
    const kept = configMap(`${prefix}-kept`);
    const before: readonly TestBundle[] = [
      { name: one, objects: [kept, configMap(`${prefix}-gone`)] },
    ];
    const after: readonly TestBundle[] = [
      {
        name: one,
        createNamespaces: [`${prefix}-space`],
        objects: [
          configMap(`${prefix}-kept`, { key: "changed" }),
          widgetDefinition(group),
          widget(prefix, group),
        ],
      },
      { name: two, objects: [configMap(`${prefix}-two`)] },
    ];
    return { before, after };
  };

  it.each(failpointNames)(
    "at %s comes back, and ends where it would have ended",
    async (name) => {
      const prefix = `k-${name.toLowerCase().replace(".", "-")}`;
      const group = `${prefix}.example.com`;
      const { before, after } = states(prefix, group);
      const first = await cluster.startEngine();
      await first.assign(before, { seq: 1 });
      await whenReady(first, one);
      await whenQuiet(first);
      await first.stop();

      const dying = await cluster.startEngine({ dieAt: { name, passing: 1 } });
      await dying.resume();
      // A death within assign rejects it; one later does not.
      await Promise.race([
        dying.assign(after, { seq: 2 }).catch(() => undefined),
        vi.waitFor(() => expect(dying.isDead()).toBe(true), within),
      ]);
      await vi.waitFor(() => expect(dying.isDead()).toBe(true), within);

      // Write-ahead: whatever carries our mark is known (S21), at the moment of the crash.
      const known = await inventoryOf(cluster);
      const marked = await markedMaps(cluster);
      const unknown = marked
        .filter((map) => map.startsWith(prefix))
        .filter((map) => !known.has(`/ConfigMap/default/${map}`));
      expect(unknown).toEqual([]);

      const again = await cluster.startEngine();
      await again.resume();
      await again.assign(after, { seq: 2 });
      await whenReady(again, one, two);
      await vi.waitFor(
        async () =>
          expect(await cluster.get(`${maps}/${prefix}-gone`)).toBeUndefined(),
        within,
      );
      await whenQuiet(again);
      const deleted = (await cluster.writes()).filter(
        ({ verb, objectRef }) =>
          verb === "delete" && objectRef?.resource !== "secrets",
      );
      expect(new Set(deleted.map(({ objectRef }) => objectRef?.name))).toEqual(
        new Set([`${prefix}-gone`]),
      );
      const left = [...(await inventoryOf(cluster)).keys()].sort();
      expect(left).toEqual(
        [
          `${group}/Widget/default/${prefix}`,
          `apiextensions.k8s.io/CustomResourceDefinition//widgets.${group}`,
          `/ConfigMap/default/${prefix}-kept`,
          `/ConfigMap/default/${prefix}-two`,
        ].sort(),
      );
    },
  );
});

describe.skipIf(tools === null)("two spokes with one identity", () => {
  const cluster = useCluster();

  it("write nothing when there is nothing to do", async () => {
    const bundles = [{ name: one, objects: [configMap("t1")] }];
    const [left, right] = await pair(cluster);
    await left.assign(bundles, { seq: 1 });
    await right.resume();
    await whenReady(left, one);
    await whenReady(right, one);
    await Promise.all([whenQuiet(left), whenQuiet(right)]);
    const before = (await cluster.writes()).length;
    left.reconcileNow("");
    right.reconcileNow("");
    await Promise.all([whenQuiet(left), whenQuiet(right)]);
    expect(changes((await cluster.writes()).slice(before))).toEqual([]);
  });

  it("write nothing under an assignment that is older than the acknowledged one", async () => {
    const [left, right] = await pair(cluster);
    const old = [{ name: one, objects: [configMap("t2", { key: "old" })] }];
    const fresh = [{ name: one, objects: [configMap("t2", { key: "new" })] }];
    await left.assign(old, { seq: 1 });
    await whenReady(left, one);
    await right.assign(fresh, { seq: 2 });
    await whenReady(right, one);
    // The left one sees its own value gone, and must not bring it back.
    left.reconcileNow("");
    await vi.waitFor(
      () => expect(left.facts().assignment?.seq).toBe(2),
      within,
    );
    await whenReady(left, one);
    await Promise.all([whenQuiet(left), whenQuiet(right)]);
    expect(await cluster.get(`${maps}/t2`)).toMatchObject({
      data: { key: "new" },
    });
    expect(left.facts().drift).toEqual([]);
    expect(right.facts().drift).toEqual([]);
  });

  it("apply and prune the same assignment without harm", async () => {
    const [left, right] = await pair(cluster);
    const kept = configMap("t3-kept");
    const names = ["t3-a", "t3-b", "t3-c"].map((name) => configMap(name));
    await left.assign([{ name: one, objects: [kept, ...names] }], { seq: 1 });
    await right.resume();
    await whenReady(left, one);
    await whenReady(right, one);
    await left.assign([{ name: one, objects: [kept] }], { seq: 2 });
    await right.resume();
    await vi.waitFor(
      async () => expect(await cluster.get(`${maps}/t3-a`)).toBeUndefined(),
      within,
    );
    await whenReady(left, one);
    await whenReady(right, one);
    await Promise.all([whenQuiet(left), whenQuiet(right)]);
    expect([...(await inventoryOf(cluster)).keys()]).toEqual([
      "/ConfigMap/default/t3-kept",
    ]);
    expect(await cluster.get(`${maps}/t3-kept`)).toBeDefined();
  });
});

async function pair(
  cluster: TestCluster,
): Promise<readonly [TestEngine, TestEngine]> {
  return [await cluster.startEngine(), await cluster.startEngine()];
}
