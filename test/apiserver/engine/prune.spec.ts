import { KubeError, systemClock } from "@wheelhouse/kube-apply";
import { type KubeObject, objectIdOf } from "@wheelhouse/kube-object";
import { describe, expect, it, vi } from "vitest";
import { configMap, namespace, widget, widgetDefinition } from "./objects.ts";
import { type TestEngine, passing } from "./test-engine.ts";
import {
  tools,
  useCluster,
  whenApplied,
  whenQuiet,
  whenReady,
  within,
} from "./test-cluster.ts";

const one = "Kustomization/flux-system/one";
const two = "Kustomization/flux-system/two";
const maps = "/api/v1/namespaces/default/configmaps";
const merge = "application/merge-patch+json";
const day = 24 * 60 * 60 * 1000;

const many = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => configMap(`${prefix}-${index}`));

describe.skipIf(tools === null)("the prune gate", () => {
  const cluster = useCluster();
  let seq = 0;

  const run = (
    engine: TestEngine,
    bundles: Parameters<TestEngine["assign"]>[0],
    more: {
      allowDelete?: readonly KubeObject[];
      epoch?: number;
      delegationNotAfterMs?: number;
    } = {},
  ) => {
    seq += 1;
    const { allowDelete = [], ...rest } = more;
    return engine.assign(bundles, {
      seq,
      ...rest,
      allowDelete: allowDelete.map(objectIdOf),
    });
  };
  const holds = (engine: TestEngine) =>
    engine
      .facts()
      .pruneHolds.map(({ object, reason }) => [object.name, reason]);
  const whenGone = (path: string) =>
    vi.waitFor(
      async () => expect(await cluster.get(path)).toBeUndefined(),
      within,
    );
  const whenHeld = (engine: TestEngine, reason: string) =>
    vi.waitFor(
      () =>
        expect(engine.facts().pruneHolds.map((hold) => hold.reason)).toContain(
          reason,
        ),
      within,
    );

  it("deletes what left a bundle, with uid and resourceVersion, and nothing else", async () => {
    const engine = await cluster.startEngine();
    const kept = configMap("p1-kept");
    await run(engine, [{ name: one, objects: [kept, configMap("p1")] }]);
    await whenReady(engine, one);
    await run(engine, [{ name: one, objects: [kept] }]);
    await whenGone(`${maps}/p1`);
    await whenQuiet(engine);
    const deleted = (await cluster.writes()).filter(
      ({ verb }) => verb === "delete",
    );
    expect(deleted.map(({ objectRef }) => objectRef?.name)).toEqual(["p1"]);
    expect(await cluster.get(`${maps}/p1-kept`)).toBeDefined();
  });

  it("deletes nothing once the delegation has expired, and goes on applying (row 1)", async () => {
    const engine = await cluster.startEngine();
    const kept = configMap("p23-kept");
    await run(engine, [{ name: one, objects: [kept, configMap("p23")] }]);
    await whenReady(engine, one);
    const shrunk = [{ name: one, objects: [kept, configMap("p23-new")] }];
    const expired = { delegationNotAfterMs: Date.now() - 1 };
    await run(engine, shrunk, expired);
    await whenReady(engine, one);
    await whenHeld(engine, "DelegationExpired");
    await whenQuiet(engine);
    expect(await cluster.get(`${maps}/p23`)).toBeDefined();
    expect(await cluster.get(`${maps}/p23-new`)).toBeDefined();
    await run(engine, shrunk);
    await whenGone(`${maps}/p23`);
  });

  it("counts what is left of a delegation, so that a wall that is set back makes it no longer (row 1)", async () => {
    let offMs = 0;
    const clock = { ...systemClock, nowMs: () => Date.now() + offMs };
    const confirmPruneAfterMs = 3_000;
    const engine = await cluster.startEngine({ clock, confirmPruneAfterMs });
    const kept = configMap("p28-kept");
    await run(engine, [{ name: one, objects: [kept, configMap("p28")] }]);
    await whenReady(engine, one);
    const delegationNotAfterMs = clock.nowMs() + 1_000;
    const shrunk = [{ name: one, objects: [kept] }];
    await run(engine, shrunk, { delegationNotAfterMs });
    offMs = -day;
    await whenHeld(engine, "DelegationExpired");
    await whenQuiet(engine);
    expect(await cluster.get(`${maps}/p28`)).toBeDefined();
  });

  it("deletes nothing while no hub names the newest assignment, goes on applying, and deletes under a fresh one (row 1)", async () => {
    let isFresh = true;
    const engine = await cluster.startEngine({ isFresh: () => isFresh });
    const kept = configMap("p31-kept");
    await run(engine, [{ name: one, objects: [kept, configMap("p31")] }]);
    await whenReady(engine, one);
    isFresh = false;
    const shrunk = [{ name: one, objects: [kept, configMap("p31-new")] }];
    await run(engine, shrunk, { allowDelete: [configMap("p31")] });
    await whenReady(engine, one);
    await whenHeld(engine, "Unfresh");
    await cluster.send("DELETE", `${maps}/p31-kept`);
    await vi.waitFor(
      async () => expect(await cluster.get(`${maps}/p31-kept`)).toBeDefined(),
      within,
    );
    await whenQuiet(engine);
    expect(await cluster.get(`${maps}/p31`)).toBeDefined();
    expect(await cluster.get(`${maps}/p31-new`)).toBeDefined();
    expect(holds(engine)).toEqual([["p31", "Unfresh"]]);
    isFresh = true;
    await run(engine, shrunk);
    await whenGone(`${maps}/p31`);
    await vi.waitFor(() => expect(holds(engine)).toEqual([]), within);
  });

  it("looks again by itself at what is held for want of a hub (row 1)", async () => {
    let isFresh = false;
    const later = new Set<() => void>();
    const clock = {
      ...systemClock,
      setTimer: (ms: number, callback: () => void) => {
        if (ms !== 600_000) return systemClock.setTimer(ms, callback);
        later.add(callback);
        return () => later.delete(callback);
      },
    };
    const engine = await cluster.startEngine({ clock, isFresh: () => isFresh });
    const kept = configMap("p32-kept");
    await run(engine, [{ name: one, objects: [kept, configMap("p32")] }]);
    await whenReady(engine, one);
    await run(engine, [{ name: one, objects: [kept] }]);
    await whenHeld(engine, "Unfresh");
    await whenQuiet(engine);
    isFresh = true;
    for (const ring of [...later]) ring();
    await whenGone(`${maps}/p32`);
  });

  it("deletes nothing while a bundle could not be built (row 2)", async () => {
    const engine = await cluster.startEngine();
    const first = [
      { name: one, objects: [configMap("p2"), configMap("p2-kept")] },
      { name: two, objects: [configMap("p2-two")] },
    ];
    await run(engine, first);
    await whenReady(engine, one, two);
    const shrunk = { name: one, objects: [configMap("p2-kept")] };
    const held = { reason: "BuildFailed", message: "kustomization.yaml:3" };
    await run(engine, [shrunk, { name: two, objects: null, held }]);
    await whenReady(engine, one);
    await whenQuiet(engine);
    expect(await cluster.get(`${maps}/p2`)).toBeDefined();
    expect(engine.report(two)).toMatchObject({ held, ready: false });
    await run(engine, [shrunk, { name: two, objects: [configMap("p2-two")] }]);
    await whenGone(`${maps}/p2`);
  });

  it("deletes nothing of a bundle that is not applied without error (row 2)", async () => {
    const engine = await cluster.startEngine();
    await run(engine, [
      { name: one, objects: [configMap("p3"), configMap("p3-kept")] },
    ]);
    await whenReady(engine, one);
    const broken = { ...configMap("p3-kept"), data: { key: 7 } };
    await run(engine, [{ name: one, objects: [broken] }]);
    await vi.waitFor(
      () => expect(engine.report(one)?.failed).toBe(true),
      within,
    );
    await whenQuiet(engine);
    expect(await cluster.get(`${maps}/p3`)).toBeDefined();
  });

  it("deletes nothing of a bundle while one that takes an object of it over is not applied (row 2)", async () => {
    const engine = await cluster.startEngine();
    const kept = configMap("p29-kept");
    const moved = configMap("p29-moved");
    const first = [kept, moved, configMap("p29")];
    await run(engine, [
      { name: one, objects: first },
      { name: two, objects: [configMap("p29-two")] },
    ]);
    await whenReady(engine, one, two);
    const broken = { ...configMap("p29-two"), data: { key: 7 } };
    const shrunk = { name: one, objects: [kept] };
    await run(engine, [shrunk, { name: two, objects: [moved, broken] }]);
    await vi.waitFor(
      () => expect(engine.report(two)?.failed).toBe(true),
      within,
    );
    await whenReady(engine, one);
    await whenQuiet(engine);
    expect(await cluster.get(`${maps}/p29`)).toBeDefined();
    await run(engine, [shrunk, { name: two, objects: [moved] }]);
    await whenGone(`${maps}/p29`);
  });

  it("takes back what it applied last only at the version that it judged", async () => {
    const forced: (string | undefined)[] = [];
    const engine = await cluster.startEngine({
      between: (port) => ({
        ...passing(port),
        apply: (object, options) => {
          if (options?.force === true) forced.push(options.resourceVersion);
          return port.apply(object, options);
        },
      }),
    });
    await run(engine, [{ name: one, objects: [configMap("p30")] }]);
    await whenReady(engine, one);
    await cluster.send(
      "PATCH",
      `${maps}/p30?fieldManager=somebody&force=true`,
      configMap("p30", { key: "theirs" }),
      "application/apply-patch+yaml",
    );
    await vi.waitFor(
      async () =>
        expect(await cluster.get(`${maps}/p30`)).toMatchObject({
          data: { key: "value" },
        }),
      within,
    );
    expect(forced.length).toBeGreaterThan(0);
    expect(forced).not.toContain(undefined);
  });

  it("holds everything while a part of the inventory is missing or unreadable (row 3)", async () => {
    const first = await cluster.startEngine();
    await run(first, [
      { name: one, objects: [configMap("p4"), configMap("p4-kept")] },
    ]);
    await whenReady(first, one);
    await whenQuiet(first);
    await first.stop();
    const shard =
      "/api/v1/namespaces/wheelhouse-system/configmaps/wheelhouse-inventory-07";
    await cluster.send("PATCH", shard, { data: { records: "{" } }, merge);
    const engine = await cluster.startEngine();
    await engine.resume();
    await run(engine, [
      { name: one, objects: [configMap("p4-kept"), configMap("p4-new")] },
    ]);
    await whenReady(engine, one);
    await whenHeld(engine, "InventoryUnknown");
    expect(await cluster.get(`${maps}/p4`)).toBeDefined();
  });

  it("does not delete what is not ours any more: another owner, another uid (row 5)", async () => {
    const engine = await cluster.startEngine();
    const gone = ["p5-owner", "p5-uid"].map((name) => configMap(name));
    const kept = configMap("p5-kept");
    await run(engine, [
      { name: one, suspend: false, objects: [kept, ...gone] },
    ]);
    await whenReady(engine, one);
    await whenQuiet(engine);
    await engine.stop();
    await cluster.send(
      "PATCH",
      `${maps}/p5-owner`,
      { metadata: { annotations: { "fleet.wheelhouse.dev/owner": "x/y" } } },
      merge,
    );
    await cluster.send("DELETE", `${maps}/p5-uid`);
    await cluster.send("POST", maps, configMap("p5-uid", { key: "new" }));
    const second = await cluster.startEngine();
    await run(second, [{ name: one, objects: [kept] }]);
    await whenHeld(second, "NotOwned");
    await whenQuiet(second);
    for (const name of ["p5-owner", "p5-uid"]) {
      expect(await cluster.get(`${maps}/${name}`)).toBeDefined();
    }
  });

  it("deletes nothing that only looks like ours: what the inventory does not have (row 4)", async () => {
    const engine = await cluster.startEngine();
    const kept = configMap("p24-kept");
    await run(engine, [{ name: one, objects: [kept, configMap("p24")] }]);
    await whenReady(engine, one);
    const live = await cluster.get(`${maps}/p24-kept`);
    const { metadata } = configMap("p24-alike");
    await cluster.send("POST", maps, {
      ...configMap("p24-alike"),
      metadata: {
        ...metadata,
        labels: live?.metadata["labels"] ?? {},
        annotations: live?.metadata["annotations"] ?? {},
      },
    });
    await run(engine, [{ name: one, objects: [kept] }]);
    await whenGone(`${maps}/p24`);
    await whenQuiet(engine);
    expect(await cluster.get(`${maps}/p24-alike`)).toBeDefined();
  });

  it("does not delete what changed, or was made anew, between the look and the deletion (row 6)", async () => {
    let isFirst = true;
    const engine = await cluster.startEngine({
      between: (port) => ({
        ...passing(port),
        delete: async (kind, id, options) => {
          if (isFirst && id.name === "p25-changed") {
            isFirst = false;
            const annotations = {
              "kustomize.toolkit.fluxcd.io/prune": "disabled",
            };
            const path = `${maps}/${id.name}`;
            await cluster.send(
              "PATCH",
              path,
              { metadata: { annotations } },
              merge,
            );
          }
          if (id.name === "p25-new") {
            await cluster.send("DELETE", `${maps}/${id.name}`);
            await cluster.send("POST", maps, configMap(id.name, { by: "me" }));
          }
          return port.delete(kind, id, options);
        },
      }),
    });
    const kept = configMap("p25-kept");
    const going = [configMap("p25-changed"), configMap("p25-new")];
    await run(engine, [{ name: one, objects: [kept, ...going] }]);
    await whenReady(engine, one);
    await run(engine, [{ name: one, objects: [kept] }]);
    await vi.waitFor(async () => {
      const live = await cluster.get(`${maps}/p25-new`);
      expect(live).toMatchObject({ data: { by: "me" } });
      expect(isFirst).toBe(false);
    }, within);
    await whenQuiet(engine);
    for (const name of ["p25-changed", "p25-new"]) {
      expect(await cluster.get(`${maps}/${name}`)).toBeDefined();
    }
  });

  it("holds a protected kind until it is named, and a namespace until it is empty (rows 7 and 8)", async () => {
    const engine = await cluster.startEngine();
    const space = namespace("p7");
    await run(engine, [{ name: one, objects: [space, configMap("p7-kept")] }]);
    await whenReady(engine, one);
    await cluster.send(
      "POST",
      "/api/v1/namespaces/p7/configmaps",
      configMap("guest", {}, "p7"),
    );
    const shrunk = [{ name: one, objects: [configMap("p7-kept")] }];
    await run(engine, shrunk);
    await whenHeld(engine, "ProtectedKind");
    await run(engine, shrunk, { allowDelete: [space] });
    await whenHeld(engine, "NotEmpty");
    await cluster.send("DELETE", "/api/v1/namespaces/p7/configmaps/guest");
    await run(engine, shrunk, { allowDelete: [space] });
    // Without a controller it stays on its way out.
    await vi.waitFor(async () => {
      const live = await cluster.get("/api/v1/namespaces/p7");
      const isLeaving = live?.metadata["deletionTimestamp"] !== undefined;
      expect(live === undefined || isLeaving).toBe(true);
    }, within);
  });

  it("holds a named namespace that would take a protected object of its bundle along (row 8)", async () => {
    const engine = await cluster.startEngine();
    const space = namespace("p18");
    const guarded: KubeObject = {
      ...configMap("p18-guarded"),
      metadata: {
        name: "p18-guarded",
        namespace: "p18",
        annotations: { "kustomize.toolkit.fluxcd.io/prune": "disabled" },
      },
    };
    const kept = configMap("p18-kept");
    await run(engine, [{ name: one, objects: [space, guarded, kept] }]);
    await whenReady(engine, one);
    const shrunk = [{ name: one, objects: [kept] }];
    await run(engine, shrunk, { allowDelete: [space] });
    await whenHeld(engine, "NotEmpty");
    await whenQuiet(engine);
    const live = await cluster.get("/api/v1/namespaces/p18");
    expect(live?.metadata["deletionTimestamp"]).toBeUndefined();
    expect(
      await cluster.get("/api/v1/namespaces/p18/configmaps/p18-guarded"),
    ).toBeDefined();
  });

  it("deletes a definition only when named, and never with foreign objects of it (rows 7 and 8)", async () => {
    const group = "seven.example.com";
    const definition = widgetDefinition(group);
    const engine = await cluster.startEngine();
    await run(engine, [{ name: one, objects: [definition] }]);
    await whenReady(engine, one);
    const widgets = `/apis/${group}/v1/namespaces/default/widgets`;
    await cluster.send("POST", widgets, widget("guest", group));
    const kept = [{ name: one, objects: [configMap("p8-kept")] }];
    await run(engine, kept);
    await whenHeld(engine, "ProtectedKind");
    await run(engine, kept, { allowDelete: [definition] });
    await whenHeld(engine, "NotEmpty");
    expect(await cluster.get(`${widgets}/guest`)).toBeDefined();
  });

  it("looks again by itself where what a definition holds could not be listed (row 8)", async () => {
    const group = "eight.example.com";
    const definition = widgetDefinition(group);
    let looks = 0;
    const engine = await cluster.startEngine({
      between: (port) => ({
        ...passing(port),
        list: (kind, options) => {
          if (kind.kind !== "Widget") return port.list(kind, options);
          looks += 1;
          const error = new KubeError("notFound", "not served yet");
          return looks <= 2 ? Promise.reject(error) : port.list(kind, options);
        },
      }),
    });
    const kept = configMap("p21-kept");
    await run(engine, [{ name: one, objects: [definition, kept] }]);
    await whenReady(engine, one);
    await run(engine, [{ name: one, objects: [kept] }], {
      allowDelete: [definition],
    });
    await whenHeld(engine, "ContentsUnknown");
    expect(engine.facts().pruneHolds[0]?.message).toContain("not served yet");
    await whenGone(
      `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.${group}`,
    );
    expect(looks).toBeGreaterThan(2);
  });

  it("forgets the objects that somebody deleted together with their definition (row 5)", async () => {
    const group = "five.example.com";
    const definition = widgetDefinition(group);
    const kept = configMap("p22-kept");
    const first = await cluster.startEngine();
    await run(first, [
      { name: one, objects: [definition, kept, widget("p22", group)] },
    ]);
    await whenReady(first, one);
    await whenQuiet(first);
    await first.stop();
    const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.${group}`;
    await cluster.send("DELETE", path);
    await whenGone(path);
    const engine = await cluster.startEngine();
    await run(engine, [{ name: one, objects: [kept] }]);
    await whenReady(engine, one);
    await vi.waitFor(async () => {
      const state = "/api/v1/namespaces/wheelhouse-system/configmaps";
      const inventory = JSON.stringify(await cluster.get(state));
      expect(inventory).toContain("p22-kept");
      expect(inventory).not.toContain(group);
    }, within);
    await vi.waitFor(() => expect(holds(engine)).toEqual([]), within);
  });

  it("holds more deletions than the budget, all of them, until they are named (row 9)", async () => {
    const engine = await cluster.startEngine();
    const kept = configMap("p9-kept");
    const gone = many("p9", 11);
    await run(engine, [{ name: one, objects: [kept, ...gone] }]);
    await whenReady(engine, one);
    await run(engine, [{ name: one, objects: [kept] }]);
    await whenHeld(engine, "OverBudget");
    expect(holds(engine)).toHaveLength(11);
    expect(await cluster.get(`${maps}/p9-0`)).toBeDefined();
    await run(engine, [{ name: one, objects: [kept] }], { allowDelete: gone });
    await whenGone(`${maps}/p9-0`);
    await vi.waitFor(() => expect(holds(engine)).toEqual([]), within);
  });

  it("holds a bundle that has become empty (row 9)", async () => {
    const engine = await cluster.startEngine();
    await run(engine, [{ name: one, objects: [configMap("p10")] }]);
    await whenReady(engine, one);
    await run(engine, [{ name: one, objects: [] }]);
    await whenHeld(engine, "EmptySource");
    expect(await cluster.get(`${maps}/p10`)).toBeDefined();
  });

  it("deletes a bundle that left within the budget, and holds a larger one (row 9)", async () => {
    const engine = await cluster.startEngine();
    const kept = { name: "Kustomization/flux-system/kept", objects: [] };
    await run(engine, [
      { name: one, objects: many("p11-small", 3) },
      { name: two, objects: many("p11-large", 11) },
      kept,
    ]);
    await whenReady(engine, one, two);
    await run(engine, [kept]);
    await whenGone(`${maps}/p11-small-0`);
    await whenHeld(engine, "BundleRemoved");
    expect(await cluster.get(`${maps}/p11-large-0`)).toBeDefined();
  });

  it("deletes nothing of a bundle that left while another is not applied (row 2)", async () => {
    const engine = await cluster.startEngine();
    const left = { name: two, objects: [configMap("p19-left")] };
    await run(engine, [{ name: one, objects: [configMap("p19")] }, left]);
    await whenReady(engine, one, two);
    const broken = { ...configMap("p19"), data: { key: 7 } };
    await run(engine, [{ name: one, objects: [broken] }]);
    await vi.waitFor(
      () => expect(engine.report(one)?.failed).toBe(true),
      within,
    );
    await whenQuiet(engine);
    expect(await cluster.get(`${maps}/p19-left`)).toBeDefined();
    await run(engine, [{ name: one, objects: [configMap("p19")] }]);
    await whenGone(`${maps}/p19-left`);
  });

  it("looks twice after a start before it deletes (row 10)", async () => {
    const first = await cluster.startEngine();
    const kept = configMap("p12-kept");
    await run(first, [{ name: one, objects: [kept, configMap("p12")] }]);
    await whenReady(first, one);
    await whenQuiet(first);
    await first.stop();
    const confirmPruneAfterMs = 1_500;
    const engine = await cluster.startEngine({ confirmPruneAfterMs });
    const begun = Date.now();
    await run(engine, [{ name: one, objects: [kept] }]);
    await whenReady(engine, one);
    await whenGone(`${maps}/p12`);
    expect(Date.now() - begun).toBeGreaterThan(confirmPruneAfterMs);
  });

  it.each([day, -day])(
    "takes its second look in time though the wall is set by %i ms in between (row 10)",
    async (jumpMs) => {
      const name = jumpMs > 0 ? "p26-on" : "p26-back";
      const first = await cluster.startEngine();
      const kept = configMap(`${name}-kept`);
      await run(first, [{ name: one, objects: [kept, configMap(name)] }]);
      await whenReady(first, one);
      await whenQuiet(first);
      await first.stop();
      let offMs = 0;
      const clock = { ...systemClock, nowMs: () => Date.now() + offMs };
      const confirmPruneAfterMs = 3_000;
      const deletedAt: number[] = [];
      let looked = 0;
      const engine = await cluster.startEngine({
        confirmPruneAfterMs,
        clock,
        between: (port) => ({
          ...passing(port),
          get: (kind, id, options) => {
            if (id.name === name) looked += 1;
            return port.get(kind, id, options);
          },
          delete: (kind, id, options) => {
            if (id.name === name) deletedAt.push(performance.now());
            return port.delete(kind, id, options);
          },
        }),
      });
      const begun = performance.now();
      await run(engine, [{ name: one, objects: [kept] }]);
      await vi.waitFor(() => expect(looked).toBeGreaterThan(0), within);
      offMs = jumpMs;
      // Assigned anew, the same is looked at again at once, by a wall that was set.
      await run(engine, [{ name: one, objects: [kept] }]);
      await whenGone(`${maps}/${name}`);
      expect(deletedAt).toHaveLength(1);
      expect((deletedAt[0] ?? 0) - begun).toBeGreaterThan(confirmPruneAfterMs);
    },
  );

  it("keeps what an annotation protects, and a bundle's objects without prune", async () => {
    const engine = await cluster.startEngine();
    const guarded = {
      ...configMap("p13"),
      metadata: {
        name: "p13",
        namespace: "default",
        annotations: { "kustomize.toolkit.fluxcd.io/prune": "disabled" },
      },
    };
    await run(engine, [
      { name: one, objects: [guarded, configMap("p13-kept")] },
      {
        name: two,
        prune: false,
        objects: [configMap("p13-two"), configMap("p13-off")],
      },
    ]);
    await whenReady(engine, one, two);
    await run(engine, [
      { name: one, objects: [configMap("p13-kept")] },
      { name: two, prune: false, objects: [configMap("p13-two")] },
    ]);
    await whenApplied(engine, one, two);
    await whenQuiet(engine);
    expect(await cluster.get(`${maps}/p13`)).toBeDefined();
    expect(await cluster.get(`${maps}/p13-off`)).toBeDefined();
  });

  it("leaves the objects of a bundle that goes with Orphan, without our marks", async () => {
    const engine = await cluster.startEngine();
    const kept = { name: two, objects: [configMap("p14-kept")] };
    await run(engine, [
      { name: one, deletionPolicy: "Orphan", objects: [configMap("p14")] },
      kept,
    ]);
    await whenReady(engine, one, two);
    await run(engine, [kept]);
    await vi.waitFor(async () => {
      const live = await cluster.get(`${maps}/p14`);
      expect(live?.metadata["annotations"] ?? {}).toEqual({});
      expect(live?.metadata["labels"] ?? {}).toEqual({});
      expect(live?.["data"]).toEqual({ key: "value" });
    }, within);
  });

  it("keeps an adopted object for a day, unless it is named", async () => {
    await cluster.send("POST", maps, configMap("p15"));
    const engine = await cluster.startEngine();
    const kept = configMap("p15-kept");
    await run(engine, [{ name: one, objects: [configMap("p15"), kept] }]);
    await whenReady(engine, one);
    await run(engine, [{ name: one, objects: [kept] }]);
    await whenHeld(engine, "Adopted");
    await run(engine, [{ name: one, objects: [kept] }], {
      allowDelete: [configMap("p15")],
    });
    await whenGone(`${maps}/p15`);
  });

  it("keeps an adopted object though the wall is set on by a day", async () => {
    await cluster.send("POST", maps, configMap("p27"));
    let offMs = 0;
    const clock = { ...systemClock, nowMs: () => Date.now() + offMs };
    const engine = await cluster.startEngine({ clock });
    const kept = configMap("p27-kept");
    await run(engine, [{ name: one, objects: [configMap("p27"), kept] }]);
    await whenReady(engine, one);
    offMs = day + 1;
    await run(engine, [{ name: one, objects: [kept] }]);
    await whenHeld(engine, "Adopted");
    expect(await cluster.get(`${maps}/p27`)).toBeDefined();
  });

  it("keeps for a day what somebody made anew under the name of an object of ours", async () => {
    const first = await cluster.startEngine();
    const kept = configMap("p20-kept");
    await run(first, [{ name: one, objects: [configMap("p20"), kept] }]);
    await whenReady(first, one);
    await whenQuiet(first);
    await first.stop();
    await cluster.send("DELETE", `${maps}/p20`);
    await cluster.send("POST", maps, configMap("p20", { key: "theirs" }));
    const engine = await cluster.startEngine();
    await run(engine, [{ name: one, objects: [configMap("p20"), kept] }]);
    await vi.waitFor(
      async () =>
        expect(await cluster.get(`${maps}/p20`)).toMatchObject({
          data: { key: "value" },
        }),
      within,
    );
    await whenReady(engine, one);
    await run(engine, [{ name: one, objects: [kept] }]);
    await whenHeld(engine, "Adopted");
    expect(await cluster.get(`${maps}/p20`)).toBeDefined();
  });

  it("deletes nothing when an object moves to another bundle (row 4)", async () => {
    const engine = await cluster.startEngine();
    await run(engine, [
      { name: one, objects: [configMap("p16"), configMap("p16-one")] },
      { name: two, objects: [configMap("p16-two")] },
    ]);
    await whenReady(engine, one, two);
    await run(engine, [
      { name: one, objects: [configMap("p16-one")] },
      { name: two, objects: [configMap("p16-two"), configMap("p16")] },
    ]);
    await whenReady(engine, one, two);
    await whenQuiet(engine);
    expect(
      (await cluster.writes()).filter(({ verb }) => verb === "delete"),
    ).toEqual([]);
  });

  it("keeps an object in the inventory until its finalizer lets it go", async () => {
    const engine = await cluster.startEngine();
    const kept = configMap("p17-kept");
    const slow = {
      ...configMap("p17"),
      metadata: {
        name: "p17",
        namespace: "default",
        finalizers: ["example.com/slow"],
      },
    };
    await run(engine, [{ name: one, objects: [kept, slow] }]);
    await whenReady(engine, one);
    await run(engine, [{ name: one, objects: [kept] }]);
    await vi.waitFor(
      async () =>
        expect((await cluster.get(`${maps}/p17`))?.metadata).toHaveProperty(
          "deletionTimestamp",
        ),
      within,
    );
    await whenQuiet(engine);
    const inventory = async () => {
      const list = await cluster.get(
        "/api/v1/namespaces/wheelhouse-system/configmaps",
      );
      return JSON.stringify(list).includes("/ConfigMap/default/p17\\");
    };
    expect(await inventory()).toBe(true);
    await cluster.send(
      "PATCH",
      `${maps}/p17`,
      { metadata: { finalizers: null } },
      merge,
    );
    await vi.waitFor(async () => expect(await inventory()).toBe(false), within);
  });
});
