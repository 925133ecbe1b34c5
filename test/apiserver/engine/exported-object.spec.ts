import { type JsonObject, type KubeObject } from "@wheelhouse/kube-object";
import { describe, expect, it, vi } from "vitest";
import { configMap, deployment } from "./objects.ts";
import {
  tools,
  useCluster,
  whenQuiet,
  whenReady,
  within,
} from "./test-cluster.ts";

const one = "Kustomization/flux-system/one";
const maps = "/api/v1/namespaces/default/configmaps";

const exported = (object: KubeObject, metadata: JsonObject): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, ...metadata },
});

/** What an export has and the server passes over: another cluster's, in other words. */
const passedOver: JsonObject = {
  creationTimestamp: "2020-02-02T02:02:02Z",
  generation: 7,
  selfLink: "/api/v1/x",
};

/** What the server would refuse, and a spoke never sends as Git has it. */
const neverSent: JsonObject = { resourceVersion: "1", managedFields: [] };

describe.skipIf(tools === null)("what a server sets in an object", () => {
  const cluster = useCluster();

  it("changes nothing where the server passes over it: made, changed and quiet afterwards", async () => {
    const engine = await cluster.startEngine();
    const objects = (value: string) => [
      exported(configMap("passed-over", { value }), passedOver),
      exported(deployment("passed-over", { replicas: 0 }), passedOver),
      exported(configMap("never-sent", { value }), neverSent),
    ];
    for (const [index, value] of ["first", "second"].entries()) {
      const bundle = { name: one, objects: objects(value) };
      await engine.assign([bundle], { seq: index + 1 });
      await vi.waitFor(async () => {
        for (const name of ["passed-over", "never-sent"]) {
          const live = await cluster.get(`${maps}/${name}`);
          expect(live?.["data"]).toEqual({ value });
        }
      }, within);
    }
    await whenQuiet(engine);
    const live = await cluster.get(`${maps}/passed-over`);
    expect(live?.metadata).not.toMatchObject(passedOver);
    const report = engine.report(one);
    expect(report?.applied).toBe(report?.digest);
  });

  it("is refused in the server's words where it is a uid, should a hub deliver one", async () => {
    const engine = await cluster.startEngine();
    const before = { name: one, objects: [configMap("with-uid")] };
    await engine.assign([before], { seq: 1 });
    await whenReady(engine, one);
    const object = exported(configMap("with-uid", { key: "new" }), {
      uid: "1f2e",
    });
    await engine.assign([{ name: one, objects: [object] }], { seq: 2 });
    await vi.waitFor(
      () => expect(engine.report(one)?.message).toMatch(/metadata\.uid|UID/),
      within,
    );
    const live = await cluster.get(`${maps}/with-uid`);
    expect(live?.["data"]).toEqual({ key: "value" });
  });
});
