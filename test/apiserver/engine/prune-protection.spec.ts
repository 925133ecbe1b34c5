import { systemClock } from "@wheelhouse/system-clock";
import { KubeError } from "@wheelhouse/kube-apply";
import { type KubeObject } from "@wheelhouse/kube-object";
import { describe, expect, it, vi } from "vitest";
import { configMap, namespace, widget, widgetDefinition } from "./objects.ts";
import { day, maps, one, two, usePruneRun } from "./prune-run.ts";
import { tools, whenQuiet, whenReady, within } from "./test-cluster.ts";
import { passing } from "./test-engine.ts";

describe.skipIf(tools === null)(
  "what the prune gate protects (rows 7 and 8, and adoption)",
  () => {
    const { cluster, run, holds, whenHeld, whenGone } = usePruneRun();

    it("holds a protected kind until it is named, and a namespace until it is empty (rows 7 and 8)", async () => {
      const engine = await cluster.startEngine();
      const space = namespace("p7");
      await run(engine, [
        { name: one, objects: [space, configMap("p7-kept")] },
      ]);
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

    it("holds a namespace and a definition for foreign objects that an unrelated object owns (row 8)", async () => {
      const group = "nine.example.com";
      const definition = widgetDefinition(group);
      const space = namespace("p28");
      const engine = await cluster.startEngine();
      const kept = configMap("p28-kept");
      await run(engine, [{ name: one, objects: [space, definition, kept] }]);
      await whenReady(engine, one);
      const owned = (object: KubeObject, owner: KubeObject | undefined) => ({
        ...object,
        metadata: {
          ...object.metadata,
          ownerReferences: [
            {
              apiVersion: owner?.apiVersion ?? "",
              kind: owner?.kind ?? "",
              name: owner?.metadata.name ?? "",
              uid: owner?.metadata["uid"] ?? "",
            },
          ],
        },
      });
      const roles = "/apis/rbac.authorization.k8s.io/v1/clusterroles";
      await cluster.send("POST", roles, {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRole",
        metadata: { name: "p28-unrelated" },
        rules: [],
      });
      const role = await cluster.get(`${roles}/p28-unrelated`);
      await cluster.send(
        "POST",
        "/api/v1/namespaces/p28/configmaps",
        owned(configMap("guest", {}, "p28"), role),
      );
      await cluster.send("POST", maps, configMap("p28-unrelated"));
      const map = await cluster.get(`${maps}/p28-unrelated`);
      const widgets = `/apis/${group}/v1/namespaces/default/widgets`;
      await cluster.send("POST", widgets, owned(widget("guest", group), map));
      await run(engine, [{ name: one, objects: [kept] }], {
        allowDelete: [space, definition],
      });
      await vi.waitFor(
        () =>
          expect(holds(engine).toSorted()).toEqual([
            ["p28", "NotEmpty"],
            [`widgets.${group}`, "NotEmpty"],
          ]),
        within,
      );
      expect(
        await cluster.get("/api/v1/namespaces/p28/configmaps/guest"),
      ).toBeDefined();
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
            return looks <= 2
              ? Promise.reject(error)
              : port.list(kind, options);
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

    it("keeps for a day what somebody made anew under the name of an object of ours, when a commit changes it at once", async () => {
      const first = await cluster.startEngine();
      const kept = configMap("p29-kept");
      await run(first, [{ name: one, objects: [configMap("p29"), kept] }]);
      await whenReady(first, one);
      await whenQuiet(first);
      await first.stop();
      await cluster.send("DELETE", `${maps}/p29`);
      await cluster.send("POST", maps, configMap("p29", { theirs: "yes" }));
      const engine = await cluster.startEngine();
      const changed = configMap("p29", { key: "new" });
      await run(engine, [{ name: one, objects: [changed, kept] }]);
      await whenReady(engine, one);
      expect(await cluster.get(`${maps}/p29`)).toMatchObject({
        data: { key: "new", theirs: "yes" },
      });
      await run(engine, [{ name: one, objects: [kept] }]);
      await whenHeld(engine, "Adopted");
      expect(await cluster.get(`${maps}/p29`)).toBeDefined();
    });

    it("keeps an adopted object for its day, also once it moved to another bundle", async () => {
      await cluster.send("POST", maps, configMap("p30"));
      const engine = await cluster.startEngine();
      const [first, second] = [configMap("p30-one"), configMap("p30-two")];
      await run(engine, [
        { name: one, objects: [configMap("p30"), first] },
        { name: two, objects: [second] },
      ]);
      await whenReady(engine, one, two);
      await run(engine, [
        { name: one, objects: [first] },
        { name: two, objects: [configMap("p30"), second] },
      ]);
      await whenReady(engine, one, two);
      await whenQuiet(engine);
      await run(engine, [
        { name: one, objects: [first] },
        { name: two, objects: [second] },
      ]);
      await whenHeld(engine, "Adopted");
      expect(await cluster.get(`${maps}/p30`)).toBeDefined();
    });
  },
);
