import { type Json, type KubeObject } from "@wheelhouse/kube-object";
import { describe, expect, it, vi } from "vitest";
import { configMap, widget } from "./objects.ts";
import {
  changes,
  isSimulated,
  tools,
  useCluster,
  whenQuiet,
  whenReady,
  within,
} from "./test-cluster.ts";
import { type TestBundle } from "./test-engine.ts";

const group = "health.example.org";
const widgets = `/apis/${group}/v1/namespaces/default/widgets`;
const jobs = "/apis/batch/v1/namespaces/default/jobs";
const maps = "/api/v1/namespaces/default/configmaps";

const kinds = "Kustomization/platform/kinds";
const app = "Kustomization/shop/app";
const after = "Kustomization/web/after";

/** Widgets with a status that only a controller, here the test, may write. */
const definition: KubeObject = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `widgets.${group}` },
  spec: {
    group,
    scope: "Namespaced",
    names: { plural: "widgets", singular: "widget", kind: "Widget" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: "object",
            "x-kubernetes-preserve-unknown-fields": true,
          },
        },
      },
    ],
  },
};

const migration: KubeObject = {
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "migrate", namespace: "default" },
  spec: {
    template: {
      spec: {
        restartPolicy: "Never",
        containers: [{ name: "migrate", image: "registry.example/app:v1" }],
      },
    },
  },
};

const said = (type: string): Json => ({
  type,
  status: "True",
  lastTransitionTime: "2026-01-01T00:00:10Z",
});

/** What the controller says of a Job that is done. */
const completeStatus: Json = {
  startTime: "2026-01-01T00:00:00Z",
  completionTime: "2026-01-01T00:00:10Z",
  active: 0,
  succeeded: 1,
  conditions: [said("SuccessCriteriaMet"), said("Complete")],
};

const byPhase = {
  apiVersion: `${group}/v1`,
  kind: "Widget",
  failed: "status.phase == 'Broken'",
  current: "status.phase == 'Ready'",
};

const account = (name: string, version: string): TestBundle => ({
  name: `Kustomization/shop/${name}`,
  object: { metadata: { name, labels: { version } } },
  objects: [configMap(`account-${name}`, { version })],
});

