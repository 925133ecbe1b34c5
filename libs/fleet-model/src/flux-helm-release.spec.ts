import { describe, expect, it } from "vitest";
import { type JsonObject, type KubeObject } from "@wheelhouse/kube-object";
import { type Problem } from "./fleet-objects.ts";
import {
  type FluxHelmRelease,
  readFluxHelmRelease,
} from "./flux-helm-release.ts";

const chart: JsonObject = {
  spec: {
    chart: "./charts/web",
    sourceRef: { kind: "GitRepository", name: "flux-system" },
  },
};

const read = (
  spec: JsonObject,
): { readonly release: FluxHelmRelease; readonly problems: Problem[] } => {
  const problems: Problem[] = [];
  const object: KubeObject = {
    apiVersion: "helm.toolkit.fluxcd.io/v2",
    kind: "HelmRelease",
    metadata: { name: "web", namespace: "apps" },
    spec,
  };
  const reading = {
    subject: "HelmRelease/apps/web",
    locate: () => undefined,
    problems,
  };
  return { release: readFluxHelmRelease(reading, object), problems };
};

const said = (spec: JsonObject): readonly string[] =>
  read(spec).problems.map(({ reason, message }) => `${reason} ${message}`);

describe("a HelmRelease", () => {
  it("has Flux's defaults", () => {
    const { release, problems } = read({ chart });
    expect(problems).toEqual([]);
    expect(release).toMatchObject({
      namespace: "apps",
      chart: {
        source: {
          kind: "GitRepository",
          namespace: "apps",
          name: "flux-system",
        },
        chart: "./charts/web",
        valuesFiles: [],
      },
      values: {},
      timeoutMs: 300_000,
      wait: true,
      crds: "Create",
      createNamespace: false,
      disabledHooks: [],
      ignore: [],
    });
    expect(release).not.toHaveProperty("driftMode");
    expect(release).not.toHaveProperty("targetNamespace");
  });

  it("is read with everything that is built", () => {
    const { release, problems } = read({
      chartRef: { kind: "OCIRepository", name: "web", namespace: "charts" },
      interval: "1h",
      timeout: "2m",
      releaseName: "site",
      targetNamespace: "web",
      dependsOn: [{ name: "db" }],
      driftDetection: {
        mode: "warn",
        ignore: [{ paths: ["/spec/replicas"], target: { kind: "Deployment" } }],
      },
      install: { createNamespace: true, disableHooks: true, timeout: "20m" },
      upgrade: { disableWait: true, force: true },
      values: { replicas: 2, gone: null },
      valuesFrom: [
        { kind: "Secret", name: "token", targetPath: "auth.token" },
        { kind: "ConfigMap", name: "base", optional: true },
      ],
      postRenderers: [
        { kustomize: { images: [{ name: "nginx", newTag: "1" }] } },
      ],
    });
    expect(problems).toEqual([]);
    expect(release).toMatchObject({
      chart: { source: { kind: "OCIRepository", namespace: "charts" } },
      releaseName: "site",
      targetNamespace: "web",
      timeoutMs: 1_200_000,
      dependsOn: [{ namespace: "apps", name: "db" }],
      driftMode: "warn",
      createNamespace: true,
      disabledHooks: ["install"],
      wait: false,
      force: true,
      values: { replicas: 2, gone: null },
      valuesFrom: [
        { name: "token", targetPath: "auth.token", valuesKey: "values.yaml" },
        { name: "base", targetPath: "", optional: true },
      ],
      postRenderers: [{ images: [{ name: "nginx", newTag: "1" }] }],
    });
  });

  it.each([
    [{}, {}, "Create"],
    [{ crds: "Skip" }, {}, "Skip"],
    [{ skipCRDs: true }, {}, "Skip"],
    [{ crds: "CreateReplace" }, {}, "Create"],
    [{ crds: "Skip" }, { crds: "CreateReplace" }, "CreateReplace"],
    [{}, { crds: "Create" }, "Create"],
  ])("with install %j and upgrade %j takes definitions by %s", (...row) => {
    const [install, upgrade, crds] = row;
    expect(read({ chart, install, upgrade }).release.crds).toBe(crds);
  });

  it("accepts what has no effect here", () => {
    const ignored = {
      maxHistory: 3,
      storageNamespace: "helm",
      persistentClient: false,
      test: { enable: true },
      rollback: { cleanupOnFail: true },
      uninstall: { keepHistory: true },
      install: { remediation: { retries: -1 } },
      upgrade: { cleanupOnFail: true, strategy: { name: "RetryOnFailure" } },
    };
    expect(said({ chart, ...ignored })).toEqual([]);
  });

  it("names what is held, and only where it is asked for", () => {
    expect(said({ chart, upgrade: { preserveValues: false } })).toEqual([]);
    expect(
      said({
        chart: {
          spec: {
            ...(chart["spec"] as JsonObject),
            verify: { provider: "cosign" },
          },
        },
        upgrade: { preserveValues: true },
        kubeConfig: { secretRef: { name: "other" } },
      }),
    ).toEqual([
      "NotBuiltYet spec.chart.spec.verify: is not built yet",
      "NotBuiltYet spec.upgrade.preserveValues: is not built yet",
      "OtherCluster spec.kubeConfig: is not built yet",
    ]);
  });

  it("names what nobody knows, at every level", () => {
    expect(
      said({
        chart: { spec: { ...(chart["spec"] as JsonObject), chrat: "x" } },
        value: {},
        install: { crd: "Skip" },
        driftDetection: { modes: "enabled" },
        postRenderers: [{ kustomize: { namePrefix: "x" } }],
        valuesFrom: [{ kind: "ConfigMap", name: "x", key: "y" }],
      }),
    ).toEqual([
      "UnknownField spec.value: unknown field",
      "UnknownField spec.chart.spec.chrat: unknown field",
      "UnknownField spec.driftDetection.modes: unknown field",
      "UnknownField spec.install.crd: unknown field",
      "UnknownField spec.valuesFrom[0].key: unknown field",
      "UnknownField spec.postRenderers[0].kustomize.namePrefix: unknown field",
    ]);
  });

  it("needs a chart, and one only", () => {
    expect(said({})).toEqual([
      "MissingField spec.chart.spec.sourceRef.kind: is missing",
      "MissingField spec.chart.spec.sourceRef.name: is missing",
      "MissingField spec.chart.spec.chart: is missing",
    ]);
    expect(
      said({ chart, chartRef: { kind: "OCIRepository", name: "web" } }),
    ).toEqual(["InvalidField spec.chartRef: stands beside chart"]);
  });
});
