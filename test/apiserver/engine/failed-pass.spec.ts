import { type ApplyPort, KubeError } from "@wheelhouse/kube-apply";
import { type GroupVersionKind } from "@wheelhouse/kube-object";
import { describe, expect, it, vi } from "vitest";
import { configMap } from "./objects.ts";
import {
  changes,
  isSimulated,
  tools,
  useCluster,
  whenQuiet,
  whenReady,
  within,
} from "./test-cluster.ts";
import { passing } from "./test-engine.ts";

const maps = "/api/v1/namespaces/default/configmaps";
const merge = "application/merge-patch+json";
const edit = { data: { key: "edited" } };

describe.skipIf(tools === null && !isSimulated)("a pass that fails", () => {
  const cluster = useCluster();

  /** An engine whose requests of one verb and kind fail while they shall. */
  const hindered = async (verb: "get" | "update", kind: string) => {
    let error: Error | undefined;
    const isMeant = (what: string) => what === kind && error !== undefined;
    const engine = await cluster.startEngine({
      between: (port): ApplyPort => ({
        ...passing(port),
        get: async (of: GroupVersionKind, id, options) => {
          if (verb === "get" && isMeant(of.kind)) throw error;
          return port.get(of, id, options);
        },
        update: async (object, options) => {
          if (verb === "update" && isMeant(object.kind)) throw error;
          return port.update(object, options);
        },
      }),
    });
    return {
      engine,
      fail: (with_: Error | undefined) => (error = with_),
    };
  };
  const denied = () => new KubeError("denied", "Secret/x: no such right");
  const away = () => new KubeError("unreachable", "Secret/x: no way there");

  const editLive = async (name: string) => {
    await cluster.send(
      "PATCH",
      `${maps}/${name}?fieldManager=kubectl-edit`,
      edit,
      merge,
    );
  };

  it("is not Ready while what is acknowledged cannot be read, and again afterwards", async () => {
    const bundle = "Kustomization/flux-system/unread";
    const { engine, fail } = await hindered("get", "Secret");
    await engine.assign([{ name: bundle, objects: [configMap("f1")] }], {
      seq: 1,
    });
    await whenReady(engine, bundle);
    await whenQuiet(engine);
    fail(denied());
    await editLive("f1");
    await vi.waitFor(
      () =>
        expect(engine.report(bundle)).toMatchObject({
          ready: false,
          failed: true,
          message: expect.stringContaining("Secret/x: no such right"),
        }),
      within,
    );
    expect(await cluster.get(`${maps}/f1`)).toMatchObject(edit);
    const warnings = () =>
      engine.events.filter(({ kind }) => kind === "Warning");
    expect(warnings()).toMatchObject([{ reason: "Failed", bundle }]);
    engine.reconcileNow(bundle);
    await whenQuiet(engine);
    expect(warnings()).toHaveLength(1);
    fail(undefined);
    await whenReady(engine, bundle);
    expect(await cluster.get(`${maps}/f1`)).toMatchObject({
      data: { key: "value" },
    });
    expect(engine.report(bundle)).toMatchObject({ failed: false, message: "" });
  });

  it("is not Ready at once while the API server is away, has not failed, and needs no write to be Ready again", async () => {
    const bundle = "Kustomization/flux-system/away";
    const { engine, fail } = await hindered("get", "Secret");
    await engine.assign([{ name: bundle, objects: [configMap("f2")] }], {
      seq: 1,
    });
    await whenReady(engine, bundle);
    await whenQuiet(engine);
    fail(away());
    await editLive("f2");
    await vi.waitFor(
      () =>
        expect(engine.report(bundle)).toMatchObject({
          ready: false,
          failed: false,
          status: "Current",
          message: expect.stringContaining("no way there"),
        }),
      within,
    );
    await cluster.send(
      "PATCH",
      `${maps}/f2`,
      { data: { key: "value" } },
      merge,
    );
    const before = (await cluster.writes()).length;
    fail(undefined);
    await whenReady(engine, bundle);
    expect(changes((await cluster.writes()).slice(before))).toEqual([]);
    expect(engine.events.filter(({ kind }) => kind === "Warning")).toEqual([]);
  });

  it("says so of a bundle of which nothing is known yet", async () => {
    const bundle = "Kustomization/flux-system/unrecorded";
    const { engine, fail } = await hindered("update", "ConfigMap");
    fail(denied());
    await engine.assign([{ name: bundle, objects: [configMap("f3")] }], {
      seq: 1,
    });
    await vi.waitFor(
      () =>
        expect(engine.facts().bundles).toMatchObject([
          {
            bundle,
            applied: null,
            ready: false,
            failed: true,
            message: expect.stringContaining("no such right"),
          },
        ]),
      within,
    );
    expect(await cluster.get(`${maps}/f3`)).toBeUndefined();
    fail(undefined);
    await whenReady(engine, bundle);
  });

  it("tells no word of an error that is the spoke's own", async () => {
    const bundle = "Kustomization/flux-system/bug";
    const { engine, fail } = await hindered("update", "ConfigMap");
    fail(new TypeError("reading 'canary' of undefined"));
    await engine.assign([{ name: bundle, objects: [configMap("f4")] }], {
      seq: 1,
    });
    await vi.waitFor(
      () =>
        expect(engine.report(bundle)).toMatchObject({
          ready: false,
          failed: true,
          message: "a pass ended by an error of the spoke: see its log",
        }),
      within,
    );
    expect(JSON.stringify(engine.facts())).not.toContain("canary");
    expect(engine.log.join("\n")).toContain("canary");
    fail(undefined);
    await whenReady(engine, bundle);
  });

  it("holds what the prune pass would have deleted, until it can", async () => {
    const bundle = "Kustomization/flux-system/unpruned";
    let isArmed = false;
    let isRefused = false;
    const engine = await cluster.startEngine({
      between: (port): ApplyPort => ({
        ...passing(port),
        get: async (of, id, options) => {
          if (isRefused && of.kind === "Secret") throw denied();
          return port.get(of, id, options);
        },
        update: async (object, options) => {
          const answer = await port.update(object, options);
          // The bundle's last write: after it only the prune pass asks what is acknowledged.
          const { name } = object.metadata as { readonly name: string };
          isRefused ||= isArmed && name.startsWith("wheelhouse-bundles");
          return answer;
        },
      }),
    });
    const [kept, gone] = [configMap("f5-kept"), configMap("f5-gone")];
    await engine.assign([{ name: bundle, objects: [kept, gone] }], { seq: 1 });
    await whenReady(engine, bundle);
    await whenQuiet(engine);
    isArmed = true;
    await engine.assign([{ name: bundle, objects: [kept] }], { seq: 2 });
    await vi.waitFor(
      () =>
        expect(engine.facts().pruneHolds).toMatchObject([
          {
            bundle,
            object: { name: "f5-gone" },
            reason: "PruneFailed",
            message: expect.stringContaining("no such right"),
          },
        ]),
      within,
    );
    await whenReady(engine, bundle);
    const told = engine.events.filter(({ kind }) => kind === "Warning");
    expect(told).toMatchObject([{ reason: "PruneFailed" }]);
    expect(await cluster.get(`${maps}/f5-gone`)).toBeDefined();
    isArmed = false;
    isRefused = false;
    await vi.waitFor(
      async () => expect(await cluster.get(`${maps}/f5-gone`)).toBeUndefined(),
      within,
    );
    await vi.waitFor(
      () => expect(engine.facts().pruneHolds).toEqual([]),
      within,
    );
  });
});
