import { describe, expect, it } from "vitest";
import {
  bundleOf,
  compiledOk,
  configMapText,
  fluxText,
} from "./plain-fleet.fixture.ts";

const check = (name: string, kind = "Kustomization", version = "v1") => ({
  apiVersion: `${kind === "HelmRelease" ? "helm" : "kustomize"}.toolkit.fluxcd.io/${version}`,
  kind,
  namespace: "flux-system",
  name,
});

/** A parent that holds two Kustomizations and a HelmRelease. */
function checksOf(parent: string, child = "") {
  const compiled = compiledOk({
    "clusters/prod/infra.yaml": fluxText("infra", "./infra", parent),
    "infra/one.yaml": fluxText("one", "./one", child),
    "infra/two.yaml": fluxText("two", "./two"),
    "infra/release.yaml":
      "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: redis, namespace: flux-system}\nspec: {}\n",
    "one/cm.yaml": configMapText("one"),
    "two/cm.yaml": configMapText("two"),
  });
  return bundleOf(compiled, "/infra").spec.healthChecks;
}

const all = [check("one"), check("two"), check("redis", "HelmRelease", "v2")];

describe("what a bundle with wait waits for", () => {
  it("is every bundle in it, whatever its kind", () => {
    const checks = checksOf("  wait: true\n");
    expect(checks).toHaveLength(3);
    expect(checks).toEqual(expect.arrayContaining(all));
  });

  it("takes the place of its health checks, as in Flux", () => {
    const listed =
      "  healthChecks:\n    - {apiVersion: v1, kind: ConfigMap, namespace: web, name: gone}\n";
    expect(checksOf(`  wait: true\n${listed}`)).toHaveLength(3);
    expect(checksOf(listed)).toEqual([
      { apiVersion: "v1", kind: "ConfigMap", namespace: "web", name: "gone" },
    ]);
  });

  it("is nothing of them without wait", () => {
    expect(checksOf("")).toEqual([]);
  });

  it("leaves out what is suspended", () => {
    const checks = checksOf("  wait: true\n", "  suspend: true\n");
    expect(checks.map(({ name }) => name).sort()).toEqual(["redis", "two"]);
  });

  it("leaves out what depends on it, also by way of another", () => {
    const direct = checksOf("  wait: true\n", "  dependsOn: [{name: infra}]\n");
    expect(direct.map(({ name }) => name).sort()).toEqual(["redis", "two"]);
    const compiled = compiledOk({
      "clusters/prod/infra.yaml": fluxText(
        "infra",
        "./infra",
        "  wait: true\n",
      ),
      "clusters/prod/between.yaml": fluxText(
        "between",
        "./between",
        "  dependsOn: [{name: infra}]\n",
      ),
      "infra/one.yaml": fluxText(
        "one",
        "./one",
        "  dependsOn: [{name: between}]\n",
      ),
      "one/cm.yaml": configMapText("one"),
      "between/cm.yaml": configMapText("between"),
    });
    expect(bundleOf(compiled, "/infra").spec.healthChecks).toEqual([]);
  });
});