describe.skipIf(tools === null && !isSimulated)("health and order", () => {
  const cluster = useCluster();
  const setStatus = (path: string, status: Json) =>
    cluster.send(
      "PATCH",
      `${path}/status`,
      { status },
      "application/merge-patch+json",
    );

  const chain = (name: string): readonly TestBundle[] => [
    { name: kinds, objects: [definition] },
    {
      name: app,
      dependsOn: [{ bundle: kinds }],
      healthCheckExprs: [byPhase],
      objects: [widget(name, group)],
    },
    {
      name: after,
      dependsOn: [{ bundle: app }],
      objects: [configMap(`after-${name}`)],
    },
  ];

  it("opens the way for what waits for it, across namespaces", async () => {
    const engine = await cluster.startEngine();
    await engine.assign(chain("one"), { seq: 1 });
    await vi.waitFor(
      () =>
        expect(engine.report(app)).toMatchObject({
          ready: false,
          failed: false,
          status: "Unknown",
          message: expect.stringContaining(
            "failed expression: unknown variable: status",
          ),
        }),
      within,
    );
    expect(engine.report(after)?.message).toBe(`waits for ${app}`);
    expect(await cluster.get(`${maps}/after-one`)).toBeUndefined();
    await setStatus(`${widgets}/one`, { phase: "Pending" });
    await vi.waitFor(
      () => expect(engine.report(app)?.status).toBe("InProgress"),
      within,
    );
    expect(await cluster.get(`${maps}/after-one`)).toBeUndefined();
    await setStatus(`${widgets}/one`, { phase: "Ready" });
    await whenReady(engine, kinds, app, after);
    expect(await cluster.get(`${maps}/after-one`)).toBeDefined();
  });

  it("fails a bundle at once where the failed expression holds", async () => {
    const engine = await cluster.startEngine();
    await engine.assign(chain("two"), { seq: 1 });
    await vi.waitFor(
      async () => expect(await cluster.get(`${widgets}/two`)).toBeDefined(),
      within,
    );
    await setStatus(`${widgets}/two`, { phase: "Broken" });
    await vi.waitFor(
      () =>
        expect(engine.report(app)).toMatchObject({
          failed: true,
          status: "Failed",
          message: expect.stringContaining("failed expression holds"),
        }),
      within,
    );
    expect(await cluster.get(`${maps}/after-two`)).toBeUndefined();
  });

  it("holds a bundle whose expression cannot be read here, as it was, and lets others go on", async () => {
    const engine = await cluster.startEngine();
    const other = "Kustomization/shop/other";
    const bundles = (version: string, current: string): TestBundle[] => [
      {
        name: app,
        healthCheckExprs: [{ ...byPhase, current }],
        objects: [configMap("held", { version })],
      },
      { name: other, objects: [configMap("other", { version })] },
    ];
    await engine.assign(bundles("v1", "true"), { seq: 1 });
    await whenReady(engine, app, other);
    await engine.assign(bundles("v2", "invented(status)"), { seq: 2 });
    await whenReady(engine, other);
    await vi.waitFor(
      () =>
        expect(engine.report(app)).toMatchObject({
          ready: false,
          failed: true,
          held: {
            reason: "InvalidExpression",
            message: expect.stringContaining("healthCheckExprs[0].current"),
          },
        }),
      within,
    );
    expect((await cluster.get(`${maps}/held`))?.["data"]).toEqual({
      version: "v1",
    });
    expect((await cluster.get(`${maps}/other`))?.["data"]).toEqual({
      version: "v2",
    });
    await engine.assign(bundles("v3", "true"), { seq: 3 });
    await whenReady(engine, app, other);
  });

  it("waits for a dependency by its readyExpr, and for its new version", async () => {
    const engine = await cluster.startEngine();
    const readyExpr =
      "dep.metadata.labels['version'] == self.metadata.labels['version'] && dep.status.conditions.all(c, c.status == 'True')";
    const front = (version: string): TestBundle => ({
      ...account("front", version),
      dependsOn: [{ bundle: "Kustomization/shop/back", readyExpr }],
    });
    const names = ["Kustomization/shop/back", "Kustomization/shop/front"];
    await engine.assign([account("back", "v1"), front("v1")], { seq: 1 });
    await whenReady(engine, ...names);
    await engine.assign([account("back", "v1"), front("v2")], { seq: 2 });
    await vi.waitFor(
      () =>
        expect(engine.report("Kustomization/shop/front")).toMatchObject({
          ready: false,
          failed: false,
          message: "waits for Kustomization/shop/back, by its readyExpr",
        }),
      within,
    );
    expect((await cluster.get(`${maps}/account-front`))?.["data"]).toEqual({
      version: "v1",
    });
    await engine.assign([account("back", "v2"), front("v2")], { seq: 3 });
    await whenReady(engine, ...names);
    expect((await cluster.get(`${maps}/account-front`))?.["data"]).toEqual({
      version: "v2",
    });
  });

  const release = "HelmRelease/apps/redis";
  const namesake = "Kustomization/apps/redis";

  /** A bundle that is Ready when the test says so. */
  const slow = (name: string, label: string): TestBundle => ({
    name,
    dependsOn: [{ bundle: kinds }],
    healthCheckExprs: [byPhase],
    objects: [widget(label, group)],
  });
  const definitions: TestBundle = { name: kinds, objects: [definition] };
  const finish = async (label: string): Promise<void> => {
    const path = `${widgets}/${label}`;
    await vi.waitFor(
      async () => expect(await cluster.get(path)).toBeDefined(),
      within,
    );
    await setStatus(path, { phase: "Ready" });
  };

  it("orders by kind and name: a Kustomization named like a HelmRelease is another", async () => {
    const engine = await cluster.startEngine();
    await engine.assign(
      [
        definitions,
        slow(release, "redis"),
        { name: namesake, objects: [configMap("redis")] },
        {
          name: after,
          dependsOn: [{ bundle: release }],
          objects: [configMap("after-redis")],
        },
      ],
      { seq: 1 },
    );
    await whenReady(engine, namesake);
    await vi.waitFor(
      () => expect(engine.report(after)?.message).toBe(`waits for ${release}`),
      within,
    );
    await whenQuiet(engine);
    expect(await cluster.get(`${maps}/after-redis`)).toBeUndefined();
    await finish("redis");
    await whenReady(engine, release, namesake, after);
  });

  // The simulated cluster finishes Jobs by itself.
  it.skipIf(isSimulated)(
    "waits for a Job until it is complete, not until it runs",
    async () => {
      const engine = await cluster.startEngine();
      await engine.assign(
        [
          { name: app, objects: [migration] },
          {
            name: after,
            dependsOn: [{ bundle: app }],
            objects: [configMap("after-job")],
          },
        ],
        { seq: 1 },
      );
      const path = `${jobs}/migrate`;
      await vi.waitFor(
        async () => expect(await cluster.get(path)).toBeDefined(),
        within,
      );
      await setStatus(path, { startTime: "2026-01-01T00:00:00Z", active: 1 });
      await vi.waitFor(
        () => expect(engine.report(app)?.message).toMatch(/job is running/),
        within,
      );
      expect(await cluster.get(`${maps}/after-job`)).toBeUndefined();
      await setStatus(path, completeStatus);
      await whenReady(engine, app, after);
    },
  );

  it("judges a health check on a HelmRelease by the bundle of that name", async () => {
    const engine = await cluster.startEngine();
    await engine.assign(
      [
        definitions,
        slow(release, "release"),
        {
          name: app,
          wait: false,
          healthChecks: [
            {
              apiVersion: "helm.toolkit.fluxcd.io/v2",
              kind: "HelmRelease",
              namespace: "apps",
              name: "redis",
            },
          ],
          objects: [configMap("checks")],
        },
        {
          name: after,
          dependsOn: [{ bundle: app }],
          objects: [configMap("after-check")],
        },
      ],
      { seq: 1 },
    );
    await vi.waitFor(
      () => expect(engine.report(app)).toMatchObject({ status: "InProgress" }),
      within,
    );
    expect(await cluster.get(`${maps}/after-check`)).toBeUndefined();
    await finish("release");
    await whenReady(engine, release, app, after);
  });

  it("leaves a suspended bundle alone, also where it differs, and what waits for its change", async () => {
    const engine = await cluster.startEngine();
    const bundles = (version: string, suspend: boolean): TestBundle[] => [
      { name: app, suspend, objects: [configMap("frozen", { version })] },
      {
        name: after,
        dependsOn: [{ bundle: app }],
        objects: [configMap("after-frozen", { version })],
      },
    ];
    const dataOf = async (name: string) =>
      (await cluster.get(`${maps}/${name}`))?.["data"];
    await engine.assign(bundles("v1", false), { seq: 1 });
    await whenReady(engine, app, after);
    await engine.assign(bundles("v2", true), { seq: 2 });
    await vi.waitFor(
      () => expect(engine.report(after)?.message).toBe(`waits for ${app}`),
      within,
    );
    await cluster.send(
      "PATCH",
      `${maps}/frozen`,
      { data: { version: "by hand" } },
      "application/merge-patch+json",
    );
    engine.reconcileNow(app);
    await whenQuiet(engine);
    expect(await dataOf("frozen")).toEqual({ version: "by hand" });
    expect(await dataOf("after-frozen")).toEqual({ version: "v1" });
    expect(engine.report(app)).toMatchObject({ failed: false, ready: false });
    await engine.assign(bundles("v3", false), { seq: 3 });
    await whenReady(engine, app, after);
    expect(await dataOf("after-frozen")).toEqual({ version: "v3" });
  });

  it("counts a bundle as failed at its timeout, and Ready as soon as it is", async () => {
    const engine = await cluster.startEngine();
    await engine.assign(
      [definitions, { ...slow(app, "late"), timeoutMs: 500 }],
      { seq: 1 },
    );
    await vi.waitFor(() => {
      const { failed, status, message } = engine.report(app) ?? {};
      expect({ failed, status }, message).toEqual({
        failed: true,
        status: "Unknown",
      });
    }, within);
    await finish("late");
    await whenReady(engine, app);
    expect(engine.report(app)?.failed).toBe(false);
  });

  it("tries what was refused again after the retry interval, and writes only then", async () => {
    const engine = await cluster.startEngine();
    await engine.assign(
      [
        {
          name: app,
          retryIntervalMs: 300,
          objects: [configMap("homeless", {}, "not-there-yet")],
        },
      ],
      { seq: 1 },
    );
    await vi.waitFor(
      () => expect(engine.report(app)?.message).toMatch(/not-there-yet/),
      within,
    );
    await cluster.send("POST", "/api/v1/namespaces", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "not-there-yet" },
    });
    await whenReady(engine, app);
    const applied = changes(await cluster.writes()).filter((change) =>
      change.includes("homeless"),
    );
    expect(applied).toHaveLength(1);
  });
});
