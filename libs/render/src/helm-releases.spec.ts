import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeObjects } from "@wheelhouse/assignment";
import {
  type Cluster,
  type FleetConfig,
  createSourceTree,
  defaultFleetConfig,
  parseYaml,
} from "@wheelhouse/fleet-model";
import {
  type JsonObject,
  type KubeObject,
  canonicalJson,
  isJsonObject,
} from "@wheelhouse/kube-object";
import { webChart } from "@wheelhouse/testing";
import { ensureTools } from "@wheelhouse/tools";
import { compileClusters, renderThrough } from "./compile-with-renders.ts";
import { ProgramRenderer } from "./program-renderer.ts";

const run = promisify(execFile);

let scratch: string;
let renderer: ProgramRenderer;
let helm: string;

beforeAll(async () => {
  const tools = await ensureTools(["kustomize", "helm"], { env: process.env });
  ({ helm } = tools);
  renderer = new ProgramRenderer({
    kustomize: tools.kustomize,
    helm: () => Promise.resolve(helm),
  });
  scratch = await mkdtemp(join(tmpdir(), "helm-releases-"));
  for (const [path, text] of Object.entries(webChart)) {
    const file = join(scratch, "web", path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}, 600_000);

afterAll(() => rm(scratch, { recursive: true, force: true }));

const cluster: Cluster = {
  ...{ name: "prod-eu-1", source: "git", path: "root", labels: {} },
  ...{ variables: {}, exposeVariablesAs: [], suspend: false, revokedUids: [] },
  location: { file: "prod-eu-1.yaml" },
};

const releaseText = (spec: string): string =>
  `---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: site, namespace: apps}\nspec:\n  chart: {spec: {chart: charts/web, sourceRef: {kind: GitRepository, name: flux-system, namespace: flux-system}}}\n${spec}`;

/** The objects of the release, by real kustomize and helm. */
const compileRelease = async (
  spec: string,
  files: Readonly<Record<string, string>> = {},
  config: Partial<FleetConfig> = {},
): Promise<readonly KubeObject[]> => {
  const all = {
    "root/release.yaml": releaseText(spec),
    ...Object.fromEntries(
      Object.entries(webChart).map(([path, text]) => [
        `charts/web/${path}`,
        text,
      ]),
    ),
    ...files,
  };
  const [compiled] = await compileClusters({
    tree: createSourceTree(
      "c0ffee",
      Object.entries(all).map(([path, text]) => ({
        ...{ kind: "file", path, oid: path, bytes: Buffer.from(text) },
        kind: "file" as const,
      })),
    ),
    fleet: {
      ...{ clusters: [cluster], rollouts: [] },
      config: { ...defaultFleetConfig, ...config },
    },
    clusters: [cluster],
    render: renderThrough(renderer),
  });
  if (compiled?.ok !== true) throw new Error("is not compiled");
  expect(compiled.problems).toEqual([]);
  const bundle = compiled.bundles.find(
    ({ spec: { name } }) => name === "HelmRelease/apps/site",
  );
  const digest = bundle?.spec.artifact?.digest ?? "";
  return decodeObjects(compiled.artifacts.get(digest)?.bytes ?? Buffer.of());
};

/** What `helm template` itself makes, without hooks, as canonical text. */
const judged = async (args: readonly string[]): Promise<readonly string[]> => {
  const { stdout } = await run(helm, [
    ...["template", "site", join(scratch, "web"), "--namespace", "apps"],
    ...["--no-hooks", "--kube-version", "v1.36.0", ...args],
  ]);
  const parsed = parseYaml("helm", stdout);
  if (!parsed.ok) throw new Error(parsed.problem.message);
  return parsed.documents
    .flatMap(({ value }) => (isJsonObject(value) ? [value] : []))
    .map(canonicalJson)
    .sort();
};

const marks = [
  "kustomize.toolkit.fluxcd.io/prune",
  "kustomize.toolkit.fluxcd.io/ssa",
];

/** Our objects without what we add: a namespace, and the policy of definitions. */
const asHelmHasThem = (objects: readonly KubeObject[]): readonly string[] =>
  objects
    .map((object): JsonObject => {
      const { annotations, namespace, ...metadata } = object.metadata;
      const kept = Object.entries(
        isJsonObject(annotations) ? annotations : {},
      ).filter(([key]) => !marks.includes(key));
      const isLeft = annotations === null || kept.length > 0;
      expect(
        namespace === undefined || namespace === "apps" || namespace === "shop",
      ).toBe(true);
      return {
        ...object,
        metadata: {
          ...metadata,
          ...(isLeft
            ? {
                annotations:
                  annotations === null ? null : Object.fromEntries(kept),
              }
            : {}),
        },
      };
    })
    .map(canonicalJson)
    .sort();

describe("a release's objects are those of helm template", () => {
  it("with the chart's own values", async () => {
    const objects = await compileRelease("");
    const wanted = await judged(["--include-crds"]);
    expect(wanted.length).toBe(5);
    expect(asHelmHasThem(objects)).toEqual(wanted);
  });

  it("with values that change, add and take away", async () => {
    const spec =
      '  values: {replicas: 3, image: {tag: "7"}, labels: null, sidecar: {note: null}}\n';
    const objects = await compileRelease(spec);
    const values = join(scratch, "values.yaml");
    await writeFile(
      values,
      'replicas: 3\nimage: {tag: "7"}\nlabels: null\nsidecar: {note: null}\n',
    );
    const wanted = await judged(["--include-crds", "-f", values]);
    expect(wanted.join("\n")).not.toContain("tier");
    expect(asHelmHasThem(objects)).toEqual(wanted);
  });

  it("with texts put at paths, as --set puts them", async () => {
    const texts = {
      replicas: "4",
      "image.tag": "'8'",
      "labels.a\\.b": "true",
      "sidecar.note": "x=y",
    };
    const data = Object.values(texts).map(
      (text, index) => `k${index}: ${JSON.stringify(text)}`,
    );
    const references = Object.keys(texts).map(
      (path, index) =>
        `{kind: ConfigMap, name: put, valuesKey: k${index}, targetPath: ${JSON.stringify(path)}}`,
    );
    const objects = await compileRelease(
      `  valuesFrom: [${references.join(", ")}]\n`,
      {
        "root/put.yaml": `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: put, namespace: apps}\ndata: {${data.join(", ")}}\n`,
      },
    );
    const wanted = await judged([
      "--include-crds",
      ...["--set", "replicas=4", "--set-string", "image.tag=8"],
      ...["--set", "labels.a\\.b=true", "--set", "sidecar.note=x=y"],
    ]);
    expect(asHelmHasThem(objects)).toEqual(wanted);
  });

  it("without definitions, and with the fleet's capabilities", async () => {
    const objects = await compileRelease(
      "  install: {crds: Skip}\n  values: {monitoring: true}\n",
      {},
      { helm: { apiVersions: ["monitoring.example.com/v1/Monitor"] } },
    );
    const wanted = await judged([
      ...["--skip-crds", "--set", "monitoring=true"],
      ...["--api-versions", "monitoring.example.com/v1/Monitor"],
    ]);
    expect(wanted.join("\n")).toContain("Monitor");
    expect(asHelmHasThem(objects)).toEqual(wanted);
  });
});

describe("a release with post-renderers", () => {
  it("has their patches and images, one after the other", async () => {
    const spec = `  targetNamespace: shop
  releaseName: site
  postRenderers:
    - kustomize:
        patches:
          - target: {kind: Deployment}
            patch: |
              - {op: replace, path: /spec/replicas, value: 9}
        images: [{name: registry.example/podinfo, newTag: "8"}]
    - kustomize:
        patches:
          - patch: |
              apiVersion: apps/v1
              kind: Deployment
              metadata: {name: site, labels: {patched: "yes"}}
`;
    const objects = await compileRelease(spec);
    const deployment = objects.find(({ kind }) => kind === "Deployment");
    expect(deployment).toMatchObject({
      metadata: { namespace: "shop", labels: { patched: "yes" } },
      spec: {
        replicas: 9,
        template: {
          spec: { containers: [{ image: "registry.example/podinfo:8" }] },
        },
      },
    });
  });
});
