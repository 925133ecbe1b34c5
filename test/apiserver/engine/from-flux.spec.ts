import { type JsonObject, type KubeObject } from "@wheelhouse/kube-object";
import { checkWrites } from "@wheelhouse/testing";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { configMap, deployment } from "./objects.ts";
import {
  tools,
  useCluster,
  whenQuiet,
  whenReady,
  within,
} from "./test-cluster.ts";
import { type TestBundle, type TestEngine } from "./test-engine.ts";

const one = "Kustomization/flux-system/one";
const apply = "application/apply-patch+yaml";
const merge = "application/merge-patch+json";
const deployments = "/apis/apps/v1/namespaces/default/deployments";
const maps = "/api/v1/namespaces/default/configmaps";

interface FluxKind {
  readonly group: string;
  readonly version: string;
  readonly kind: "Kustomization" | "HelmRelease";
  readonly plural: string;
  readonly manager: string;
}

const kustomization: FluxKind = {
  group: "kustomize.toolkit.fluxcd.io",
  version: "v1",
  kind: "Kustomization",
  plural: "kustomizations",
  manager: "kustomize-controller",
};

const helmRelease: FluxKind = {
  group: "helm.toolkit.fluxcd.io",
  version: "v2",
  kind: "HelmRelease",
  plural: "helmreleases",
  manager: "helm-controller",
};

