import { type JsonObject } from "@wheelhouse/kube-object";
import { describe, expect, it, vi } from "vitest";
import { configMap, widget, widgetDefinition } from "./objects.ts";
import { maps, merge, one, two, usePruneRun } from "./prune-run.ts";
import {
  isSimulated,
  tools,
  whenApplied,
  whenQuiet,
  whenReady,
  within,
} from "./test-cluster.ts";
import { passing } from "./test-engine.ts";

describe.skipIf(tools === null)(
  "the prune gate on an object (rows 4 to 6)",
  () => {
    const { cluster, run, holds, whenHeld, whenGone } = usePruneRun();

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
              await cluster.send(
                "POST",
                maps,
                configMap(id.name, { by: "me" }),
              );
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

    // The simulated server serves every version that a definition has.
    it.skipIf(isSimulated)(
      "holds an object whose kind is not served while its definition is there (row 5)",
      async () => {
        const group = "unserved.example.com";
        const definition = widgetDefinition(group);
        const kept = configMap("p36-kept");
        const first = await cluster.startEngine();
        const objects = [configMap("p36-two"), widget("p36", group)];
        await run(first, [
          { name: one, objects: [definition, kept] },
          { name: two, objects },
        ]);
        await whenReady(first, one, two);
        await whenQuiet(first);
        await first.stop();
        const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.${group}`;
        const served = async (isServed: boolean) => {
          const live = await cluster.get(path);
          const spec = live?.["spec"] as {
            readonly versions: readonly JsonObject[];
          };
          const versions = spec.versions.map((version) => ({
            ...version,
            served: isServed,
          }));
          await cluster.send("PATCH", path, { spec: { versions } }, merge);
          await vi.waitFor(async () => {
            const groups = JSON.stringify(await cluster.get("/apis"));
            expect(groups.includes(group)).toBe(isServed);
          }, within);
        };
        await served(false);
        // The definition itself is nobody's here: a bundle that has it would serve it again.
        const bundles = [
          { name: one, prune: false, objects: [kept] },
          { name: two, objects: objects.slice(0, 1) },
        ];
        const engine = await cluster.startEngine();
        await run(engine, bundles);
        await whenReady(engine, one, two);
        await whenHeld(engine, "KindNotServed");
        await whenQuiet(engine);
        expect(holds(engine)).toEqual([["p36", "KindNotServed"]]);
        await served(true);
        const widgets = `/apis/${group}/v1/namespaces/default/widgets`;
        expect(await cluster.get(`${widgets}/p36`)).toMatchObject({
          kind: "Widget",
        });
        // Served again it is deleted, without anybody's doing.
        await whenGone(`${widgets}/p36`);
      },
    );

    // The simulated server lets every account read.
    it.skipIf(isSimulated)(
      "holds an object that its bundle's account may not read (row 5)",
      async () => {
        const path = `${maps}/p37`;
        let mayRead = true;
        const engine = await cluster.startEngine({
          between: (port) => ({
            ...passing(port),
            get: (kind, id, options) =>
              // Refused by the server itself: this account may do nothing at all.
              port.get(
                kind,
                id,
                mayRead || id.name !== "p37"
                  ? options
                  : { ...options, impersonate: "default/nobody" },
              ),
          }),
        });
        const kept = configMap("p37-kept");
        await run(engine, [{ name: one, objects: [kept, configMap("p37")] }]);
        await whenReady(engine, one);
        mayRead = false;
        await run(engine, [{ name: one, objects: [kept] }]);
        await whenHeld(engine, "Unreadable");
        await whenQuiet(engine);
        expect(holds(engine)).toEqual([["p37", "Unreadable"]]);
        expect(engine.facts().pruneHolds[0]?.message).toMatch(
          /forbidden|cannot/,
        );
        expect(await cluster.get(path)).toBeDefined();
        mayRead = true;
        await whenGone(path);
      },
    );

    it("holds an object whose uid was never recorded, as after a crash before its apply (row 5)", async () => {
      const kept = { name: one, objects: [configMap("p38-kept")] };
      const dying = await cluster.startEngine({
        dieAt: { name: "inventory.afterWrite", passing: 1 },
      });
      await run(dying, [
        { ...kept, objects: [...kept.objects, configMap("p38")] },
      ]);
      await vi.waitFor(() => expect(dying.isDead()).toBe(true), within);
      await dying.stop();
      // Somebody makes an object of that name, and gives it our marks.
      const { metadata, ...rest } = configMap("p38");
      await cluster.send("POST", maps, {
        ...rest,
        metadata: {
          ...metadata,
          labels: { "fleet.wheelhouse.dev/fleet": "demo" },
          annotations: { "fleet.wheelhouse.dev/owner": `demo/${one}` },
        },
      });
      const engine = await cluster.startEngine();
      await run(engine, [kept]);
      await whenReady(engine, one);
      await whenHeld(engine, "UidUnknown");
      await whenQuiet(engine);
      expect(holds(engine)).toEqual([["p38", "UidUnknown"]]);
      expect(await cluster.get(`${maps}/p38`)).toBeDefined();
    });

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
      await vi.waitFor(
        async () => expect(await inventory()).toBe(false),
        within,
      );
    });
  },
);
