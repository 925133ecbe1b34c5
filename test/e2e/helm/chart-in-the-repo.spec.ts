import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { askKube } from "@wheelhouse/local-fleet";
import { type BundleView } from "@wheelhouse/rest-api";
import { waitUntil, webChart } from "@wheelhouse/testing";
import { ensureTools } from "@wheelhouse/tools";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RealHub, startRealHub } from "../page/real-hub.ts";

const repository = fileURLToPath(new URL("../../../", import.meta.url));

/** Ends only a wait for what never comes. */
const patienceMs = 180_000;
const name = "staging-1";
const release = "HelmRelease/apps/site";
const deploymentPath = "/apis/apps/v1/namespaces/apps/deployments/site";

const releases = `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: site, namespace: apps}
spec:
  interval: 10m
  chart: {spec: {chart: ./charts/web, sourceRef: {kind: GitRepository, name: flux-system, namespace: flux-system}}}
  install: {createNamespace: true}
  dependsOn: [{name: base}]
  values: {replicas: 2}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: base, namespace: apps}
spec:
  interval: 10m
  chart: {spec: {chart: ./charts/web, sourceRef: {kind: GitRepository, name: flux-system, namespace: flux-system}}}
  install: {createNamespace: true, crds: Skip}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: elsewhere, namespace: apps}
spec:
  interval: 10m
  chart: {spec: {chart: redis, version: 1.x, sourceRef: {kind: HelmRepository, name: charts}}}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: {name: charts, namespace: apps}
spec: {interval: 1h, url: https://charts.example.com}
`;

describe("a fleet with a chart in its repository", () => {
  let hub: RealHub;
  let files: string;

  const bundle = async (wanted: string): Promise<BundleView | undefined> =>
    (await hub.fleet.client.cluster(name)).bundles.find(
      (one) => one.bundle === wanted,
    );
  const live = (path: string): Promise<unknown> => {
    const found = hub.fleet.clusters.get(name);
    if (found === undefined) throw new Error(`no cluster ${name}`);
    return askKube(found.access, path);
  };
  const replicas = async (): Promise<unknown> =>
    ((await live(deploymentPath)) as { spec?: { replicas?: number } }).spec
      ?.replicas;

  beforeAll(async () => {
    const { helm } = await ensureTools(["helm"], { env: process.env });
    // The hub finds it where we did, without looking again.
    process.env["WHEELHOUSE_HELM"] = helm;
    files = mkdtempSync(join(tmpdir(), "wheelhouse-chart-fleet-"));
    cpSync(join(repository, "deploy/example-fleet"), files, {
      recursive: true,
    });
    const write = (path: string, text: string): void => {
      mkdirSync(dirname(join(files, path)), { recursive: true });
      writeFileSync(join(files, path), text);
    };
    for (const [path, text] of Object.entries(webChart)) {
      write(`charts/web/${path}`, text);
    }
    write("infrastructure/flux/releases.yaml", releases);
    write(
      "infrastructure/flux/kustomization.yaml",
      "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [infrastructure.yaml, releases.yaml]\n",
    );
    hub = await startRealHub({ files });
    await hub.join(name);
  }, 600_000);

  afterAll(async () => {
    await hub?.stop();
    rmSync(files, { recursive: true, force: true });
  });

  it("has its releases Ready, in order, and holds what cannot be fetched", async () => {
    await waitUntil(
      "the release is Ready",
      async () => (await bundle(release))?.verdict === "Converged",
      patienceMs,
    );
    expect(await live(deploymentPath)).toMatchObject({
      metadata: {
        namespace: "apps",
        labels: { "app.kubernetes.io/instance": "site", tier: "front" },
      },
      spec: { replicas: 2 },
    });
    expect(
      await live(
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gadgets.example.com",
      ),
    ).toMatchObject({ kind: "CustomResourceDefinition" });
    expect(await bundle("HelmRelease/apps/base")).toMatchObject({
      verdict: "Converged",
    });
    expect(await bundle("HelmRelease/apps/elsewhere")).toMatchObject({
      verdict: "Held",
    });
    expect(
      JSON.stringify(await bundle("HelmRelease/apps/elsewhere")),
    ).toContain("redis 1.x of https://charts.example.com is not fetched yet");
  });

  it("changes with a value, and with the chart", async () => {
    await hub.fleet.repo.change("three of them", [
      {
        file: "infrastructure/flux/releases.yaml",
        from: "replicas: 2",
        to: "replicas: 3",
      },
    ]);
    await waitUntil(
      "the value arrives",
      async () => (await replicas()) === 3,
      patienceMs,
    );
    await hub.fleet.repo.change("a label", [
      { file: "charts/web/values.yaml", from: "tier: front", to: "tier: back" },
    ]);
    await waitUntil(
      "the chart arrives",
      async () => JSON.stringify(await live(deploymentPath)).includes("back"),
      patienceMs,
    );
    await waitUntil(
      "all is well again",
      async () => (await bundle(release))?.verdict === "Converged",
      patienceMs,
    );
  });

  it("stays as it is when the chart no longer renders", async () => {
    await hub.fleet.repo.change("a mistake", [
      {
        file: "charts/web/templates/deployment.yaml",
        from: "{{ .Values.replicas }}",
        to: "{{ .Values.replicas",
      },
    ]);
    await waitUntil(
      "the mistake is told",
      async () =>
        (await hub.fleet.client.fleet()).problems.some(({ message }) =>
          message.includes("web/templates/deployment.yaml"),
        ),
      patienceMs,
    );
    expect((await hub.fleet.client.fleet()).problems).toContainEqual(
      expect.objectContaining({ reason: "ChartFailed" }),
    );
    expect(await replicas()).toBe(3);
  });
});
