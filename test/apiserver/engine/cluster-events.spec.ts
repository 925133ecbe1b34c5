import { systemClock } from "@wheelhouse/system-clock";
import { type Json } from "@wheelhouse/kube-object";
import { eventBudget } from "@wheelhouse/reconcile";
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

interface ToldEvent {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly involvedObject: { readonly fieldPath?: string };
}

describe.skipIf(tools === null && !isSimulated)("events of the cluster", () => {
  const cluster = useCluster();

  /** What the cluster was told of a bundle, as `type reason`; Events have no order of their own. */
  const toldOf = async (bundle: string) => {
    const path = "/api/v1/namespaces/wheelhouse-system/events";
    const list = (await cluster.get(path)) as { items?: Json } | undefined;
    const items = (list?.items ?? []) as unknown as readonly ToldEvent[];
    return items
      .filter(({ involvedObject }) => involvedObject.fieldPath === bundle)
      .map(({ type, reason }) => `${type} ${reason}`)
      .sort();
  };
  const whenTold = (bundle: string, expected: readonly string[]) =>
    vi.waitFor(
      async () => expect(await toldOf(bundle)).toEqual([...expected].sort()),
      within,
    );

  it("come once for each change, and never from an idle resync", async () => {
    const bundle = "Kustomization/flux-system/told";
    const engine = await cluster.startEngine({ tellsCluster: true });
    const kept = configMap("e1-kept");
    const assign = (seq: number, objects = [kept]) =>
      engine.assign([{ name: bundle, objects }], { seq });
    await assign(1, [kept, configMap("e1")]);
    await whenReady(engine, bundle);
    await whenQuiet(engine);
    const first = await toldOf(bundle);
    await assign(2);
    const pruned = [...first, "Normal Applied", "Normal Pruned"];
    await whenTold(bundle, pruned);
    await cluster.send(
      "PATCH",
      `${maps}/e1-kept`,
      { data: { key: "edited" } },
      merge,
    );
    const healed = [...pruned, "Normal DriftHealed"];
    await whenTold(bundle, healed);
    await whenQuiet(engine);
    const before = (await cluster.writes()).length;
    for (let round = 0; round < 3; round += 1) {
      engine.reconcileNow(bundle);
      await whenQuiet(engine);
    }
    expect(changes((await cluster.writes()).slice(before))).toEqual([]);
    expect(await toldOf(bundle)).toEqual([...healed].sort());
  });

  it("are bounded however much happens at once; the log has the rest", async () => {
    const many = Array.from(
      { length: eventBudget.burst + 30 },
      (_, index) => `Kustomization/flux-system/many-${index}`,
    );
    let told = 0;
    const engine = await cluster.startEngine({
      tellsCluster: true,
      between: (port) => ({
        ...passing(port),
        create: (object, options) => {
          if (object.kind === "Event") told += 1;
          return port.create(object, options);
        },
      }),
    });
    await engine.assign(
      many.map((name) => ({
        name,
        objects: null,
        held: { reason: "BuildFailed", message: "kustomization.yaml:3" },
      })),
      { seq: 1 },
    );
    await vi.waitFor(
      () => expect(engine.events).toHaveLength(many.length),
      within,
    );
    expect(told).toBeGreaterThanOrEqual(eventBudget.burst);
    // It may be refilled while a slow machine works on them, by one in two seconds.
    expect(told).toBeLessThan(many.length);
  });
});

describe.skipIf(tools === null && !isSimulated)("a blind watch", () => {
  const cluster = useCluster();

  it("hides drift until its silence ends it, and what is listed anew shows it", async () => {
    const bundle = "Kustomization/flux-system/blind";
    let isLate = false;
    let looked = 0;
    const waiting = new Set<() => void>();
    const clock = {
      nowMs: () => systemClock.nowMs(),
      monotonicMs: () => systemClock.monotonicMs(),
      // The silence that ends a watch, and resyncs: minutes, which pass when the test says so.
      setTimer: (ms: number, callback: () => void) => {
        if (ms < 200_000 || isLate) return systemClock.setTimer(ms, callback);
        waiting.add(callback);
        return () => waiting.delete(callback);
      },
    };
    const engine = await cluster.startEngine({
      isBlind: true,
      clock,
      between: (port) => ({
        ...passing(port),
        get: (kind, id, options) => {
          if (id.name === "e2") looked += 1;
          return port.get(kind, id, options);
        },
      }),
    });
    await engine.assign([{ name: bundle, objects: [configMap("e2")] }], {
      seq: 1,
    });
    await whenReady(engine, bundle);
    await whenQuiet(engine);
    const edit = { data: { key: "edited" } };
    const looks = looked;
    await cluster.send("PATCH", `${maps}/e2`, edit, merge);
    await whenQuiet(engine);
    expect(await cluster.get(`${maps}/e2`)).toMatchObject(edit);
    expect(looked).toBe(looks);
    isLate = true;
    for (const ring of [...waiting]) ring();
    await vi.waitFor(
      async () =>
        expect(await cluster.get(`${maps}/e2`)).toMatchObject({
          data: { key: "value" },
        }),
      within,
    );
    await vi.waitFor(
      () => expect(engine.facts().drift).toMatchObject([{ state: "healed" }]),
      within,
    );
  });

  it("hides nothing from a comparison that a person asks for", async () => {
    const bundle = "Kustomization/flux-system/asked";
    const engine = await cluster.startEngine({ isBlind: true });
    await engine.assign([{ name: bundle, objects: [configMap("e3")] }], {
      seq: 1,
    });
    await whenReady(engine, bundle);
    await whenQuiet(engine);
    await cluster.send(
      "PATCH",
      `${maps}/e3`,
      { data: { key: "edited" } },
      merge,
    );
    engine.reconcileNow(bundle);
    await vi.waitFor(
      async () =>
        expect(await cluster.get(`${maps}/e3`)).toMatchObject({
          data: { key: "value" },
        }),
      within,
    );
  });
});
