import { describe, expect, it, vi } from "vitest";
import {
  configMap,
  deployment,
  namespace,
  widget,
  widgetDefinition,
} from "./objects.ts";
import {
  changes,
  isSimulated,
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
const ssa = "application/apply-patch+yaml";

describe.skipIf(tools === null)("a bundle's apply", () => {
  const cluster = useCluster();

  it("marks what it applies, and reports it Ready", async () => {
    const engine = await cluster.startEngine();
    await engine.assign([{ name: one, objects: [configMap("a1")] }], {
      seq: 1,
    });
    await whenReady(engine, one);
    const live = await cluster.get(`${maps}/a1`);
    expect(live?.metadata).toMatchObject({
      labels: { "fleet.wheelhouse.dev/fleet": "demo" },
      annotations: { "fleet.wheelhouse.dev/owner": `demo/${one}` },
    });
  });

  it("writes nothing when nothing is to be done, not even after a restart", async () => {
    const bundles = [
      { name: one, objects: [configMap("a2"), deployment("a2")], wait: false },
    ];
    const engine = await cluster.startEngine();
    await engine.assign(bundles, { seq: 1 });
    await whenApplied(engine, one);
    await whenQuiet(engine);
    await engine.stop();
    const before = (await cluster.writes()).length;

    const restarted = await cluster.startEngine();
    await restarted.resume();
    await whenApplied(restarted, one);
    restarted.reconcileNow("");
    await whenQuiet(restarted);
    const after = (await cluster.writes()).slice(before);
    expect(changes(after)).toEqual([]);
    expect(after.every(({ requestURI }) => requestURI.includes("dryRun"))).toBe(
      true,
    );
  });

  it("does not ask about an object that is as it was verified", async () => {
    const engine = await cluster.startEngine();
    const bundles = [{ name: one, objects: [configMap("a3")] }];
    await engine.assign(bundles, { seq: 1 });
    await whenReady(engine, one);
    await whenQuiet(engine);
    const before = (await cluster.writes()).length;
    await engine.assign([...bundles, { name: two, objects: [] }], { seq: 2 });
    await whenReady(engine, one, two);
    const uris = (await cluster.writes())
      .slice(before)
      .map(({ objectRef }) => objectRef?.name);
    expect(uris).not.toContain("a3");
  });

  it("brings a definition and its objects in one commit, and a namespace with what it holds", async () => {
    const group = "one.example.com";
    const engine = await cluster.startEngine();
    await engine.assign(
      [
        {
          name: one,
          objects: [
            widget("first", group),
            configMap("inside", {}, "brought"),
            namespace("brought"),
            widgetDefinition(group),
          ],
        },
      ],
      { seq: 1 },
    );
    await whenReady(engine, one);
    const path = `/apis/${group}/v1/namespaces/default/widgets/first`;
    expect(await cluster.get(path)).toMatchObject({ spec: { size: 1 } });
  });

  it("creates a namespace that it needs without owning it", async () => {
    const engine = await cluster.startEngine();
    await engine.assign(
      [
        {
          name: one,
          objects: [configMap("a5", {}, "needed")],
          createNamespaces: ["needed"],
        },
      ],
      { seq: 1 },
    );
    await whenReady(engine, one);
    const live = await cluster.get("/api/v1/namespaces/needed");
    expect(live?.metadata["labels"]).not.toHaveProperty(
      "fleet.wheelhouse.dev/fleet",
    );
  });

  it("holds a field that another manager owns, naming manager and field, and applies the rest", async () => {
    await cluster.send(
      "PATCH",
      `${maps}/a6?fieldManager=somebody`,
      configMap("a6", { key: "theirs" }),
      ssa,
    );
    const engine = await cluster.startEngine();
    await engine.assign(
      [{ name: one, objects: [configMap("a6"), configMap("a6-beside")] }],
      { seq: 1 },
    );
    await vi.waitFor(() => {
      expect(engine.report(one)).toMatchObject({
        failed: true,
        applied: null,
        message: "ConfigMap/default/a6: somebody owns data.key",
      });
    }, within);
    expect(await cluster.get(`${maps}/a6-beside`)).toBeDefined();
    expect(await cluster.get(`${maps}/a6`)).toMatchObject({
      data: { key: "theirs" },
    });
  });

  it("takes such a field where the bundle says force, or the object says Override", async () => {
    for (const name of ["a7", "a7-override"]) {
      await cluster.send(
        "PATCH",
        `${maps}/${name}?fieldManager=somebody`,
        configMap(name, { key: "theirs" }),
        ssa,
      );
    }
    const override = configMap("a7-override", { key: "ours" });
    const engine = await cluster.startEngine();
    await engine.assign(
      [
        {
          name: one,
          force: true,
          objects: [configMap("a7", { key: "ours" })],
        },
        {
          name: two,
          objects: [
            {
              ...override,
              metadata: {
                ...override.metadata,
                annotations: { "kustomize.toolkit.fluxcd.io/ssa": "Override" },
              },
            },
          ],
        },
      ],
      { seq: 1 },
    );
    await whenReady(engine, one, two);
    for (const name of ["a7", "a7-override"]) {
      expect(await cluster.get(`${maps}/${name}`)).toMatchObject({
        data: { key: "ours" },
      });
    }
  });

  it("adopts what kubectl applied where the bundle permits it, and holds otherwise", async () => {
    for (const name of ["a8", "a8-held"]) {
      await cluster.send(
        "PATCH",
        `${maps}/${name}?fieldManager=kubectl`,
        configMap(name, { key: "by-hand" }),
        ssa,
      );
    }
    const engine = await cluster.startEngine();
    await engine.assign(
      [
        { name: one, adopt: true, objects: [configMap("a8")] },
        { name: two, objects: [configMap("a8-held")] },
      ],
      { seq: 1 },
    );
    await whenReady(engine, one);
    await vi.waitFor(
      () => expect(engine.report(two)?.message).toContain("kubectl owns"),
      within,
    );
    expect(await cluster.get(`${maps}/a8`)).toMatchObject({
      data: { key: "value" },
    });
  });

  it("leaves alone what its annotations say, and creates what is only wanted when absent", async () => {
    const annotated = (name: string, key: string, value: string) => ({
      ...configMap(name, { key: "ours" }),
      metadata: {
        name,
        namespace: "default",
        annotations: { [`kustomize.toolkit.fluxcd.io/${key}`]: value },
      },
    });
    await cluster.send(
      "POST",
      maps,
      configMap("a9-present", { key: "theirs" }),
    );
    const engine = await cluster.startEngine();
    await engine.assign(
      [
        {
          name: one,
          objects: [
            annotated("a9-absent", "ssa", "IfNotPresent"),
            annotated("a9-present", "ssa", "IfNotPresent"),
            annotated("a9-disabled", "reconcile", "disabled"),
          ],
        },
      ],
      { seq: 1 },
    );
    await whenApplied(engine, one);
    expect(await cluster.get(`${maps}/a9-absent`)).toBeDefined();
    expect(await cluster.get(`${maps}/a9-disabled`)).toBeUndefined();
    expect(await cluster.get(`${maps}/a9-present`)).toMatchObject({
      data: { key: "theirs" },
    });
  });

  it("holds a field that cannot be changed, and recreates the object where the bundle says force", async () => {
    const selecting = (app: string) => ({
      ...deployment("a10"),
      spec: {
        replicas: 1,
        selector: { matchLabels: { app } },
        template: {
          metadata: { labels: { app } },
          spec: {
            containers: [{ name: "app", image: "registry.example/app:v1" }],
          },
        },
      },
    });
    const engine = await cluster.startEngine();
    const applied = async (seq: number, app: string, force = false) => {
      await engine.assign([{ name: one, force, objects: [selecting(app)] }], {
        seq,
      });
    };
    await applied(1, "before");
    await whenApplied(engine, one);
    await applied(2, "after");
    await vi.waitFor(
      () => expect(engine.report(one)?.message).toContain("immutable"),
      within,
    );
    await applied(3, "after", true);
    await whenApplied(engine, one);
    const path = "/apis/apps/v1/namespaces/default/deployments/a10";
    expect(await cluster.get(path)).toMatchObject({
      spec: { selector: { matchLabels: { app: "after" } } },
    });
  });

  it("names what the server refuses, and goes on with everything else", async () => {
    const engine = await cluster.startEngine();
    await engine.assign(
      [
        {
          name: one,
          objects: [
            { ...configMap("a11"), data: { key: 7 } },
            configMap("a11-beside"),
          ],
        },
        { name: two, objects: [configMap("a11-other")] },
      ],
      { seq: 1 },
    );
    await whenReady(engine, two);
    await vi.waitFor(
      () => expect(engine.report(one)).toMatchObject({ failed: true }),
      within,
    );
    expect(engine.report(one)?.message).toMatch(/^ConfigMap\/default\/a11: /);
    expect(await cluster.get(`${maps}/a11-beside`)).toBeDefined();
  });

  it("leaves an object with the first of two bundles that want it, and hands it over when that lets go", async () => {
    const engine = await cluster.startEngine();
    const shared = configMap("a12", { key: "one" });
    const rival = configMap("a12", { key: "two" });
    await engine.assign([{ name: one, objects: [shared] }], { seq: 1 });
    await whenReady(engine, one);
    await engine.assign(
      [
        { name: one, objects: [shared] },
        { name: two, objects: [rival] },
      ],
      { seq: 2 },
    );
    await vi.waitFor(
      () =>
        expect(engine.report(two)?.message).toBe(
          `ConfigMap/default/a12: ${one} has it in this assignment too`,
        ),
      within,
    );
    expect(engine.report(one)?.ready).toBe(true);
    await engine.assign(
      [
        { name: one, objects: [configMap("a12-other")] },
        { name: two, objects: [rival] },
      ],
      { seq: 3 },
    );
    await whenReady(engine, one, two);
    await whenQuiet(engine);
    expect(await cluster.get(`${maps}/a12`)).toMatchObject({
      data: { key: "two" },
      metadata: {
        annotations: { "fleet.wheelhouse.dev/owner": `demo/${two}` },
      },
    });
    const deleted = (await cluster.writes()).filter(
      ({ verb }) => verb === "delete",
    );
    expect(deleted).toEqual([]);
  });
});

describe.skipIf(tools === null)("order", () => {
  const cluster = useCluster();

  // The simulated cluster has controllers, and would not wait for the test.
  it.skipIf(isSimulated)(
    "applies a bundle after what it depends on, and says what it waits for",
    async () => {
      const engine = await cluster.startEngine();
      await engine.assign(
        [
          {
            name: two,
            dependsOn: [{ bundle: one }],
            objects: [configMap("o2")],
          },
          {
            name: one,
            objects: [deployment("o1")],
          },
          {
            name: "Kustomization/flux-system/three",
            dependsOn: [{ bundle: "Kustomization/flux-system/nowhere" }],
            objects: [configMap("o3")],
          },
        ],
        { seq: 1 },
      );
      await vi.waitFor(() => {
        expect(engine.report(two)?.message).toBe(`waits for ${one}`);
        expect(engine.report("Kustomization/flux-system/three")?.message).toBe(
          "depends on Kustomization/flux-system/nowhere, which does not exist in this cluster",
        );
      }, within);
      await whenQuiet(engine);
      expect(await cluster.get(`${maps}/o2`)).toBeUndefined();
      // No controller runs here: the test says that the Deployment is available.
      await cluster.send(
        "PATCH",
        "/apis/apps/v1/namespaces/default/deployments/o1/status",
        {
          status: {
            observedGeneration: 1,
            replicas: 1,
            updatedReplicas: 1,
            readyReplicas: 1,
            availableReplicas: 1,
            conditions: [
              {
                type: "Progressing",
                status: "True",
                reason: "NewReplicaSetAvailable",
              },
              { type: "Available", status: "True", reason: "MinimumReplicas" },
            ],
          },
        },
        "application/merge-patch+json",
      );
      await whenReady(engine, one, two);
    },
  );
});
