import { type JsonObject } from "@wheelhouse/kube-object";
import { systemClock } from "@wheelhouse/system-clock";
import { describe, expect, it, vi } from "vitest";
import { configMap } from "./objects.ts";
import { day, maps, merge, one, two, usePruneRun } from "./prune-run.ts";
import { tools, whenQuiet, whenReady, within } from "./test-cluster.ts";

describe.skipIf(tools === null)(
  "the prune gate on an assignment (rows 1 to 3)",
  () => {
    const { cluster, run, holds, whenHeld, whenGone } = usePruneRun();
    const state = "/api/v1/namespaces/wheelhouse-system/configmaps";

    /** The shards of the bundles' records that tell of a bundle, or do not. */
    const shardsBy = async (bundle: string, has: boolean) => {
      const names = [0, 1, 2, 3].map((shard) => `wheelhouse-bundles-0${shard}`);
      const found = await Promise.all(
        names.map((name) => cluster.get(`${state}/${name}`)),
      );
      return names.filter(
        (_, index) => JSON.stringify(found[index]).includes(bundle) === has,
      );
    };
    const shardWith = async (bundle: string) =>
      (await shardsBy(bundle, true))[0] ?? "";
    const shardWithout = async (bundle: string) =>
      (await shardsBy(bundle, false))[0] ?? "";

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
      const engine = await cluster.startEngine({
        clock,
        isFresh: () => isFresh,
      });
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
      await run(engine, [
        shrunk,
        { name: two, objects: [configMap("p2-two")] },
      ]);
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

    it("holds what a suspended bundle leaves behind, also after a restart, until it is back (row 2)", async () => {
      const first = await cluster.startEngine();
      const kept = { name: one, objects: [configMap("p33-one")] };
      const frozen = { name: two, objects: [configMap("p33")] };
      await run(first, [kept, frozen]);
      await whenReady(first, one, two);
      await run(first, [kept, { ...frozen, suspend: true }]);
      await run(first, [kept]);
      await whenHeld(first, "Suspended");
      await whenQuiet(first);
      expect(holds(first)).toEqual([["p33", "Suspended"]]);
      const uid = (await cluster.get(`${maps}/p33`))?.metadata["uid"];
      expect(uid).toBeDefined();
      await first.stop();
      const engine = await cluster.startEngine();
      await engine.resume();
      await whenHeld(engine, "Suspended");
      await whenQuiet(engine);
      await run(engine, [kept, { ...frozen, suspend: true }]);
      await vi.waitFor(() => expect(holds(engine)).toEqual([]), within);
      await run(engine, [kept]);
      await whenHeld(engine, "Suspended");
      await run(engine, [kept, frozen]);
      await whenReady(engine, two);
      await vi.waitFor(() => expect(holds(engine)).toEqual([]), within);
      expect((await cluster.get(`${maps}/p33`))?.metadata).toMatchObject({
        uid,
      });
      // Suspended no longer, it leaves as any other.
      await run(engine, [kept]);
      await whenGone(`${maps}/p33`);
    });

    it("deletes what a suspended bundle left behind once each object is named (row 2)", async () => {
      const engine = await cluster.startEngine();
      const kept = { name: one, objects: [configMap("p34-one")] };
      const objects = [configMap("p34-a"), configMap("p34-b")];
      const frozen = { name: two, objects };
      await run(engine, [kept, frozen]);
      await whenReady(engine, one, two);
      await run(engine, [kept, { ...frozen, suspend: true }]);
      await run(engine, [kept]);
      await whenHeld(engine, "Suspended");
      await run(engine, [kept], { allowDelete: [configMap("p34-a")] });
      await whenGone(`${maps}/p34-a`);
      await whenQuiet(engine);
      expect(await cluster.get(`${maps}/p34-b`)).toBeDefined();
      expect(holds(engine)).toEqual([["p34-b", "Suspended"]]);
      await run(engine, [kept], { allowDelete: [configMap("p34-b")] });
      await whenGone(`${maps}/p34-b`);
      await vi.waitFor(() => expect(holds(engine)).toEqual([]), within);
    });

    it("deletes what a suspended bundle left behind once that is released, also where it heard of it before a restart (row 2)", async () => {
      const first = await cluster.startEngine();
      const kept = { name: one, objects: [configMap("p36-one")] };
      const frozen = { name: two, objects: [configMap("p36")] };
      await run(first, [kept, frozen]);
      await whenReady(first, one, two);
      const removed = { ...frozen, suspend: true, removedIn: "5".repeat(40) };
      await run(first, [kept, removed]);
      await whenQuiet(first);
      expect(first.report(two)?.message).toBe(
        "suspended, and removed from Git at 55555555",
      );
      expect(holds(first)).toEqual([]);
      await first.stop();
      const engine = await cluster.startEngine();
      await engine.resume();
      await run(engine, [kept], { released: [one] });
      await whenHeld(engine, "Suspended");
      await run(engine, [kept], { released: [two] });
      await whenGone(`${maps}/p36`);
      await vi.waitFor(() => expect(holds(engine)).toEqual([]), within);
      expect(await cluster.get(`${maps}/p36-one`)).toBeDefined();
    });

    it("leaves what a suspended bundle keeps to it, though another wants it, until it is released (row 4)", async () => {
      const engine = await cluster.startEngine();
      const kept = { name: one, objects: [configMap("p37-one")] };
      const frozen = { name: two, objects: [configMap("p37")] };
      await run(engine, [kept, frozen]);
      await whenReady(engine, one, two);
      const uid = (await cluster.get(`${maps}/p37`))?.metadata["uid"];
      const removed = { ...frozen, suspend: true, removedIn: "5".repeat(40) };
      const wants = { name: one, objects: [...kept.objects, configMap("p37")] };
      await run(engine, [wants, removed]);
      const message = () => engine.report(one)?.message ?? "";
      await vi.waitFor(
        () => expect(message()).toContain(`${two} has it in this`),
        within,
      );
      await run(engine, [wants], { released: [two] });
      await whenReady(engine, one);
      await whenQuiet(engine);
      expect((await cluster.get(`${maps}/p37`))?.metadata).toMatchObject({
        ...{ uid },
        annotations: { "fleet.wheelhouse.dev/owner": `demo/${one}` },
      });
      expect(holds(engine)).toEqual([]);
    });

    it("writes that a bundle is suspended once, and nothing where nothing changed", async () => {
      const engine = await cluster.startEngine();
      const plain = { name: one, objects: [configMap("p35")] };
      const frozen = { ...plain, suspend: true };
      const versions = async () => {
        const list = `/api/v1/namespaces/wheelhouse-system/configmaps`;
        return Promise.all(
          [0, 1, 2, 3].map(async (shard) => {
            const name = `wheelhouse-bundles-0${shard}`;
            const found = await cluster.get(`${list}/${name}`);
            return found?.metadata["resourceVersion"];
          }),
        );
      };
      await run(engine, [plain]);
      await whenReady(engine, one);
      await whenQuiet(engine);
      const before = await versions();
      await run(engine, [frozen]);
      const suspended = await versions();
      expect(suspended).not.toEqual(before);
      await run(engine, [frozen]);
      await whenQuiet(engine);
      expect(await versions()).toEqual(suspended);
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

    it("holds everything while a part of the bundles' records is missing (row 3)", async () => {
      const first = await cluster.startEngine();
      await run(first, [
        { name: one, objects: [configMap("p39"), configMap("p39-kept")] },
      ]);
      await whenReady(first, one);
      await whenQuiet(first);
      await first.stop();
      // Not the one that tells of this bundle: what it says stays known.
      const lost = await shardWithout(one);
      await cluster.send("DELETE", `${state}/${lost}`);
      const engine = await cluster.startEngine();
      await run(engine, [{ name: one, objects: [configMap("p39-kept")] }]);
      await whenReady(engine, one);
      await whenHeld(engine, "InventoryUnknown");
      await whenQuiet(engine);
      const [held] = engine.facts().pruneHolds;
      expect(held?.message).toContain(lost);
      expect(holds(engine)).toEqual([["p39", "InventoryUnknown"]]);
      expect(await cluster.get(`${maps}/p39`)).toBeDefined();
    });

    it("holds what is of a bundle of which nothing is recorded (row 2)", async () => {
      const first = await cluster.startEngine();
      const kept = { name: one, objects: [configMap("p40-kept")] };
      await run(first, [kept, { name: two, objects: [configMap("p40")] }]);
      await whenReady(first, one, two);
      await whenQuiet(first);
      await first.stop();
      const shard = await shardWith(two);
      const live = await cluster.get(`${state}/${shard}`);
      const data = live?.["data"] as { readonly records: string };
      const { [two]: _, ...rest } = JSON.parse(data.records) as JsonObject;
      const records = JSON.stringify(rest);
      await cluster.send(
        "PATCH",
        `${state}/${shard}`,
        { data: { records } },
        merge,
      );
      const engine = await cluster.startEngine();
      await run(engine, [kept]);
      await whenReady(engine, one);
      await whenHeld(engine, "BundleUnknown");
      await whenQuiet(engine);
      expect(holds(engine)).toEqual([["p40", "BundleUnknown"]]);
      expect(await cluster.get(`${maps}/p40`)).toBeDefined();
    });
  },
);
