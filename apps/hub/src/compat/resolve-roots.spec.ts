import { join, resolve } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type RenderPort } from "@wheelhouse/compile";
import { type Problem } from "@wheelhouse/fleet-model";
import { CachedRender, KustomizeProcess } from "@wheelhouse/render";
import { ensureTools } from "@wheelhouse/tools";
import { readDirectoryTree } from "../validate/directory-tree.ts";
import { formatRoots, objectLines, summarizeRoots } from "./compat-report.ts";
import { type ResolvedRoot, resolveRoots } from "./resolve-roots.ts";

const repository = resolve(import.meta.dirname, "../../../..");
const example = join(repository, "deploy/example-fleet");

let port: RenderPort;

beforeAll(async () => {
  const { kustomize } = await ensureTools(["kustomize"], { env: process.env });
  port = new CachedRender(new KustomizeProcess({ program: kustomize }));
}, 120_000);

const resolveExample = async (
  roots: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<readonly ResolvedRoot[]> =>
  resolveRoots({
    tree: await readDirectoryTree(example),
    roots,
    variables,
    resolveSource: () => undefined,
    port,
    clock: () => 0,
  });

describe("a root that is given", () => {
  it("is a cluster of its own, with the variables given", async () => {
    const [root] = await resolveExample(["clusters/production"], {
      ENVIRONMENT: "production",
    });
    expect(root?.errors).toEqual([]);
    const lines = [...objectLines(root === undefined ? [] : [root])].map(
      (line) => JSON.parse(line) as { bundle: string; root: string },
    );
    expect(new Set(lines.map(({ bundle }) => bundle))).toEqual(
      new Set([
        "flux-system/(root)",
        "flux-system/infra-policies",
        "flux-system/webapp-backend",
        "flux-system/webapp-common",
        "flux-system/webapp-frontend",
      ]),
    );
    expect(lines[0]?.root).toBe("clusters/production");
  });

  it("names what cannot be built, and goes on with the rest", async () => {
    const roots = await resolveExample([
      "clusters/production",
      "clusters/none",
    ]);
    const text = formatRoots(roots);
    expect(text).toContain("clusters/production: 5 bundles");
    expect(text).toContain(
      "error Kustomization/flux-system/webapp-backend: LateVariableInIdentity: apps/webapp/flux/webapp.yaml:",
    );
    expect(text).toContain("clusters/none: 1 bundles, 0 objects");
    expect(text).toContain("MissingDirectory");
  });
});

describe("a render that the machine refuses", () => {
  it("is that bundle's failure", async () => {
    const [root] = await resolveRoots({
      tree: await readDirectoryTree(example),
      roots: ["clusters/production"],
      variables: { ENVIRONMENT: "production" },
      resolveSource: () => undefined,
      port: {
        render: (request) =>
          request.directory.endsWith("policies")
            ? Promise.reject(new Error("name too long"))
            : port.render(request),
      },
      clock: () => 0,
    });
    expect(root?.errors.map(({ message }) => message)).toEqual([
      "infrastructure/policies: name too long",
    ]);
  });
});

describe("the report", () => {
  const problem = (reason: Problem["reason"], message: string): Problem => ({
    reason,
    subject: "Kustomization/flux-system/web",
    message,
  });

  it("counts what is not supported by its field, whoever has it", () => {
    const field = "spec.force: is not built yet";
    const text = formatRoots([
      {
        root: "clusters/a",
        bundles: [],
        unsupported: [
          problem("NotBuiltYet", `Kustomization/flux-system/web: ${field}`),
          problem("NotBuiltYet", field),
          problem("NotBuiltYet", "HelmRelease is not built yet"),
        ],
        errors: [],
        warnings: [],
        seconds: 1,
      },
    ]);
    expect(text)
      .toBe(`clusters/a: 0 bundles, 0 objects, 3 unsupported, 0 warnings, 0 errors, 1.0 s
  unsupported 1 × HelmRelease is not built yet
  unsupported 2 × ${field}
`);
  });
});

describe("without roots", () => {
  it("the Cluster objects are resolved, with their own variables", async () => {
    const roots = await resolveExample([]);
    expect(roots.map(({ root, errors }) => [root, errors.length])).toEqual([
      ["clusters/production", 0],
      ["clusters/production", 0],
      ["clusters/staging", 0],
    ]);
    expect(JSON.stringify(summarizeRoots(roots))).not.toContain("apiVersion");
  });
});
