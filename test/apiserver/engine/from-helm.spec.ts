import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { decodeObjects } from "@wheelhouse/assignment";
import {
  type Cluster,
  createSourceTree,
  defaultFleetConfig,
} from "@wheelhouse/fleet-model";
import { type KubeObject } from "@wheelhouse/kube-object";
import {
  ProgramRenderer,
  compileClusters,
  renderThrough,
} from "@wheelhouse/render";
import { webChart } from "@wheelhouse/testing";
import { ensureTools } from "@wheelhouse/tools";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  isSimulated,
  tools,
  useCluster,
  whenReady,
  within,
} from "./test-cluster.ts";
import { type TestBundle } from "./test-engine.ts";

const run = promisify(execFile);
const release = "HelmRelease/apps/site";
const deploymentPath = "/apis/apps/v1/namespaces/apps/deployments/site";
const definitionPath =
  "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gadgets.example.com";

const clusterObject: Cluster = {
  ...{ name: "prod-eu-1", source: "git", path: "root", labels: {} },
  ...{ variables: {}, exposeVariablesAs: [], suspend: false, revokedUids: [] },
  location: { file: "prod-eu-1.yaml" },
};

// Helm's own client writes here: only the real server is a judge of that.
describe.skipIf(tools === null || isSimulated)(
  "a release that Helm installed",
  () => {
    const cluster = useCluster({
      controllerManager: true,
      scheduler: true,
      kwok: true,
    });
    let directory: string;
    let helm: string;
    let renderer: ProgramRenderer;

    beforeAll(async () => {
      const brought = await ensureTools(["kustomize", "helm"], {
        env: process.env,
      });
      ({ helm } = brought);
      renderer = new ProgramRenderer({
        kustomize: brought.kustomize,
        helm: () => Promise.resolve(helm),
      });
      directory = await mkdtemp(join(tmpdir(), "from-helm-"));
      for (const [path, text] of Object.entries(webChart)) {
        await mkdir(dirname(join(directory, "web", path)), { recursive: true });
        await writeFile(join(directory, "web", path), text);
      }
    }, 600_000);

    afterAll(() => rm(directory, { recursive: true, force: true }));

    const installWithHelm = () =>
      run(
        helm,
        [
          ...["install", "site", join(directory, "web")],
          ...["--namespace", "apps", "--create-namespace"],
          ...["--kubeconfig", cluster.kubeconfigPath()],
        ],
        { env: { HOME: directory } },
      );

    /** The release as the hub delivers it. */
    const bundleWith = async (values: string): Promise<TestBundle> => {
      const files = {
        "root/release.yaml": `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: site, namespace: apps}\nspec:\n  chart: {spec: {chart: charts/web, sourceRef: {kind: GitRepository, name: flux-system, namespace: flux-system}}}\n  values: ${values}\n`,
        ...Object.fromEntries(
          Object.entries(webChart).map(([path, text]) => [
            `charts/web/${path}`,
            text,
          ]),
        ),
      };
      const [compiled] = await compileClusters({
        tree: createSourceTree(
          "c0ffee",
          Object.entries(files).map(([path, text]) => ({
            ...{ kind: "file" as const, path, oid: path },
            bytes: Buffer.from(text),
          })),
        ),
        fleet: {
          ...{ clusters: [clusterObject], rollouts: [] },
          config: defaultFleetConfig,
        },
        clusters: [clusterObject],
        render: renderThrough(renderer),
      });
      const bundle = compiled?.ok
        ? compiled.bundles.find(({ spec }) => spec.name === release)
        : undefined;
      const digest = bundle?.spec.artifact?.digest ?? "";
      const artifact = compiled?.ok
        ? compiled.artifacts.get(digest)
        : undefined;
      if (bundle === undefined || artifact === undefined) {
        throw new Error(JSON.stringify(compiled));
      }
      const { artifact: _reference, ...spec } = bundle.spec;
      return { ...spec, objects: decodeObjects(artifact.bytes) };
    };

    const pods = async (): Promise<readonly unknown[]> => {
      const list = await cluster.get(
        "/api/v1/namespaces/apps/pods?labelSelector=app=site",
      );
      const items = (list?.["items"] ?? []) as unknown as readonly KubeObject[];
      return items.map(({ metadata }) => metadata["uid"]);
    };

    const whenAvailable = (replicas: number) =>
      vi.waitFor(
        async () =>
          expect((await cluster.get(deploymentPath))?.["status"]).toMatchObject(
            {
              availableReplicas: replicas,
            },
          ),
        { ...within, timeout: 60_000 },
      );

    it("is taken over without a restart, and then changes with its values", async () => {
      await installWithHelm();
      await whenAvailable(1);
      const before = await pods();
      expect(before).toHaveLength(1);
      const definition = await cluster.get(definitionPath);
      const installed = await cluster.get(deploymentPath);
      expect(JSON.stringify(installed?.metadata)).toContain("meta.helm.sh");
      const engine = await cluster.startEngine();
      await engine.assign([await bundleWith("{}")], { seq: 1 });
      await whenReady(engine, release);
      expect(await pods()).toEqual(before);
      const live = await cluster.get(deploymentPath);
      expect(live?.["spec"]).toEqual(installed?.["spec"]);
      const text = JSON.stringify(live?.metadata["annotations"]);
      expect(text).toContain(release);
      expect(text).not.toContain("meta.helm.sh");
      expect(await cluster.get(definitionPath)).toEqual(definition);
      await engine.assign([await bundleWith("{replicas: 2}")], { seq: 2 });
      await whenAvailable(2);
      await whenReady(engine, release);
      expect(await pods()).toEqual(expect.arrayContaining([...before]));
    });
  },
);
