import { describe, expect, it } from "vitest";
import { rootFile as root, web, webIsHeld } from "./held-web.fixture.ts";
import {
  compilePlainly,
  configMapText,
  fluxText,
  outcomeOf,
  said,
} from "./plain-fleet.fixture.ts";

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
    const result = outcomeOf({
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
      outcomeOf({
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
      outcomeOf({
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
      "  decryption: {provider: vault}\n",
      "NotBuiltYet clusters/prod/flux.yaml:10: spec.decryption.provider: must be sops",
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
      "a readyExpr that cannot be read",
      "  dependsOn:\n    - name: good\n      readyExpr: 'dep.status =='\n",
      "InvalidExpression clusters/prod/flux.yaml:12: spec.dependsOn[0].readyExpr: unexpected token: EOF",
    ],
    [
      "a readyExpr over a name that is not there",
      "  dependsOn:\n    - name: good\n      readyExpr: deps.status.ready == true\n",
      "InvalidExpression clusters/prod/flux.yaml:12: spec.dependsOn[0].readyExpr: unknown variable: deps",
    ],
    [
      "a health check expression that cannot be read",
      "  healthCheckExprs:\n    - apiVersion: example.org/v1\n      kind: Widget\n      current: status.phase = 'Ready'\n",
      "InvalidExpression clusters/prod/flux.yaml:13: spec.healthCheckExprs[0].current: unexpected character: =",
    ],
    [
      "health check expressions that are there twice",
      "  healthCheckExprs:\n    - {apiVersion: a/v1, kind: W, current: 'true'}\n    - {apiVersion: a/v2, kind: W, current: 'true'}\n",
      "InvalidExpression clusters/prod/flux.yaml:12: spec.healthCheckExprs[1]: another entry is about the same group and kind",
    ],
    [
      "health check expressions without current",
      "  healthCheckExprs:\n    - {apiVersion: a/v1, failed: 'true'}\n",
      "MissingField clusters/prod/flux.yaml:11: spec.healthCheckExprs[0].current: is missing",
    ],
  ])("are held for %s", (_, more, problem) => {
    webIsHeld(problem, {
      ...web("./web", more),
      "web/cm.yaml": configMapText("web"),
    });
  });

  it("are not held for a field at its default", () => {
    const result = outcomeOf({
      ...web("./web", "  force: false\n  components: []\n"),
      "web/cm.yaml": configMapText("web"),
    });
    expect(result).toEqual({ good: true, problems: [], held: [] });
  });

  it("are held for a source that nobody defines", () => {
    const text = fluxText("web", "./web").replace(
      "{kind: GitRepository, name: flux-system}",
      "{kind: OCIRepository, name: podinfo}",
    );
    webIsHeld(
      "SourceNotFound clusters/prod/flux.yaml:8: sourceRef: OCIRepository/flux-system/podinfo is not the fleet repo, and nothing in Git defines it",
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

  it.each([
    ["../../etc", "etc"],
    ["./web/../../../etc/ssh", "etc/ssh"],
    ["/../etc", "etc"],
  ])(
    "are held for the path %s, which leads out of the repository",
    (path, taken) => {
      webIsHeld(
        `PathOutsideRepository clusters/prod/flux.yaml:9: ${path}: leads out of the repository; Flux takes it for ${taken}, and there is no such directory`,
        web(path),
      );
    },
  );

  it.each([
    ["./out", "out", "/etc"],
    ["./out/ssh", "out", "../../etc"],
    ["./a/b", "a/b", "../../etc"],
  ])(
    "are held for the path %s where a symlink leads out",
    (path, link, target) => {
      webIsHeld(
        `SymlinkOutside clusters/prod/flux.yaml:9: ${path}: symlink ${link} points out of the repository`,
        { ...web(path), [link]: `-> ${target}` },
      );
    },
  );

  it.each(["../good", "./web/../../good"])(
    "stay in the repository with the path %s, as in Flux",
    (path) => {
      const result = outcomeOf({
        ...web(path),
        "good/cm.yaml": configMapText("good"),
      });
      expect(result.problems).toEqual([
        "DuplicateObject good/cm.yaml:1: ConfigMap/web/good: is also in Kustomization/flux-system/good (good/cm.yaml:1)",
      ]);
    },
  );

  it("are held when two have one name", () => {
    const result = outcomeOf({
      [root]: fluxText("good", "./other"),
      "other/cm.yaml": configMapText("other"),
    });
    expect(result.problems).toEqual([
      "DuplicateBundle clusters/prod/flux.yaml:2: is there twice; again in Kustomization/flux-system/(root)",
    ]);
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
    const result = outcomeOf({ "clusters/prod/bad.yaml": "a: b\n c: d\n" });
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

  const at = { file: "fleet/clusters/prod-eu-1.yaml", line: 7 };

  it.each([
    [
      { path: "clusters/prd" },
      "MissingDirectory fleet/clusters/prod-eu-1.yaml:7: clusters/prd: there is no such directory",
    ],
    [
      { path: "${UP}/etc", variables: { UP: "../.." } },
      "PathOutsideRepository fleet/clusters/prod-eu-1.yaml:7: ${UP}/etc: ../../etc lies outside the repository",
    ],
    [
      { path: "${NOPE}" },
      "InvalidPath fleet/clusters/prod-eu-1.yaml:7: ${NOPE}: cannot be substituted",
    ],
    [
      { path: "out" },
      "SymlinkOutside fleet/clusters/prod-eu-1.yaml:7: out: symlink out points out of the repository",
    ],
  ])("that is %j is refused at the line of the path", (cluster, problem) => {
    const compiled = compilePlainly(
      { "x.yaml": "", out: "-> ../etc" },
      { cluster: { ...cluster, pathLocation: at } },
    );
    expect(compiled.problems.map(said)).toEqual([problem]);
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
