import { describe, expect, it, vi } from "vitest";
import { configMap, deployment } from "./objects.ts";
import {
  changes,
  tools,
  useCluster,
  whenApplied,
  whenQuiet,
  whenReady,
  within,
} from "./test-cluster.ts";
import { passing } from "./test-engine.ts";

const one = "Kustomization/flux-system/one";
const maps = "/api/v1/namespaces/default/configmaps";
const merge = "application/merge-patch+json";

describe.skipIf(tools === null)("drift", () => {
  const cluster = useCluster();

  it("is found by the watch, long before the resync, and healed, naming who wrote it", async () => {
    const engine = await cluster.startEngine();
    await engine.assign([{ name: one, objects: [configMap("d1")] }], {
      seq: 1,
    });
    await whenReady(engine, one);
    await whenQuiet(engine);
    await cluster.send(
      "PATCH",
      `${maps}/d1?fieldManager=kubectl-edit`,
      { data: { key: "edited" } },
      merge,
    );
    await vi.waitFor(
      () => expect(engine.facts().drift).toMatchObject([{ state: "healed" }]),
      within,
    );
    expect(engine.facts().drift[0]).toMatchObject({
      bundle: one,
      writer: "kubectl-edit",
      times: 1,
      fields: [{ path: "data.key", wanted: '"value"', found: '"edited"' }],
    });
    expect(await cluster.get(`${maps}/d1`)).toMatchObject({
      data: { key: "value" },
    });
  });

  it("remembers what each person changed, once each, though it healed", async () => {
    const engine = await cluster.startEngine();
    const objects = [configMap("d9", { a: "1", b: "1" })];
    await engine.assign([{ name: one, objects }], { seq: 1 });
    await whenReady(engine, one);
    const changed = new Map([
      ["a", "somebody"],
      ["b", "another"],
    ]);
    for (const [key, who] of changed) {
      await whenQuiet(engine);
      await cluster.send(
        "PATCH",
        `${maps}/d9?fieldManager=${who}`,
        { data: { [key]: "2" } },
        merge,
      );
      await vi.waitFor(
        () =>
          expect(engine.facts().drift[0]).toMatchObject({
            ...{ writer: who, state: "healed" },
          }),
        within,
      );
    }
    expect(engine.facts().drift).toMatchObject([
      { fields: [{ path: "data.b" }], writer: "another", times: 1 },
      { fields: [{ path: "data.a" }], writer: "somebody", times: 1 },
    ]);
  });

  it("brings a deleted object back", async () => {
    const engine = await cluster.startEngine();
    await engine.assign([{ name: one, objects: [configMap("d2")] }], {
      seq: 1,
    });
    await whenReady(engine, one);
    await whenQuiet(engine);
    await cluster.send("DELETE", `${maps}/d2`);
    await vi.waitFor(
      () =>
        expect(engine.facts().drift).toMatchObject([
          { missing: true, state: "healed" },
        ]),
      within,
    );
    expect(await cluster.get(`${maps}/d2`)).toBeDefined();
    await whenReady(engine, one);
  });

  it("is only reported in mode warn, and not looked at when disabled", async () => {
    const engine = await cluster.startEngine();
    const quiet = "Kustomization/flux-system/quiet";
    await engine.assign(
      [
        {
          name: one,
          drift: { mode: "warn", ignore: [] },
          objects: [configMap("d3")],
        },
        {
          name: quiet,
          drift: { mode: "disabled", ignore: [] },
          objects: [configMap("d3-quiet")],
        },
      ],
      { seq: 1 },
    );
    await whenReady(engine, one, quiet);
    await whenQuiet(engine);
    for (const name of ["d3", "d3-quiet"]) {
      await cluster.send(
        "PATCH",
        `${maps}/${name}`,
        { data: { key: "edited" } },
        merge,
      );
    }
    await vi.waitFor(
      () => expect(engine.facts().drift).toMatchObject([{ state: "reported" }]),
      within,
    );
    await whenQuiet(engine);
    expect(engine.facts().drift).toHaveLength(1);
    expect(engine.report(one)?.drifted).toBe(true);
    for (const name of ["d3", "d3-quiet"]) {
      expect(await cluster.get(`${maps}/${name}`)).toMatchObject({
        data: { key: "edited" },
      });
    }
  });

  it("is none in a field that a rule leaves to others", async () => {
    const engine = await cluster.startEngine();
    await engine.assign(
      [
        {
          name: one,
          wait: false,
          drift: {
            mode: "enabled",
            ignore: [
              { target: { kind: "Deployment" }, paths: ["/spec/replicas"] },
            ],
          },
          objects: [deployment("d4", { replicas: 2 })],
        },
      ],
      { seq: 1 },
    );
    await whenApplied(engine, one);
    await whenQuiet(engine);
    const path = "/apis/apps/v1/namespaces/default/deployments/d4";
    expect(await cluster.get(path)).toMatchObject({ spec: { replicas: 2 } });
    await cluster.send(
      "PATCH",
      `${path}/scale?fieldManager=autoscaler`,
      { spec: { replicas: 5 } },
      merge,
    );
    engine.reconcileNow("");
    await whenQuiet(engine);
    expect(await cluster.get(path)).toMatchObject({ spec: { replicas: 5 } });
    expect(engine.facts().drift).toEqual([]);
  });

  it("is left alone for a while when somebody rewrites it again and again", async () => {
    const engine = await cluster.startEngine();
    await engine.assign([{ name: one, objects: [configMap("d5")] }], {
      seq: 1,
    });
    await whenReady(engine, one);
    for (let round = 1; round <= 7; round += 1) {
      await whenQuiet(engine);
      await cluster.send(
        "PATCH",
        `${maps}/d5?fieldManager=rival`,
        { data: { key: `round-${round}` } },
        merge,
      );
    }
    await vi.waitFor(
      () =>
        expect(engine.facts().drift).toMatchObject([
          { state: "blocked", writer: "rival" },
        ]),
      within,
    );
    expect(await cluster.get(`${maps}/d5`)).toMatchObject({
      data: { key: "round-7" },
    });
  });

  it("is no news when only a status or somebody's own annotation changes", async () => {
    const engine = await cluster.startEngine();
    await engine.assign(
      [{ name: one, wait: false, objects: [deployment("d6")] }],
      { seq: 1 },
    );
    await whenApplied(engine, one);
    await whenQuiet(engine);
    const before = (await cluster.writes()).length;
    await cluster.send(
      "PATCH",
      "/apis/apps/v1/namespaces/default/deployments/d6/status",
      { status: { observedGeneration: 1, replicas: 1 } },
      merge,
    );
    await whenQuiet(engine);
    expect((await cluster.writes()).slice(before)).toEqual([]);
  });

  it("heals with the assignment that was acknowledged, after a restart without a hub", async () => {
    const first = await cluster.startEngine();
    await first.assign([{ name: one, objects: [configMap("d7")] }], { seq: 4 });
    await whenReady(first, one);
    await first.stop();
    await cluster.send("PATCH", `${maps}/d7`, { data: { key: "x" } }, merge);
    const second = await cluster.startEngine();
    await second.resume();
    await vi.waitFor(
      async () =>
        expect(await cluster.get(`${maps}/d7`)).toMatchObject({
          data: { key: "value" },
        }),
      within,
    );
    expect(second.facts().assignment?.seq).toBe(4);
    expect(
      changes(await cluster.writes()).filter((one) => one.startsWith("delete")),
    ).toEqual([]);
  });

  it("is healed only at the version that was judged", async () => {
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
    await engine.assign([{ name: one, objects: [configMap("d8")] }], {
      seq: 1,
    });
    await whenReady(engine, one);
    await cluster.send(
      "PATCH",
      `${maps}/d8?fieldManager=somebody&force=true`,
      configMap("d8", { key: "theirs" }),
      "application/apply-patch+yaml",
    );
    await vi.waitFor(
      async () =>
        expect(await cluster.get(`${maps}/d8`)).toMatchObject({
          data: { key: "value" },
        }),
      within,
    );
    expect(forced.length).toBeGreaterThan(0);
    expect(forced).not.toContain(undefined);
  });
});
