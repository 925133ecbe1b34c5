import { describe, expect, it } from "vitest";
import { createSourceTree, noEdits } from "@wheelhouse/fleet-model";
import { prepareBuild } from "./build-input.ts";
import { web, webIsHeld } from "./held-web.fixture.ts";
import {
  compilePlainly,
  configMapText,
  outcomeOf,
} from "./plain-fleet.fixture.ts";

describe("kustomizations", () => {
  const k = (text: string, more: Readonly<Record<string, string>> = {}) => ({
    ...web(),
    "web/kustomization.yaml": text,
    ...more,
  });

  it.each([
    ["https://example.com/x.yaml"],
    ["github.com/example/repo?ref=v1"],
    ["git::https://example.com/repo"],
    ["git@example.com:org/repo.git"],
    ["example.com/org/repo//base?ref=main"],
  ])("with the remote base %s are held", (base) => {
    webIsHeld(
      `RemoteReference web/kustomization.yaml:2: resources[0]: ${base}: remote references are not fetched yet`,
      k(`resources:\n  - ${base}\n`),
    );
  });

  it("with a remote base in a broken list are held for the address alone", () => {
    webIsHeld(
      "RemoteReference web/kustomization.yaml:2: resources[0]: https://example.com/x.yaml …: remote references are not fetched yet",
      k(
        "resources:\n  - https://example.com/x.yaml\n    - deployment.yaml\n    - service.yaml\n",
      ),
    );
  });

  it.each([
    [
      "helmCharts",
      "helmCharts:\n  - name: x\n",
      "HelmRefused web/kustomization.yaml:1: helmCharts: charts are not inflated by kustomize here",
    ],
    [
      "an absolute path",
      "resources: [/etc/passwd]\n",
      "PathOutsideRepository web/kustomization.yaml:1: resources[0]: /etc/passwd is absolute",
    ],
    [
      "a path out of the repository",
      "patches:\n  - path: ../../secret.yaml\n",
      "PathOutsideRepository web/kustomization.yaml:2: patches[0].path: ../../secret.yaml lies outside the repository",
    ],
    [
      "a generator's file out of the repository",
      "configMapGenerator:\n  - name: x\n    files: [key=../../../etc/passwd]\n",
      "PathOutsideRepository web/kustomization.yaml:3: configMapGenerator[0].files[0]: ../../../etc/passwd lies outside the repository",
    ],
    [
      "a file that is not there",
      "resources:\n  - gone.yaml\n",
      "MissingFile web/kustomization.yaml:2: resources[0]: gone.yaml: does not exist",
    ],
    [
      "an exec plugin inline",
      "generators:\n  - |\n    apiVersion: x/v1\n    kind: Run\n    metadata: {name: x}\n",
      "PluginRefused web/kustomization.yaml:2: generators[0]: Run is a plugin that would be run",
    ],
    [
      "a built-in that carries a function",
      "transformers:\n  - |\n    apiVersion: builtin\n    kind: NamespaceTransformer\n    metadata: {name: x, annotations: {config.kubernetes.io/function: 'exec: {path: ./x}'}}\n",
      "PluginRefused web/kustomization.yaml:2: transformers[0]: NamespaceTransformer is a plugin that would be run",
    ],
    [
      "an inline patch that is a path out of the repository as well",
      "patchesStrategicMerge:\n  - 'a: b/../../../etc/passwd'\n",
      "PathOutsideRepository web/kustomization.yaml:2: patchesStrategicMerge[0]: a: b/../../../etc/passwd: as a path it leads out",
    ],
    [
      "a built-in that reads a host's file",
      "transformers:\n  - |\n    apiVersion: builtin\n    kind: PatchTransformer\n    metadata: {name: x}\n    path: /etc/passwd\n",
      "PathOutsideRepository web/kustomization.yaml:2: transformers[0]: /etc/passwd is absolute",
    ],
  ])("with %s are held", (_, text, problem) => {
    webIsHeld(problem, k(text));
  });

  it("with a file that is there and not read are held for that", () => {
    webIsHeld(
      "Unreadable web/kustomization.yaml:1: resources[0]: large.yaml: too large",
      k("resources: [large.yaml]\n", { "web/large.yaml": "!! too large" }),
    );
  });

  it("with an unknown field in a base are held", () => {
    webIsHeld(
      "UnknownField base/kustomization.yaml:1: resorces: unknown field",
      k("resources: [../base]\n", {
        "base/kustomization.yaml": "resorces: []\n",
      }),
    );
  });

  it("with an unknown field of their own lose it, as in Flux, with a warning", () => {
    const compiled = compilePlainly({
      ...k("resources: [x.yaml]\nresorces: []\n"),
      "web/x.yaml": configMapText("x"),
    });
    expect(compiled.problems).toEqual([]);
    expect(compiled.warnings.map(({ reason }) => reason)).toEqual([
      "UnknownField",
    ]);
  });

  it("with inline patches and built-in plugins are built", () => {
    const result = outcomeOf(
      k(
        `resources: [x.yaml]
patchesStrategicMerge:
  - |
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: x}
transformers:
  - |
    apiVersion: builtin
    kind: PrefixTransformer
    metadata: {name: prefix}
    prefix: a-
`,
        { "web/x.yaml": configMapText("x") },
      ),
    );
    expect(result).toEqual({ good: true, problems: [], held: [] });
  });

  it("with a plugin in a file are held", () => {
    webIsHeld(
      "PluginRefused web/kustomization.yaml:1: generators[0]: ChartRenderer is a plugin that would be run",
      k("generators: [gen.yaml]\n", {
        "web/gen.yaml":
          "apiVersion: x/v1\nkind: ChartRenderer\nmetadata: {name: x}\n",
      }),
    );
  });

  it.each([
    ["-> /etc/passwd", "web/x.yaml"],
    ["-> ../../../other/x.yaml", "web/x.yaml"],
  ])("with a symlink %s are held, without its content", (link, path) => {
    webIsHeld(
      "SymlinkOutside web/kustomization.yaml:1: resources[0]: x.yaml: symlink web/x.yaml points out of the repository",
      k("resources: [x.yaml]\n", { [path]: link }),
    );
  });

  it("follow symlinks inside the repository, to files and directories", () => {
    const result = outcomeOf(
      k("resources: [x.yaml, linked]\n", {
        "web/x.yaml": "-> ../shared/x.yaml",
        "web/linked": "-> ../shared/base",
        "shared/x.yaml": configMapText("file"),
        "shared/base/kustomization.yaml": "resources: [../y.yaml]\n",
        "shared/y.yaml": configMapText("directory"),
      }),
    );
    expect(result).toEqual({ good: true, problems: [], held: [] });
  });

  it("with files that differ only in case are held", () => {
    webIsHeld(
      "TwinPaths web/X.yaml: differs from web/x.yaml only in case or in how it is encoded",
      k("resources: [x.yaml, X.yaml]\n", {
        "web/x.yaml": configMapText("a"),
        "web/X.yaml": configMapText("b"),
      }),
    );
  });

  it("that refer to each other in a circle end", () => {
    const result = outcomeOf(
      k("resources: [../other]\n", {
        "other/kustomization.yaml":
          "resources: [cm.yaml]\ncomponents: [../web]\n",
        "other/cm.yaml": configMapText("o"),
      }),
    );
    expect(result.good).toBe(true);
  });

  it("that come in two files of one directory are held", () => {
    webIsHeld(
      "TwoKustomizations web/kustomization.yaml: web: holds both web/kustomization.yaml and web/kustomization.yml",
      k("resources: []\n", { "web/kustomization.yml": "resources: []\n" }),
    );
  });

  it("that need more files than are built are held", () => {
    const names = Array.from({ length: 5_000 }, (_, n) => `f${n}`);
    webIsHeld(
      "TooLarge clusters/prod/flux.yaml:9: web: needs 5001 files of 88976 bytes; at most 5000 of 67108864 are built",
      k(
        `configMapGenerator:\n  - {name: x, files: [${names.join(", ")}]}\n`,
        Object.fromEntries(names.map((name) => [`web/${name}`, "0123456789"])),
      ),
    );
  });

  it("that need more bytes than are built are held", () => {
    const half = Buffer.alloc(32 * 1024 * 1024);
    const text = "configMapGenerator: [{name: x, files: [a, b]}]\n";
    const tree = createSourceTree("c0ffee", [
      { kind: "file", path: "a", oid: "a", bytes: half },
      { kind: "file", path: "b", oid: "b", bytes: half },
      {
        kind: "file",
        path: "kustomization.yaml",
        oid: "k",
        bytes: Buffer.from(text),
      },
    ]);
    const input = prepareBuild(tree, {
      path: "",
      edits: noEdits,
      absent: "held",
    });
    const problems = input.ok ? [] : input.problems;
    expect(problems.map(({ reason }) => reason)).toEqual(["TooLarge"]);
  });
});
