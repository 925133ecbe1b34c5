import { KubeError } from "@wheelhouse/kube-apply";
import {
  type KubeObject,
  fleetLabel,
  gvkOf,
  objectIdOf,
} from "@wheelhouse/kube-object";
import { createOwnedObjects } from "@wheelhouse/kube-watch";
import { type SimCluster, createSimCluster } from "@wheelhouse/sim-cluster";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type KubeClient, createKubeClient } from "./create-kube-client.ts";

const within = { timeout: 10_000, interval: 5 };

const configMap = (name: string, data: Record<string, string>): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "default", labels: { [fleetLabel]: "demo" } },
  data,
});

let cluster: SimCluster;
let client: KubeClient;

beforeEach(async () => {
  cluster = await createSimCluster({ name: "staging-1", historySize: 10 });
  client = createKubeClient({
    kubeconfig: { kind: "text", text: cluster.kubeconfig() },
    userAgent: "wheelhouse-spoke/spec",
    random: () => 0,
  });
});

afterEach(async () => {
  client.close();
  await cluster.stop();
});

async function errorOf(promise: Promise<unknown>): Promise<KubeError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof KubeError) return error;
    throw error;
  }
  throw new Error("did not fail");
}

describe("at a simulated cluster", () => {
  test("an apply that changes nothing writes nothing", async () => {
    const object = configMap("a", { a: "1" });
    const first = await client.apply.apply(object);
    const again = await client.apply.apply(object);
    expect(again.metadata["resourceVersion"]).toBe(
      first.metadata["resourceVersion"],
    );
  });

  test("a conflict names manager and field", async () => {
    const object = configMap("a", { a: "1" });
    await client.apply.apply(object);
    const patch = { data: { a: "2" } };
    await client.apply.mergePatch(gvkOf(object), objectIdOf(object), patch);
    const { managedFields } = (
      await client.apply.get(gvkOf(object), objectIdOf(object))
    )?.metadata as Record<string, unknown>;
    expect(managedFields).toBeDefined();
    const error = await errorOf(client.apply.apply(object));
    expect(error.conflicts).toEqual([
      { manager: "wheelhouse", field: ".data.a" },
    ]);
  });

  test("a failed request is an error of its kind", async () => {
    const missing = client.apply.get(
      { group: "", version: "v1", kind: "ConfigMap" },
      { namespace: "default", name: "absent" },
    );
    expect(await missing).toBeUndefined();
    const unknown = { ...configMap("a", {}), kind: "Nothing" };
    expect((await errorOf(client.apply.apply(unknown))).reason).toBe(
      "unknownKind",
    );
    const typo = { ...configMap("a", {}), datta: {} };
    expect((await errorOf(client.apply.apply(typo))).reason).toBe("invalid");
  });

  test("the view outlives a server that is gone for a while, and sees what changed", async () => {
    const objects = createOwnedObjects({
      port: client.watch,
      fleet: "demo",
      random: () => 0,
    });
    const kind = { group: "", version: "v1", kind: "ConfigMap" };
    objects.setKinds([kind]);
    await objects.whenSynced(AbortSignal.timeout(10_000));
    await client.apply.apply(configMap("before", {}));
    await vi.waitFor(() => {
      expect(objects.get(objectIdOf(configMap("before", {})))).toBeDefined();
    }, within);
    await cluster.pause();
    await vi.waitFor(() => expect(objects.problems()).toHaveLength(1), within);
    await cluster.resume();
    await client.apply.apply(configMap("after", {}));
    await vi.waitFor(() => {
      expect(objects.get(objectIdOf(configMap("after", {})))).toBeDefined();
    }, within);
    expect(objects.get(objectIdOf(configMap("before", {})))).toBeDefined();
    await objects.stop();
  });

  test("a throttled apply is sent again, and a view is read anew after a compaction", async () => {
    cluster.setFault({ kind: "status", code: 429, verb: "patch", times: 1 });
    const object = configMap("throttled", {});
    await client.apply.apply(object);
    const kind = gvkOf(object);
    const events: unknown[] = [];
    const read = async (): Promise<void> => {
      const watch = client.watch.watch(kind, {
        labelSelector: "",
        resourceVersion: "1",
        timeoutSeconds: 5,
        signal: AbortSignal.timeout(10_000),
      });
      for await (const event of watch) events.push(event);
    };
    cluster.compact();
    // A server may refuse at once or by an event; the view takes both for gone.
    const refusal = await read().catch((error: unknown) => error);
    expect([refusal, ...events]).toContainEqual(
      expect.objectContaining({ code: 410 }),
    );
  });
});
