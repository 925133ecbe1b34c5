import { describe, expect, it } from "vitest";
import { type Problem } from "@wheelhouse/fleet-model";
import { formatProblem } from "./explored-bundle.ts";
import {
  compilePlainly,
  configMapText,
  fluxText,
} from "./plain-fleet.fixture.ts";

const said = ({ reason, ...problem }: Problem): string =>
  `${reason} ${formatProblem({ reason, ...problem })}`;

const root = "clusters/prod/flux.yaml";

/** What is said of a cluster with one good bundle and whatever is added; the good one must stay. */
const heldBy = (files: Readonly<Record<string, string>>) => {
  const compiled = compilePlainly({
    "clusters/prod/good.yaml": fluxText("good", "./good"),
    "good/cm.yaml": configMapText("good"),
    ...files,
  });
  const good =
    compiled.ok &&
    compiled.bundles.find(({ spec }) => spec.name.endsWith("/good"));
  return {
    good: good && good.spec.held === null && good.spec.artifact !== null,
    problems: compiled.problems.map(said),
    held: compiled.ok
      ? compiled.bundles.flatMap(({ spec }) =>
          spec.held === null ? [] : [spec.name],
        )
      : "everything",
  };
};

const webIsHeld = (
  problem: string,
  files: Readonly<Record<string, string>>,
) => {
  expect(heldBy(files)).toEqual({
    good: true,
    problems: [problem],
    held: ["Kustomization/flux-system/web"],
  });
};

const web = (path = "./web", more = "") => ({
  [root]: fluxText("web", path, more),
});

describe("dependencies", () => {
  it("holds a bundle whose dependency is not there, naming file and line", () => {
    webIsHeld(
      "DependencyNotFound clusters/prod/flux.yaml:10: dependsOn: flux-system/goood does not exist in this cluster",
      {
        ...web("./web", "  dependsOn:\n    - name: goood\n"),
        "web/cm.yaml": configMapText("web"),
      },
    );
  });

  it("suggests the name that was meant", () => {
    const compiled = compilePlainly({
      [root]:
        fluxText("webapp-common", "./a") +
        fluxText("web", "./b", "  dependsOn: [{name: webapp-comon}]\n"),
      "a/cm.yaml": configMapText("a"),
      "b/cm.yaml": configMapText("b"),
    });
    expect(compiled.problems[0]?.advice).toBe("Did you mean webapp-common?");
  });

  it("says when the name is in another namespace", () => {
    const compiled = compilePlainly({
      [root]:
        fluxText("db", "./a") +
        fluxText("web", "./b", "  dependsOn: [{name: db}]\n")
          .replace("namespace: flux-system\nspec", "namespace: web\nspec")
          .replace(
            "name: flux-system}",
            "name: flux-system, namespace: flux-system}",
          ),
      "a/cm.yaml": configMapText("a"),
      "b/cm.yaml": configMapText("b"),
    });
    expect(compiled.problems[0]?.advice).toContain("in namespace flux-system");
  });

  it("refuses the whole cluster for a cycle, and names it", () => {
    const result = heldBy({
      [root]:
        fluxText("a", "./a", "  dependsOn: [{name: c}]\n") +
        fluxText("b", "./b", "  dependsOn: [{name: a}]\n") +
        fluxText("c", "./c", "  dependsOn: [{name: b}]\n"),
      "a/cm.yaml": configMapText("a"),
      "b/cm.yaml": configMapText("b"),
      "c/cm.yaml": configMapText("c"),
    });
    expect(result).toEqual({
      good: false,
      problems: [
        "DependencyCycle clusters/prod/flux.yaml:10: dependsOn goes in a circle: flux-system/a → flux-system/c → flux-system/b → flux-system/a",
      ],
      held: "everything",
    });
  });
});

describe("objects", () => {
  it("holds the later of two bundles that own one object, naming both files", () => {
    expect(
      heldBy({
        [root]: fluxText("web", "./web"),
        "web/first.yaml": configMapText("other"),
        "web/same.yaml": configMapText("good"),
      }),
    ).toEqual({
      good: true,
      problems: [
        "DuplicateObject web/same.yaml:1: ConfigMap/web/good: is also in Kustomization/flux-system/good (good/cm.yaml:1)",
      ],
      held: ["Kustomization/flux-system/web"],
    });
  });

  it("holds a document that is no Kubernetes object", () => {
    webIsHeld(
      "NoKubernetesObject web/x.yaml:8: apiVersion, kind and metadata.name must be there",
      { ...web(), "web/x.yaml": `${configMapText("x")}---\njust: data\n` },
    );
  });

  it("holds a HelmRelease by name", () => {
    expect(
      heldBy({
        [root]:
          "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: redis\n  namespace: db\n",
      }),
    ).toEqual({
      good: true,
      problems: [
        "NotBuiltYet clusters/prod/flux.yaml:1: HelmRelease is not built yet",
      ],
      held: ["HelmRelease/db/redis"],
    });
  });
});

