import { type KubeObject } from "@wheelhouse/kube-object";
import { describe, expect, it, vi } from "vitest";
import { deployment, namespace, service } from "./objects.ts";
import { tools, useCluster, whenReady, within } from "./test-cluster.ts";
import { type TestBundle } from "./test-engine.ts";

const common = "Kustomization/flux-system/webapp-common";
const backend = "Kustomization/flux-system/webapp-backend";
const frontend = "Kustomization/flux-system/webapp-frontend";
const deployments = "/apis/apps/v1/namespaces/webapp/deployments";
const slow = { timeout: 60_000, interval: 50 };

/** The worked example's three bundles, as they are rendered. */
function webapp(version: string): readonly TestBundle[] {
  const app = (name: string): readonly KubeObject[] => [
    deployment(name, {
      namespace: "webapp",
      image: `registry.example/podinfo:${version}`,
    }),
    service(name, "webapp"),
  ];
  const account: KubeObject = {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "webapp", namespace: "webapp" },
  };
  return [
    { name: common, objects: [namespace("webapp"), account] },
    {
      name: backend,
      wait: false,
      dependsOn: [{ bundle: common }],
      healthChecks: [
        {
          apiVersion: "apps/v1",
          kind: "Deployment",
          name: "backend",
          namespace: "webapp",
        },
      ],
      objects: app("backend"),
    },
    {
      name: frontend,
      dependsOn: [{ bundle: backend }],
      objects: app("frontend"),
    },
  ];
}

describe.skipIf(tools === null)("the webapp chain, with controllers", () => {
  const cluster = useCluster({
    controllerManager: true,
    scheduler: true,
    kwok: true,
  });

  const timeOf = async (path: string): Promise<number> => {
    const created = (await cluster.get(path))?.metadata["creationTimestamp"];
    return typeof created === "string" ? Date.parse(created) : Number.NaN;
  };

  it("comes up in order, each after what it depends on is Ready", async () => {
    const engine = await cluster.startEngine();
    await engine.assign(webapp("6.9.0"), { seq: 1 });
    await vi.waitFor(async () => {
      const live = await cluster.get(`${deployments}/frontend`);
      expect(live).toBeDefined();
    }, slow);
    const before = await cluster.get(`${deployments}/backend`);
    expect(before?.["status"]).toMatchObject({ availableReplicas: 1 });
    await vi.waitFor(() => whenReady(engine, common, backend, frontend), slow);
    expect(await timeOf("/api/v1/namespaces/webapp")).toBeLessThanOrEqual(
      await timeOf(`${deployments}/backend`),
    );
  });

  it("moves to a new version in the same order, and stops where it does not become Ready", async () => {
    const engine = await cluster.startEngine();
    await engine.assign(webapp("6.9.0"), { seq: 1 });
    await vi.waitFor(() => whenReady(engine, common, backend, frontend), slow);
    const broken = webapp("6.9.1").map((bundle) =>
      bundle.name === backend
        ? {
            ...bundle,
            timeoutMs: 2_000,
            objects: (bundle.objects ?? []).map((object) =>
              object.kind === "Deployment" ? failing(object) : object,
            ),
          }
        : bundle,
    );
    await engine.assign(broken, { seq: 2 });
    await vi.waitFor(
      () => expect(engine.report(backend)).toMatchObject({ failed: true }),
      slow,
    );
    expect(engine.report(frontend)).toMatchObject({
      ready: false,
      failed: false,
      message: `waits for ${backend}`,
    });
    expect(
      JSON.stringify(await cluster.get(`${deployments}/frontend`)),
    ).toContain("podinfo:6.9.0");
    await engine.assign(webapp("6.9.1"), { seq: 3 });
    await vi.waitFor(() => whenReady(engine, common, backend, frontend), slow);
  });

  it("deletes a namespace with what it holds only when that is named", async () => {
    const engine = await cluster.startEngine();
    await engine.assign(webapp("6.9.1"), { seq: 1 });
    await vi.waitFor(() => whenReady(engine, common, backend, frontend), slow);
    const rest = { name: "Kustomization/flux-system/rest", objects: [] };
    await engine.assign([rest], { seq: 2 });
    await vi.waitFor(
      () =>
        expect(engine.facts().pruneHolds).toMatchObject([
          { object: { kind: "Namespace" }, reason: "ProtectedKind" },
        ]),
      within,
    );
    await engine.assign([rest], {
      seq: 3,
      allowDelete: [
        { group: "", kind: "Namespace", namespace: "", name: "webapp" },
      ],
    });
    await vi.waitFor(
      async () =>
        expect(await cluster.get("/api/v1/namespaces/webapp")).toBeUndefined(),
      slow,
    );
  });
});

/** A Deployment whose pods never become Ready. */
function failing(object: KubeObject): KubeObject {
  return JSON.parse(
    JSON.stringify(object).replace(
      '"labels":{"app":"backend"}},"spec"',
      '"labels":{"app":"backend"},"annotations":{"wheelhouse.dev/simulate":"fail"}},"spec"',
    ),
  ) as KubeObject;
}
