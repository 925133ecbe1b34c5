import { describe, expect, it } from "vitest";
import { rootFile as root, web, webIsHeld } from "./held-web.fixture.ts";
import {
  compilePlainly,
  configMapText,
  fluxText,
  outcomeOf,
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

  it("tells of a file's mistakes from its first line on", () => {
    const gap = "\n".repeat(10);
    const compiled = compilePlainly({
      [root]: fluxText("web", "./web"),
      "web/kustomization.yaml": `resources:\n- a.yaml\n- b.yaml${gap}- c.yaml\n`,
    });
    const lines = compiled.problems.map(({ location }) => location?.line);
    expect(lines).toEqual([2, 3, 13]);
  });

  it("says of a cluster that Git does not name what is missing", () => {
    const cluster = { source: "api" } as const;
    const compiled = compilePlainly({ "x.yaml": "" }, { cluster });
    expect(compiled.problems[0]).toMatchObject({
      reason: "MissingDirectory",
      advice: expect.stringMatching(
        /^Git has no Cluster prod-eu-1, .*wheelhouse cluster remove prod-eu-1$/,
      ) as string,
    });
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

  it("tells of everything that is wrong with a file and with its kustomization", () => {
    const twice = (name: string) => `${configMapText(name)}data: {}\n`;
    const outcome = outcomeOf({
      ...web(),
      "web/x.yaml": `${twice("x")}---\na: [\n---\n${configMapText("fine")}---\n${twice("z")}kind: *none\n`,
    });
    const places = outcome.problems.map((one) => one.split(": ")[0]);
    expect([...places].sort()).toEqual([
      "DuplicateKey web/x.yaml:24",
      "DuplicateKey web/x.yaml:25",
      "DuplicateKey web/x.yaml:7",
      "InvalidYaml web/x.yaml:10",
      "UnknownAlias web/x.yaml:25",
    ]);
    expect(
      outcomeOf({ ...web(), "web/kustomization.yaml": "a: 1\na: 2\na: 3\n" })
        .problems,
    ).toEqual([
      'DuplicateKey web/kustomization.yaml:2: duplicate key "a"',
      'DuplicateKey web/kustomization.yaml:3: duplicate key "a"',
    ]);
  });

  it("holds a HelmRelease without a chart by name", () => {
    expect(
      outcomeOf({
        [root]:
          "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: redis\n  namespace: db\nspec:\n  chart:\n    spec:\n      sourceRef: {kind: GitRepository, name: flux-system}\n",
      }),
    ).toEqual({
      good: true,
      problems: [
        "MissingField clusters/prod/flux.yaml:8: spec.chart.spec.chart: is missing",
      ],
      held: ["HelmRelease/db/redis"],
    });
  });
});
