import {
  type Cluster,
  createSourceTree,
  defaultFleetConfig,
} from "@wheelhouse/fleet-model";
import { type RenderPort } from "@wheelhouse/compile";
import { describe, expect, it } from "vitest";
import {
  compileClusters,
  renderThrough,
  resolveClusters,
} from "./compile-with-renders.ts";

const clusterAt = (name: string, path: string): Cluster => ({
  ...{
    name,
    source: "git",
    path,
    labels: {},
    variables: {},
    exposeVariablesAs: [],
  },
  ...{ suspend: false, revokedUids: [], location: { file: `${name}.yaml` } },
});

const kustomization = (name: string) =>
  `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: ${name}, namespace: flux-system}\nspec: {path: ./${name}, sourceRef: {kind: GitRepository, name: flux-system}}\n`;

const configMap =
  "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: end, namespace: default}\n";

/** Directories `d1`, `d2` … each of which makes the next one's bundle; the last has a ConfigMap. */
const chain = (depth: number): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Array.from({ length: depth }, (_, index) => [
      `d${index + 1}/in.yaml`,
      index + 1 === depth ? configMap : kustomization(`d${index + 2}`),
    ]),
  );

const inputOf = (
  files: Readonly<Record<string, string>>,
  clusters: readonly Cluster[],
) => ({
  tree: createSourceTree(
    "c0ffee",
    Object.entries(files).map(([path, text]) => ({
      ...{ kind: "file" as const, path, oid: path, bytes: Buffer.from(text) },
    })),
  ),
  fleet: { clusters, rollouts: [], config: defaultFleetConfig },
  clusters,
});

/** Gives a directory's file as it stands; counts what it was asked. */
const plainly = () => {
  const asked: string[] = [];
  const port: RenderPort = {
    render: ({ key, files, directory }) => {
      asked.push(key);
      const inside = files.filter(
        ({ path }) =>
          path.startsWith(`${directory}/`) && path.endsWith("in.yaml"),
      );
      const output = inside.map(({ bytes }) => Buffer.from(bytes).toString());
      return Promise.resolve({ ok: true, output: output.join("---\n") });
    },
  };
  return { asked, render: renderThrough(port) };
};

/** The root counted: see sort-out-objects.ts. */
const maxDepth = 32;

const one = [clusterAt("one", "d1")];

describe("clusters that are compiled to their end", () => {
  it("come back in their order, with each render asked for once", async () => {
    const { asked, render } = plainly();
    const clusters = [clusterAt("z", "d1"), clusterAt("a", "d1")];
    const input = { ...inputOf(chain(3), clusters), render };
    const compiled = await compileClusters(input);
    expect(compiled.map(({ cluster, ok }) => [cluster, ok])).toEqual([
      ["z", true],
      ["a", true],
    ]);
    expect(asked).toHaveLength(new Set(asked).size);
  });

  it("may be as deep as the bound", async () => {
    const input = { ...inputOf(chain(maxDepth), one), ...plainly() };
    const [compiled] = await compileClusters(input);
    expect(compiled).toMatchObject({ ok: true, problems: [] });
    const [resolved] = await resolveClusters(input);
    expect(resolved?.problems).toEqual([]);
    expect(resolved?.bundles).toHaveLength(maxDepth);
  });

  it("hold alike what lies deeper, whatever other clusters render, and the rest goes on", async () => {
    const files = chain(maxDepth + 1);
    const deepest = `Kustomization/flux-system/d${maxDepth + 1}`;
    const problem = {
      reason: "KustomizationsTooDeep",
      subject: deepest,
      message: `Kustomizations within Kustomizations are more than ${maxDepth} deep`,
      location: { file: `d${maxDepth}/in.yaml`, line: 1 },
    };
    const others = [clusterAt("other", `d${maxDepth}`)];
    for (const clusters of [one, [...one, ...others]]) {
      const input = { ...inputOf(files, clusters), ...plainly() };
      const [compiled] = await compileClusters(input);
      expect(compiled).toMatchObject({ ok: true, problems: [problem] });
      const bundles = compiled?.ok === true ? compiled.bundles : [];
      expect(
        bundles.filter(({ spec }) => spec.held).map(({ spec }) => spec.name),
      ).toEqual([deepest]);
      const [resolved] = await resolveClusters(input);
      expect(resolved?.problems).toMatchObject([problem]);
    }
  });

  it("end in an error where a render is never answered", async () => {
    const input = inputOf(chain(1), one);
    const render = () => Promise.resolve(new Map());
    await expect(compileClusters({ ...input, render })).rejects.toThrow(
      "was not rendered",
    );
  });
});
