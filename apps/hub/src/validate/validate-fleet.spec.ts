import { existsSync } from "node:fs";
import {
  cp,
  mkdtemp,
  readFile,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { signsFor } from "@wheelhouse/programs";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type RenderPort, type RenderRequest } from "@wheelhouse/compile";
import { CachedRender, KustomizeProcess } from "@wheelhouse/render";
import { ensureTools } from "@wheelhouse/tools";
import { readDirectoryTree } from "./directory-tree.ts";
import { usage } from "./validate-arguments.ts";
import {
  type Validation,
  hasFindings,
  validateFleet,
} from "./validate-fleet.ts";
import { formatValidation, printValidation } from "./validation-report.ts";

const repository = resolve(import.meta.dirname, "../../../..");
const example = join(repository, "deploy/example-fleet");
const shared = resolve(repository, "../shared/example-fleet");

let port: RenderPort;

beforeAll(async () => {
  const { kustomize } = await ensureTools(["kustomize"], { env: process.env });
  port = new CachedRender(new KustomizeProcess({ program: kustomize }));
}, 120_000);

const validate = async (path: string, cluster?: string) =>
  validateFleet(await readDirectoryTree(path), port, cluster);

const copies: string[] = [];

afterEach(async () => {
  for (const copy of copies.splice(0)) {
    await rm(copy, { recursive: true, force: true });
  }
});

/** A copy of the example fleet in which one file is changed. */
const changed = async (
  file: string,
  change: (text: string) => string,
): Promise<string> => {
  const copy = await mkdtemp(join(tmpdir(), "validate-spec-"));
  copies.push(copy);
  await cp(example, copy, { recursive: true });
  const text = await readFile(join(copy, file), "utf8").catch(() => "");
  await writeFile(join(copy, file), change(text));
  return copy;
};

const webapp = "apps/webapp/flux/webapp.yaml";

const placesOf = ({ problems, clusters }: Validation): readonly string[] => [
  ...new Set(
    [...problems, ...clusters.flatMap((cluster) => cluster.problems)].map(
      ({ location, reason, message }) =>
        `${location?.file}:${location?.line} ${reason}: ${message}`,
    ),
  ),
];

describe("the example fleet", () => {
  it("finds fault with a directory that names no cluster", async () => {
    const copy = await mkdtemp(join(tmpdir(), "validate-spec-"));
    copies.push(copy);
    const validation = await validate(copy);
    expect(hasFindings(validation)).toBe(true);
    expect(validation.problems[0]?.reason).toBe("NoClusters");
  });

  it("holds no object against the schema of its kind, and says so", async () => {
    const file = "apps/webapp/backend/base/deployment.yaml";
    const copy = await changed(file, (text) =>
      text.replace(/^spec:$/m, "spec:\n  replcias: 2"),
    );
    expect(await readFile(join(copy, file), "utf8")).toContain("replcias");
    expect(hasFindings(await validate(copy))).toBe(false);
    expect(usage).toContain("not checked against the schemas of its kinds");
  });

  it("lets no repository steer the terminal", async () => {
    const evil = await changed("fleet/clusters/prod-eu-1.yaml", (text) =>
      text.replace("name: prod-eu-1", 'name: "\\e]0;owned\\a"'),
    );
    const report = formatValidation(await validate(evil), {
      signs: signsFor({}, {}),
    });
    expect(report).not.toContain("\u001b");
    expect(report).not.toContain("\u0007");
  });

  it("compiles for every cluster, and renders equal inputs once", async () => {
    const asked: RenderRequest[] = [];
    const counting: RenderPort = {
      render: (request, options) => {
        asked.push(request);
        return port.render(request, options);
      },
    };
    const tree = await readDirectoryTree(example);
    const validation = await validateFleet(tree, counting);
    expect(hasFindings(validation)).toBe(false);
    expect(
      validation.clusters.map(({ name, bundles }) => [
        name,
        bundles.map((bundle) => `${bundle.name} ${bundle.objects}`),
      ]),
    ).toEqual(
      ["prod-eu-1", "prod-us-1", "staging-1"].map((name) => [
        name,
        [
          "Kustomization/flux-system/(root) 0",
          "Kustomization/flux-system/infra-policies 1",
          "Kustomization/flux-system/webapp-backend 3",
          "Kustomization/flux-system/webapp-common 3",
          "Kustomization/flux-system/webapp-frontend 3",
        ],
      ]),
    );
    expect(new Set(asked.map(({ key }) => key)).size).toBe(asked.length);
  });

  it("gives production's clusters the same backend, and each its own frontend", async () => {
    const { clusters } = await validate(example);
    const digest = (cluster: string, bundle: string) =>
      clusters
        .find(({ name }) => name === cluster)
        ?.bundles.find(({ name }) => name.endsWith(bundle))?.digest;
    expect(digest("prod-eu-1", "backend")).toBe(digest("prod-us-1", "backend"));
    expect(digest("prod-eu-1", "frontend")).not.toBe(
      digest("prod-us-1", "frontend"),
    );
    expect(digest("prod-eu-1", "backend")).not.toBe(
      digest("staging-1", "backend"),
    );
  });

  it.skipIf(!existsSync(shared))(
    "beside the checkout compiles without findings (needs the shared fleet)",
    async () => {
      const validation = await validate(shared);
      expect(placesOf(validation)).toEqual([]);
      expect(validation.clusters).toHaveLength(3);
    },
  );
});