describe("Kustomization objects", () => {
  it.each([
    [
      "a field that is not built",
      "  decryption: {provider: sops}\n",
      "NotBuiltYet clusters/prod/flux.yaml:10: spec.decryption: is not built yet",
    ],
    [
      "an unknown field",
      "  targetNamespce: x\n",
      "UnknownField clusters/prod/flux.yaml:10: spec.targetNamespce: unknown field",
    ],
    [
      "a broken duration",
      "  interval: 10 minutes\n",
      "InvalidField clusters/prod/flux.yaml:10: spec.interval: 10 minutes is not a duration",
    ],
    [
      "readyExpr",
      "  dependsOn:\n    - name: good\n      readyExpr: 'true'\n",
      "NotBuiltYet clusters/prod/flux.yaml:12: spec.dependsOn[0].readyExpr: is not built yet",
    ],
  ])("are held for %s", (_, more, problem) => {
    webIsHeld(problem, {
      ...web("./web", more),
      "web/cm.yaml": configMapText("web"),
    });
  });

  it("are not held for a field at its default", () => {
    const result = heldBy({
      ...web("./web", "  force: false\n  components: []\n"),
      "web/cm.yaml": configMapText("web"),
    });
    expect(result).toEqual({ good: true, problems: [], held: [] });
  });

  it("are held for another source", () => {
    const text = fluxText("web", "./web").replace(
      "{kind: GitRepository, name: flux-system}",
      "{kind: OCIRepository, name: podinfo}",
    );
    webIsHeld(
      "NotBuiltYet clusters/prod/flux.yaml:8: sourceRef: OCIRepository/flux-system/podinfo is not the fleet repo; other sources are not built yet",
      { [root]: text },
    );
  });

  it("are held for a variable in the path that nothing sets", () => {
    webIsHeld(
      "LateVariableInIdentity clusters/prod/flux.yaml:9: spec.path: ./web/${NOPE} has a variable that nothing in Git sets",
      web("./web/${NOPE}"),
    );
  });

  it("are held for a path that is not there", () => {
    webIsHeld(
      "MissingDirectory clusters/prod/flux.yaml:9: ./wbe: there is no such directory",
      web("./wbe"),
    );
  });

  it.each(["../other", "./web/../../x"])("are held for the path %s", (path) => {
    webIsHeld(
      `PathOutsideRepository clusters/prod/flux.yaml:9: ${path}: ${path} lies outside the repository`,
      web(path),
    );
  });

  it("are held when two have one name", () => {
    const result = heldBy({
      [root]: fluxText("good", "./other"),
      "other/cm.yaml": configMapText("other"),
    });
    expect(result.problems).toEqual([
      "DuplicateBundle clusters/prod/flux.yaml:2: is there twice; again in Kustomization/flux-system/(root)",
    ]);
  });
});

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
      `RemoteReference web/kustomization.yaml:2: resources[0]: ${base}: remote references are not fetched; commit what it holds`,
      k(`resources:\n  - ${base}\n`),
    );
  });

  it.each([
    [
      "helmCharts",
      "helmCharts:\n  - name: x\n",
      "HelmRefused web/kustomization.yaml:1: helmCharts: charts are not inflated by kustomize here",
    ],
    [
      "an unknown field",
      "resorces: []\n",
      "UnknownField web/kustomization.yaml:1: resorces: unknown field",
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

  it("with inline patches and built-in plugins are built", () => {
    const result = heldBy(
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
    const result = heldBy(
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

  it("that refer to each other in a circle end", () => {
    const result = heldBy(
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
});

describe("YAML", () => {
  it("with duplicate keys holds the bundle", () => {
    webIsHeld('DuplicateKey web/x.yaml:7: duplicate key "data"', {
      ...web(),
      "web/x.yaml": `${configMapText("x")}data: {}\n`,
    });
  });

  it("with an alias bomb holds the bundle", () => {
    const bomb = Array.from({ length: 12 }, (_, level) =>
      level === 0
        ? "a0: &a0 xxxxxxxx"
        : `a${level}: &a${level} [${`*a${level - 1},`.repeat(9)}]`,
    ).join("\n");
    webIsHeld(
      "AliasExpansion web/x.yaml:5: aliases expand to more than 65536 bytes",
      { ...web(), "web/x.yaml": bomb },
    );
  });

  it("with an unknown anchor holds the bundle", () => {
    webIsHeld("UnknownAlias web/x.yaml:2: unknown anchor *pvc", {
      ...web(),
      "web/x.yaml": "a: 1\nb: *pvc\n",
    });
  });

  it("that breaks the root keeps the whole cluster", () => {
    const result = heldBy({ "clusters/prod/bad.yaml": "a: b\n c: d\n" });
    expect(result.held).toBe("everything");
    expect(result.problems[0]).toContain("clusters/prod/bad.yaml:1: ");
  });
});

describe("a root", () => {
  it("that is not there keeps the whole cluster", () => {
    const compiled = compilePlainly({ "x.yaml": "" });
    expect(compiled.ok).toBe(false);
    expect(compiled.problems.map(said)).toEqual([
      "MissingDirectory fleet/clusters/prod-eu-1.yaml:1: clusters/prod: there is no such directory",
    ]);
  });

  it("whose build fails says so in the program's words", () => {
    const compiled = compilePlainly(
      { "clusters/prod/cm.yaml": configMapText("x") },
      { render: () => ({ ok: false, message: "accumulating resources: no" }) },
    );
    expect(compiled.problems.map(({ message }) => message)).toEqual([
      "clusters/prod: accumulating resources: no",
    ]);
  });
});