describe.skipIf(tools === null)("a cluster that leaves Flux", () => {
  const cluster = useCluster(
    { controllerManager: true, scheduler: true, kwok: true },
    { auditBodies: true },
  );

  beforeAll(async () => {
    for (const each of [kustomization, helmRelease]) {
      const { group } = each;
      await cluster.send(
        "POST",
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
        definitionOf(each),
      );
      await vi.waitFor(
        () => cluster.send("GET", `/apis/${group}/${each.version}`),
        within,
      );
    }
  });

  /** Applies as a controller of Flux does: forced, by its own manager, with its labels. */
  const applyAsFlux = (
    flux: FluxKind,
    name: string,
    path: string,
    object: KubeObject,
    more: JsonObject = {},
  ) =>
    cluster.send(
      "PATCH",
      `${path}?fieldManager=${flux.manager}&force=true`,
      {
        ...object,
        metadata: {
          ...object.metadata,
          ...more,
          labels: {
            [`${flux.group}/name`]: name,
            [`${flux.group}/namespace`]: "default",
          },
        },
      },
      apply,
    );

  /** What runs, with the Flux object that says so in its inventory. */
  const install = async (
    flux: FluxKind,
    name: string,
    more: JsonObject = {},
  ) => {
    const app = deployment(name);
    await applyAsFlux(flux, name, `${deployments}/${name}`, app, more);
    await applyAsFlux(flux, name, `${maps}/${name}`, {
      ...configMap(name),
      data: { key: "value", old: "only Flux has it" },
    });
    await cluster.send("POST", pathOf(flux), {
      apiVersion: `${flux.group}/${flux.version}`,
      kind: flux.kind,
      metadata: { name, namespace: "default" },
      spec: { prune: true },
      status: {
        inventory: {
          entries: [
            { id: `default_${name}_apps_Deployment`, v: "v1" },
            { id: `default_${name}__ConfigMap`, v: "v1" },
          ],
        },
      },
    });
    await vi.waitFor(async () => {
      const live = await cluster.get(`${deployments}/${name}`);
      expect(live?.["status"]).toMatchObject({ availableReplicas: 1 });
    }, within);
    const live = await cluster.get(`${deployments}/${name}`);
    return { spec: live?.["spec"], pods: await podsOf(name) };
  };

  const pathOf = ({ group, version, plural }: FluxKind, name = "") =>
    `/apis/${group}/${version}/namespaces/default/${plural}${name === "" ? "" : `/${name}`}`;

  const suspend = (flux: FluxKind, name: string) =>
    cluster.send(
      "PATCH",
      pathOf(flux, name),
      { spec: { suspend: true } },
      merge,
    );

  const podsOf = async (name: string): Promise<readonly unknown[]> => {
    const path = `/api/v1/namespaces/default/pods?labelSelector=app=${name}`;
    const list = await cluster.get(path);
    const pods = (list?.["items"] ?? []) as unknown as readonly KubeObject[];
    return pods.map(({ metadata }) => metadata["uid"]);
  };

  const bundleOf = (name: string): TestBundle => ({
    name: one,
    retryIntervalMs: 200,
    objects: [deployment(name), configMap(name)],
  });

  const whenHeld = (engine: TestEngine, words: RegExp) =>
    vi.waitFor(
      () => expect(JSON.stringify(engine.report(one))).toMatch(words),
      within,
    );

  const deleted = async () =>
    (await cluster.trace()).filter(
      ({ call }) => call.verb === "delete" && call.namespace === "default",
    );

  it.each([
    [kustomization, "ks"],
    [helmRelease, "hr"],
  ])(
    "holds what a Flux object applies until it is suspended, then takes it over without a restart: $kind",
    async (flux, name) => {
      const installed = await install(flux, name);
      const engine = await cluster.startEngine();
      const bundle = bundleOf(name);
      await engine.assign([bundle], { seq: 1 });
      const command = `flux suspend ${flux.kind.toLowerCase()} ${name} -n default`;
      await whenHeld(engine, new RegExp(command));
      await whenQuiet(engine);
      const held = await cluster.get(`${deployments}/${name}`);
      expect(JSON.stringify(held)).not.toContain("fleet.wheelhouse.dev");

      await suspend(flux, name);
      await whenReady(engine, one);
      await whenQuiet(engine);
      const live = await cluster.get(`${deployments}/${name}`);
      expect(live?.["spec"]).toEqual(installed.spec);
      expect(await podsOf(name)).toEqual(installed.pods);
      for (const path of [`${deployments}/${name}`, `${maps}/${name}`]) {
        const { metadata } = (await cluster.get(path)) ?? { metadata: {} };
        const text = JSON.stringify(metadata);
        expect(text).not.toContain("toolkit.fluxcd.io");
        expect(text).not.toContain(flux.manager);
        expect(text).toContain("fleet.wheelhouse.dev/owner");
      }
      const map = await cluster.get(`${maps}/${name}`);
      expect(map?.["data"]).toEqual({ key: "value" });
      expect(await deleted()).toEqual([]);
      const assignments = new Map([
        [1, [{ name: one, objects: bundle.objects ?? [] }]],
      ]);
      expect(
        checkWrites(await cluster.trace(), { fleet: "demo", assignments }),
      ).toEqual([]);
    },
  );

  it("takes over what a Flux object applied that is gone", async () => {
    await applyAsFlux(kustomization, "lost", `${maps}/lost`, configMap("lost"));
    const engine = await cluster.startEngine();
    const objects = [configMap("lost")];
    await engine.assign([{ name: one, objects }], { seq: 1 });
    await whenReady(engine, one);
    const live = await cluster.get(`${maps}/lost`);
    expect(JSON.stringify(live)).not.toContain("kustomize");
  });

  it("holds on a conflict before it takes anything", async () => {
    const path = `${maps}/both`;
    await applyAsFlux(kustomization, "gone", path, configMap("both"));
    const before = await cluster.get(path);
    const engine = await cluster.startEngine();
    const objects = [configMap("both", { key: "other" })];
    await engine.assign([{ name: one, objects }], { seq: 1 });
    await whenHeld(engine, /kustomize-controller owns data\.key/);
    await whenQuiet(engine);
    expect(await cluster.get(path)).toEqual(before);
    await engine.assign([{ name: one, adopt: true, objects }], { seq: 2 });
    await whenReady(engine, one);
    const live = await cluster.get(path);
    expect(live?.["data"]).toEqual({ key: "other" });
    expect(JSON.stringify(live)).not.toContain("kustomize");
  });

  it("says which Secrets of Helm are left, and leaves them", async () => {
    const secret = {
      apiVersion: "v1",
      kind: "Secret",
      type: "helm.sh/release.v1",
      metadata: {
        name: "sh.helm.release.v1.rel.v1",
        labels: { owner: "helm", name: "rel" },
      },
    };
    await cluster.send("POST", "/api/v1/namespaces/default/secrets", secret);
    const annotations = {
      "meta.helm.sh/release-name": "rel",
      "meta.helm.sh/release-namespace": "default",
    };
    const installed = await install(helmRelease, "rel", { annotations });
    await suspend(helmRelease, "rel");
    const engine = await cluster.startEngine();
    await engine.assign([bundleOf("rel")], { seq: 1 });
    await whenReady(engine, one);
    expect(engine.events.map(({ message }) => message)).toContainEqual(
      expect.stringContaining("get secret -l owner=helm,name=rel"),
    );
    expect(
      await cluster.get(
        "/api/v1/namespaces/default/secrets/sh.helm.release.v1.rel.v1",
      ),
    ).toBeDefined();
    expect(await podsOf("rel")).toEqual(installed.pods);
    expect(await deleted()).toEqual([]);
  });

  it("lets Flux have it back: orphaned, then resumed, without a restart", async () => {
    const installed = await install(kustomization, "back");
    await suspend(kustomization, "back");
    const engine = await cluster.startEngine();
    const orphaned: TestBundle = {
      ...bundleOf("back"),
      deletionPolicy: "Orphan",
    };
    await engine.assign([orphaned], { seq: 1 });
    await whenReady(engine, one);
    await engine.assign([], { seq: 2 });
    await vi.waitFor(async () => {
      const live = await cluster.get(`${deployments}/back`);
      expect(JSON.stringify(live?.metadata["annotations"])).not.toContain(
        "fleet.wheelhouse.dev",
      );
    }, within);
    await whenQuiet(engine);
    const path = `${deployments}/back`;
    const resumed = await applyAsFlux(
      kustomization,
      "back",
      path,
      deployment("back"),
    );
    expect(resumed["spec"]).toEqual(installed.spec);
    expect(await podsOf("back")).toEqual(installed.pods);
    expect(resumed.metadata["labels"]).toEqual({
      "kustomize.toolkit.fluxcd.io/name": "back",
      "kustomize.toolkit.fluxcd.io/namespace": "default",
    });
    expect(await deleted()).toEqual([]);
  });
});

/** A definition with Flux's names that lets every field be. */
function definitionOf({ group, version, kind, plural }: FluxKind): JsonObject {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { plural, singular: kind.toLowerCase(), kind },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
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
}
