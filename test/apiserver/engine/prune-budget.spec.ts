import { systemClock } from "@wheelhouse/system-clock";
import { type KubeObject, objectIdOf } from "@wheelhouse/kube-object";
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
import { type TestBundle, type TestEngine, passing } from "./test-engine.ts";

const one = "Kustomization/flux-system/one";
const two = "Kustomization/flux-system/two";
const maps = "/api/v1/namespaces/default/configmaps";
const hour = 60 * 60 * 1000;

const many = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => configMap(`${prefix}-${index}`));

describe.skipIf(tools === null && !isSimulated)(
  "what the prune gate remembers",
  () => {
    const cluster = useCluster();
    let seq = 0;

    const run = (
      engine: TestEngine,
      bundles: readonly TestBundle[],
      allowDelete: readonly KubeObject[] = [],
      epoch = 1,
    ) => {
      seq += 1;
      const named = allowDelete.map(objectIdOf);
      return engine.assign(bundles, { seq, epoch, allowDelete: named });
    };
    const whenHeld = (engine: TestEngine, count: number) =>
      vi.waitFor(
        () =>
          expect(engine.facts().pruneHolds.map(({ reason }) => reason)).toEqual(
            Array.from({ length: count }, () => "OverBudget"),
          ),
        within,
      );
    const whenGone = (name: string) =>
      vi.waitFor(
        async () =>
          expect(await cluster.get(`${maps}/${name}`)).toBeUndefined(),
        within,
      );
    const standing = async (objects: readonly KubeObject[]) => {
      const found = await Promise.all(
        objects.map(({ metadata }) => cluster.get(`${maps}/${metadata.name}`)),
      );
      return found.filter((object) => object !== undefined).length;
    };

    /** An engine that holds 9 of 11 objects, of which 2 were approved and are gone. */
    async function holdNine(prefix: string) {
      const engine = await cluster.startEngine();
      const kept = { name: one, objects: [configMap(`${prefix}-kept`)] };
      const other = { name: two, objects: [configMap(`${prefix}-two`)] };
      const lost = many(prefix, 11);
      await run(engine, [
        { ...kept, objects: [...kept.objects, ...lost] },
        other,
      ]);
      await whenReady(engine, one, two);
      await run(engine, [kept, other]);
      await whenHeld(engine, 11);
      const approved = lost.slice(0, 2);
      const rest = lost.slice(2);
      await run(engine, [kept, other], approved);
      await whenGone(`${prefix}-0`);
      await whenGone(`${prefix}-1`);
      await whenHeld(engine, 9);
      await whenQuiet(engine);
      return { engine, kept, other, rest };
    }

    it("holds what is left of an over-budget set after a restart, until it is named", async () => {
      const { engine, kept, other, rest } = await holdNine("b1");
      await engine.stop();
      const restarted = await cluster.startEngine();
      await restarted.resume();
      await whenReady(restarted, one, two);
      await whenHeld(restarted, 9);
      // Nothing of the approval is left in this one.
      await run(restarted, [kept, other]);
      await whenQuiet(restarted);
      await whenHeld(restarted, 9);
      expect(await standing(rest)).toBe(9);
      await run(restarted, [kept, other], rest);
      await Promise.all(rest.map(({ metadata }) => whenGone(metadata.name)));
    });

    it("holds it through an unrelated commit, and writes nothing for that (S9)", async () => {
      const { engine, kept, rest } = await holdNine("b2");
      const before = (await cluster.writes()).length;
      const other = {
        name: two,
        objects: [configMap("b2-two", { key: "new" })],
      };
      await run(engine, [kept, other]);
      await whenReady(engine, two);
      await whenQuiet(engine);
      await whenHeld(engine, 9);
      expect(await standing(rest)).toBe(9);
      const written = changes((await cluster.writes()).slice(before));
      expect(written.filter((write) => write.startsWith("delete"))).toEqual([]);
      const idle = (await cluster.writes()).length;
      engine.reconcileNow("");
      await whenQuiet(engine);
      expect(changes((await cluster.writes()).slice(idle))).toEqual([]);
    });

    it("holds it though somebody deletes two by hand", async () => {
      const engine = await cluster.startEngine();
      const kept = configMap("b3-kept");
      const lost = many("b3", 11);
      await run(engine, [{ name: one, objects: [kept, ...lost] }]);
      await whenReady(engine, one);
      await run(engine, [{ name: one, objects: [kept] }]);
      await whenHeld(engine, 11);
      await cluster.send("DELETE", `${maps}/b3-0`);
      await cluster.send("DELETE", `${maps}/b3-1`);
      await whenHeld(engine, 9);
      await run(engine, [{ name: one, objects: [kept] }]);
      await whenQuiet(engine);
      await whenHeld(engine, 9);
      expect(await standing(lost)).toBe(9);
    });

    it("forgets it once the objects are wanted again", async () => {
      const { engine, kept, other, rest } = await holdNine("b4");
      const again = { ...kept, objects: [...kept.objects, ...rest] };
      await run(engine, [again, other]);
      await whenReady(engine, one);
      await whenQuiet(engine);
      expect(engine.facts().pruneHolds).toEqual([]);
      await run(engine, [kept, other]);
      await Promise.all(rest.map(({ metadata }) => whenGone(metadata.name)));
    });

    it("sends no deletion once another spoke has acknowledged that the object is wanted (S5)", async () => {
      const kept = configMap("b5-kept");
      const wanted = [{ name: one, objects: [kept, configMap("b5")] }];
      let onLook: (() => Promise<unknown>) | undefined;
      const first = await cluster.startEngine({
        between: (port) => ({
          ...passing(port),
          get: async (kind, id, options) => {
            const found = await port.get(kind, id, options);
            const hook = id.name === "b5" ? onLook : undefined;
            if (hook !== undefined) onLook = undefined;
            await hook?.();
            return found;
          },
        }),
      });
      const second = await cluster.startEngine();
      await run(first, wanted);
      await whenReady(first, one);
      await whenQuiet(first);
      let isWanted = false;
      onLook = async () => {
        await run(second, wanted);
        isWanted = true;
      };
      await run(first, [{ name: one, objects: [kept] }]);
      await vi.waitFor(() => expect(isWanted).toBe(true), within);
      await whenQuiet(first);
      await whenQuiet(second);
      expect(changes(await cluster.writes()).join()).not.toContain("delete");
    });

    it("looks twice before it deletes under a new epoch, and only then (row 10)", async () => {
      let passedMs = 0;
      /** Timers that ring only when the test lets hours pass. */
      const waiting = new Set<() => void>();
      const clock = {
        nowMs: () => systemClock.nowMs(),
        monotonicMs: () => systemClock.monotonicMs() + passedMs,
        setTimer: (ms: number, callback: () => void) => {
          if (ms < hour / 10) return systemClock.setTimer(ms, callback);
          waiting.add(callback);
          return () => waiting.delete(callback);
        },
      };
      const letPass = (ms: number) => {
        passedMs += ms;
        const due = [...waiting];
        waiting.clear();
        for (const ring of due) ring();
      };
      const engine = await cluster.startEngine({
        clock,
        confirmPruneAfterMs: hour,
      });
      const kept = configMap("b6-kept");
      const objects = [kept, configMap("b6-one"), configMap("b6-two")];
      await run(engine, [{ name: one, objects }]);
      await whenReady(engine, one);
      letPass(2 * hour);
      // The start is long ago: what leaves now goes at first sight.
      await run(engine, [{ name: one, objects: objects.slice(0, 2) }]);
      await whenGone("b6-two");
      await run(engine, [{ name: one, objects: [kept] }], [], 2);
      await whenReady(engine, one);
      await whenQuiet(engine);
      expect(await cluster.get(`${maps}/b6-one`)).toBeDefined();
      letPass(2 * hour);
      await whenGone("b6-one");
    });
  },
);
