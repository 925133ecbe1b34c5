import { describe, expect, it } from "vitest";
import {
  bundleOf,
  compiledOk,
  configMapText,
  fluxText,
  resolvePlainly,
} from "./plain-fleet.fixture.ts";

const root = "clusters/prod/flux.yaml";

const nested = (more: string) => ({
  [root]: fluxText("apps", "./apps", more),
  "apps/web.yaml": fluxText("web", "./web"),
  "apps/cm.yaml": configMapText("own"),
  "web/cm.yaml": configMapText("web"),
});

const heldReasons = (files: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    compiledOk(files).bundles.map(({ spec }) => [
      spec.name.split("/").at(-1),
      spec.held?.reason ?? null,
    ]),
  );

describe("a bundle with a field that is not built", () => {
  const notBuilt = "  decryption: {provider: other}\n";

  it("is held, and its children go on", () => {
    expect(heldReasons(nested(notBuilt))).toEqual({
      "(root)": null,
      apps: "NotBuiltYet",
      web: null,
    });
  });

  it("leaves nothing unexplored, so that what is gone may be taken for gone", () => {
    expect(compiledOk(nested(notBuilt)).unexplored).toEqual([]);
  });

  it("still shows what it builds to", () => {
    const { bundles } = resolvePlainly(nested(notBuilt));
    const apps = bundles.find(({ name }) => name.endsWith("/apps"));
    expect(apps?.held?.reason).toBe("NotBuiltYet");
    expect(apps?.objects.map(({ kind }) => kind)).toEqual([
      "ConfigMap",
      "Kustomization",
    ]);
  });

  it("holds the root alone where it is the root's own object", () => {
    const files = {
      ...nested(""),
      "clusters/prod/self.yaml": fluxText(
        "flux-system",
        "./clusters/prod",
        notBuilt,
      ),
    };
    expect(heldReasons(files)).toEqual({
      "(root)": "NotBuiltYet",
      apps: null,
      web: null,
    });
  });
});

describe("a bundle with a mistake that may change what it builds to", () => {
  it("is held with the bundles in it", () => {
    expect(heldReasons(nested("  targetNamespce: x\n"))).toEqual({
      "(root)": null,
      apps: "UnknownField",
      web: "ParentUncertain",
    });
  });

  it("is held with them where it is for another cluster", () => {
    const kubeConfig = "  kubeConfig: {secretRef: {name: other}}\n";
    expect(heldReasons(nested(kubeConfig))).toEqual({
      "(root)": null,
      apps: "OtherCluster",
      web: "ParentUncertain",
    });
  });

  it("counts as unexplored", () => {
    expect(compiledOk(nested("  targetNamespce: x\n")).unexplored).toEqual([
      "Kustomization/flux-system/apps",
      "Kustomization/flux-system/web",
    ]);
  });

  it("is not built at all where a field cannot be read", () => {
    const files = nested("  postBuild: {substitute: {PORT: 80}}\n");
    expect(heldReasons(files)).toEqual({
      "(root)": null,
      apps: "InvalidField",
    });
    expect(compiledOk(files).unexplored).toHaveLength(1);
  });
});

describe("deletionPolicy", () => {
  it("goes to the spoke", () => {
    const compiled = compiledOk(nested("  deletionPolicy: Orphan\n"));
    expect(bundleOf(compiled, "/apps").spec.deletionPolicy).toBe("Orphan");
  });
});
