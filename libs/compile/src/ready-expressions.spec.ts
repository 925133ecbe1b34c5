import { bundleDigest } from "@wheelhouse/assignment";
import { describe, expect, it } from "vitest";
import {
  bundleOf,
  compiledOk,
  configMapText,
  fluxText,
} from "./plain-fleet.fixture.ts";

const readyExpr =
  "dep.metadata.labels['version'] == self.metadata.labels['version']";

function labelled(name: string, version: string, more = ""): string {
  return fluxText(name, `./${name}`, more).replace(
    "  namespace:",
    `  labels: {version: ${version}}\n  namespace:`,
  );
}

function compiledWith(dependency: string, version = "v1") {
  return compiledOk({
    "clusters/prod/db.yaml": labelled("db", version),
    "clusters/prod/web.yaml": labelled(
      "web",
      "v1",
      `  dependsOn:\n    - ${dependency}\n`,
    ),
    "clusters/prod/other.yaml": fluxText("other", "./other"),
    "db/cm.yaml": configMapText("db"),
    "web/cm.yaml": configMapText("web"),
    "other/cm.yaml": configMapText("other"),
  });
}

const withExpression = `{name: db, readyExpr: "${readyExpr}"}`;

describe("a dependency with a ready expression", () => {
  it("reaches the assignment with the objects of both sides", () => {
    const compiled = compiledWith(withExpression);
    const { spec } = bundleOf(compiled, "/web");
    expect(spec.dependsOn).toEqual([
      { bundle: "Kustomization/flux-system/db", readyExpr },
    ]);
    expect(spec.object).toMatchObject({
      kind: "Kustomization",
      metadata: { name: "web", labels: { version: "v1" } },
      spec: { path: "./web" },
    });
    expect(bundleOf(compiled, "/db").spec.object).toMatchObject({
      metadata: { name: "db", namespace: "flux-system" },
    });
  });

  it("is part of the digest, and so are the labels that it asks for", () => {
    const digest = (compiled: ReturnType<typeof compiledWith>, name: string) =>
      bundleOf(compiled, name).digest;
    const plain = compiledWith("{name: db}");
    const asked = compiledWith(withExpression);
    const changed = compiledWith(withExpression, "v2");
    expect(digest(asked, "/web")).not.toBe(digest(plain, "/web"));
    expect(digest(changed, "/db")).not.toBe(digest(asked, "/db"));
  });

  it("survives the way to the spoke, wide integers and all", () => {
    const text = labelled("db", "v1").replace(
      "  path:",
      "  images: [{name: a, newTag: x}]\n  postBuild: {substitute: {}}\n  healthChecks: [{apiVersion: v1, kind: ConfigMap, name: x, wide: 9007199254740993}]\n  path:",
    );
    const compiled = compiledOk({
      "clusters/prod/db.yaml": text,
      "clusters/prod/web.yaml": labelled(
        "web",
        "v1",
        `  dependsOn:\n    - ${withExpression}\n`,
      ),
      "db/cm.yaml": configMapText("db"),
      "web/cm.yaml": configMapText("web"),
    });
    const { spec, digest } = bundleOf(compiled, "/db");
    expect(JSON.stringify(spec.object)).toContain("9007199254740992");
    const arrived = JSON.parse(JSON.stringify(spec)) as typeof spec;
    expect(bundleDigest(arrived)).toBe(digest);
  });

  it("adds nothing to bundles that none asks about", () => {
    const compiled = compiledWith(withExpression);
    expect(bundleOf(compiled, "/other").spec).not.toHaveProperty("object");
    const plain = compiledWith("{name: db}");
    expect(bundleOf(plain, "/web").spec).not.toHaveProperty("object");
    expect(bundleOf(plain, "/db").digest).toBe(
      bundleOf(compiledWith("{name: db}", "v2"), "/db").digest,
    );
  });

  it("may be about the root, which has no object where none is written", () => {
    const compiled = compiledOk({
      "clusters/prod/self.yaml": fluxText("flux-system", "./clusters/prod"),
      "clusters/prod/web.yaml": fluxText(
        "web",
        "./web",
        "  dependsOn:\n    - {name: flux-system, readyExpr: 'has(dep.metadata.name)'}\n",
      ),
      "web/cm.yaml": configMapText("web"),
    });
    expect(bundleOf(compiled, "(root)").spec.object).toMatchObject({
      metadata: { name: "flux-system" },
    });
  });
});

describe("health check expressions", () => {
  const text = (exprs: string) =>
    compiledOk({
      "clusters/prod/web.yaml": fluxText("web", "./web", exprs),
      "web/cm.yaml": configMapText("web"),
    });

  it("reach the assignment, and are part of the digest", () => {
    const compiled = text(
      "  healthCheckExprs:\n    - {apiVersion: a/v1, kind: W, current: 'true', failed: ''}\n",
    );
    expect(bundleOf(compiled, "/web").spec.healthCheckExprs).toEqual([
      { apiVersion: "a/v1", kind: "W", current: "true" },
    ]);
    const other = text(
      "  healthCheckExprs:\n    - {apiVersion: a/v1, kind: W, current: 'false'}\n",
    );
    expect(bundleOf(other, "/web").digest).not.toBe(
      bundleOf(compiled, "/web").digest,
    );
  });

  it("leave a bundle without any as it was before there were any", () => {
    const { spec } = bundleOf(text(""), "/web");
    expect(spec).not.toHaveProperty("healthCheckExprs");
    expect(bundleOf(text("  healthCheckExprs: []\n"), "/web").digest).toBe(
      bundleOf(text(""), "/web").digest,
    );
  });
});