describe("findings", () => {
  it.each([
    [
      "a dependency that is not there",
      webapp,
      (text: string) =>
        text.replace("- name: webapp-common", "- name: webapp-comon"),
      `${webapp}:21 DependencyNotFound: dependsOn: flux-system/webapp-comon does not exist in this cluster`,
    ],
    [
      "a cycle",
      webapp,
      (text: string) =>
        text.replace(
          "  path: ./apps/webapp/common\n",
          "  path: ./apps/webapp/common\n  dependsOn: [{name: webapp-frontend}]\n",
        ),
      `${webapp}:22 DependencyCycle: dependsOn goes in a circle: flux-system/webapp-backend → flux-system/webapp-common → flux-system/webapp-frontend → flux-system/webapp-backend`,
    ],
    [
      "an unknown Rollout field",
      "fleet/rollouts/default.yaml",
      (text: string) => text.replace("maxUnavailable", "maxUnavailabel"),
      "fleet/rollouts/default.yaml:9 UnknownField: spec.maxUnavailabel: unknown field",
    ],
    [
      "an object of two bundles",
      "infrastructure/policies/again.yaml",
      () => "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: webapp\n",
      "apps/webapp/common/namespace.yaml:1 DuplicateObject: Namespace/webapp: is also in Kustomization/flux-system/infra-policies (infrastructure/policies/again.yaml:1)",
    ],
    [
      "a remote base",
      "apps/webapp/common/kustomization.yaml",
      (text: string) => `${text}  - https://example.com/base.yaml\n`,
      "apps/webapp/common/kustomization.yaml:7 RemoteReference: resources[3]: https://example.com/base.yaml: remote references are not fetched yet",
    ],
    [
      "duplicate keys",
      "apps/webapp/common/namespace.yaml",
      (text: string) => `${text}kind: Namespace\n`,
      'apps/webapp/common/namespace.yaml:5 DuplicateKey: duplicate key "kind"',
    ],
    [
      "a Cluster's path that leads out",
      "fleet/clusters/prod-eu-1.yaml",
      (text: string) => text.replace("./clusters/production", "../../etc"),
      "fleet/clusters/prod-eu-1.yaml:10 PathOutsideRepository: spec.path: ../../etc lies outside the repository",
    ],
    [
      "a Cluster's path that leads out by a variable",
      "fleet/clusters/prod-eu-1.yaml",
      (text: string) =>
        text
          .replace("./clusters/production", "./${REGION}/etc")
          .replace("REGION: eu", "REGION: ../.."),
      "fleet/clusters/prod-eu-1.yaml:10 PathOutsideRepository: ${REGION}/etc: ../../etc lies outside the repository",
    ],
    [
      "a Cluster's path that is not there",
      "fleet/clusters/prod-eu-1.yaml",
      (text: string) => text.replace("./clusters/production", "./clusters/prd"),
      "fleet/clusters/prod-eu-1.yaml:10 MissingDirectory: clusters/prd: there is no such directory",
    ],
    [
      "a Kustomization's path that leads out",
      webapp,
      (text: string) => text.replace("./apps/webapp/common", "../../etc"),
      `${webapp}:9 PathOutsideRepository: ../../etc: leads out of the repository; Flux takes it for etc, and there is no such directory`,
    ],
    [
      "a root whose kustomization names no file",
      "clusters/staging/kustomization.yaml",
      (text: string) =>
        text.replace("infrastructure/flux", "infrastructure/fluxx"),
      "clusters/staging/kustomization.yaml:4 MissingFile: resources[0]: ../../infrastructure/fluxx: does not exist",
    ],
    [
      "what only kustomize can find",
      "clusters/staging/kustomization.yaml",
      (text: string) =>
        text.replace(
          "value: 1m",
          "value: 1m\n      - {op: test, path: /spec/interval, value: never}",
        ),
      "clusters/staging/kustomization.yaml:undefined BuildFailed",
    ],
  ])("name file, line and reason for %s", async (_, file, change, expected) => {
    const validation = await validate(await changed(file, change));
    expect(hasFindings(validation)).toBe(true);
    expect(placesOf(validation)).toEqual([
      expect.stringContaining(expected) as string,
    ]);
  });

  it("never show what lies behind a symlink out of the repository", async () => {
    const copy = await changed("x.yaml", () => "");
    await symlink("/etc/passwd", join(copy, "infrastructure/policies/x.yaml"));
    const validation = await validate(copy);
    expect(placesOf(validation)).toEqual([
      "infrastructure/policies/x.yaml:undefined SymlinkOutside: ./x.yaml: symlink infrastructure/policies/x.yaml points out of the repository",
    ]);
    expect(JSON.stringify(validation)).not.toContain("root:");
  });

  it.each([
    [
      "Cluster",
      "fleet/clusters/prod-eu-1.yaml",
      "./clusters/production",
      "fleet/clusters/prod-eu-1.yaml:10 SymlinkOutside: out/ssh: symlink out points out of the repository",
    ],
    [
      "Kustomization",
      webapp,
      "./apps/webapp/common",
      `${webapp}:9 SymlinkOutside: ./out/ssh: symlink out points out of the repository`,
    ],
  ])(
    "name the line of a %s's path that leads out by a symlink",
    async (_, file, path, expected) => {
      const copy = await changed(file, (text) =>
        text.replace(path, "./out/ssh"),
      );
      await symlink("../../../../etc", join(copy, "out"));
      expect(placesOf(await validate(copy))).toEqual([expected]);
    },
  );

  it("come with what, where, why and what to do", async () => {
    const copy = await changed(webapp, (text) =>
      text.replace("- name: webapp-common", "- name: webapp-comon"),
    );
    const report = formatValidation(await validate(copy), {
      signs: signsFor({ isTTY: true }, {}),
    });
    expect(report)
      .toContain(`✕ Kustomization/flux-system/webapp-backend: DependencyNotFound on prod-eu-1, prod-us-1, staging-1

  apps/webapp/flux/webapp.yaml:21
  dependsOn: flux-system/webapp-comon does not exist in this cluster

  Did you mean webapp-common?
`);
    expect(report).toMatch(/✕ 3 clusters, 15 bundles, 1 problem, 1 warning\n$/);
  });

  it("come whole as JSON and as YAML", async () => {
    const validation = await validate(example, "staging-1");
    const style = { signs: signsFor({}, {}) };
    const json = printValidation(validation, { ...style, output: "json" });
    const yaml = printValidation(validation, { ...style, output: "yaml" });
    expect(JSON.parse(json)).toEqual(validation);
    expect(parse(yaml)).toEqual(validation);
  });

  it("tell of a Rollout, a Cluster and a bundle at once, and bring no others", async () => {
    const copy = await changed("fleet/rollouts/default.yaml", (text) =>
      text.replace(/^  waves:$/m, "  minRedy: 1s\n  waves:"),
    );
    const cluster = join(copy, "fleet/clusters/staging-1.yaml");
    const label = (await readFile(cluster, "utf8")).replace(
      "env: staging",
      'env: "sta ging"',
    );
    await writeFile(cluster, label);
    const file = join(copy, webapp);
    const held = (await readFile(file, "utf8")).replace(
      "- name: webapp-common",
      "- name: webapp-comon",
    );
    await writeFile(file, held);
    const validation = await validate(copy);
    const { clusters } = validation;
    expect(clusters.map(({ name }) => name)).not.toContain("staging-1");
    expect(clusters.length).toBeGreaterThan(1);
    expect(
      placesOf(validation).map((place) => place.replace(/:\d+ /, " ")),
    ).toEqual([
      expect.stringMatching(
        /^fleet\/clusters\/staging-1.yaml InvalidField: metadata.labels.env: /,
      ),
      "fleet/rollouts/default.yaml UnknownField: spec.minRedy: unknown field",
      expect.stringMatching(`^${webapp} DependencyNotFound: `),
    ]);
  });

  it("do not miss the cluster that was asked for where it cannot be read", async () => {
    const copy = await changed("fleet/clusters/staging-1.yaml", (text) =>
      text.replace("env: staging", "env: 1"),
    );
    const { problems } = await validate(copy, "staging-1");
    expect(problems.map(({ reason }) => reason)).toEqual(["InvalidField"]);
  });

  it("say when a cluster is not there", async () => {
    const validation = await validate(example, "prod-eu-2");
    expect(validation.problems).toMatchObject([{ reason: "ClusterNotFound" }]);
  });

  it("compile only the cluster that was asked for", async () => {
    const { clusters } = await validate(example, "staging-1");
    expect(clusters.map(({ name }) => name)).toEqual(["staging-1"]);
  });
});
