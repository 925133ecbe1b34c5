import { systemClock } from "@wheelhouse/system-clock";
import { describe, expect, it, vi } from "vitest";
import { configMap } from "./objects.ts";
import { day, maps, one, two, usePruneRun } from "./prune-run.ts";
import { tools, whenQuiet, whenReady, within } from "./test-cluster.ts";
import { passing } from "./test-engine.ts";

const many = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => configMap(`${prefix}-${index}`));

describe.skipIf(tools === null)(
  "the prune gate on how much and how soon (rows 9 and 10)",
  () => {
    const { cluster, run, holds, whenHeld, whenGone } = usePruneRun();

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
      await run(engine, [{ name: one, objects: [kept] }], {
        allowDelete: gone,
      });
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
        expect((deletedAt[0] ?? 0) - begun).toBeGreaterThan(
          confirmPruneAfterMs,
        );
      },
    );
  },
);
