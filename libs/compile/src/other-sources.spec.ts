import { describe, expect, it } from "vitest";
import {
  bundleOf,
  compiledOk,
  configMapText,
  fluxText,
  objectsOf,
  said,
  treeOf,
} from "./plain-fleet.fixture.ts";

const source = (kind: string, name: string, spec: string) =>
  `---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: ${kind}\nmetadata: {name: ${name}, namespace: flux-system}\nspec: ${spec}\n`;

const from = (text: string, kind: string, name: string) =>
  text.replace(
    "{kind: GitRepository, name: flux-system}",
    `{kind: ${kind}, name: ${name}}`,
  );

const url = "https://git.example.com/other.git";
const other = treeOf(
  { "web/cm.yaml": configMapText("there"), "docs/x.yaml": "no: object" },
  "other",
);
const web = from(fluxText("web", "./web"), "GitRepository", "other");
const root = "clusters/prod/flux.yaml";

describe("a source outside the fleet repo", () => {
  it("is built from its own files, where they are at hand", () => {
    const files = {
      [root]: source("GitRepository", "other", `{url: "${url}"}`) + web,
    };
    const compiled = compiledOk(files, { sources: { [url]: other } });
    expect(compiled.problems).toEqual([]);
    expect(
      objectsOf(compiled, "/web").map(({ metadata }) => metadata.name),
    ).toEqual(["there"]);
  });

  it("leaves out what its own ignore says", () => {
    const spec = `{url: "${url}", ignore: "/*\\n!/web\\n"}`;
    const everything = web.replace("path: ./web", "path: ./");
    const files = {
      [root]: source("GitRepository", "other", spec) + everything,
    };
    const compiled = compiledOk(files, { sources: { [url]: other } });
    expect(compiled.problems).toEqual([]);
  });

  it("is held by name where they are not", () => {
    const files = {
      [root]: source("GitRepository", "other", `{url: "${url}"}`) + web,
    };
    expect(compiledOk(files).problems.map(said)).toEqual([
      `SourceElsewhere ${root}:13: sourceRef: GitRepository/flux-system/other is ${url}, which is not fetched yet`,
    ]);
  });

  it("may be defined by a bundle that comes later", () => {
    const files = {
      [root]: web + fluxText("sources", "./sources"),
      "sources/other.yaml": source("GitRepository", "other", `{url: "${url}"}`),
    };
    const compiled = compiledOk(files, { sources: { [url]: other } });
    expect(bundleOf(compiled, "/web").spec.held).toBeNull();
  });

  it("may be an artifact made of others", () => {
    const generator = `---
apiVersion: source.extensions.fluxcd.io/v1beta1
kind: ArtifactGenerator
metadata: {name: split, namespace: flux-system}
spec:
  sources: [{alias: repo, kind: GitRepository, name: flux-system}]
  artifacts:
    - name: apps
      copy: [{from: "@repo/apps/**", to: "@artifact/"}]
`;
    const compiled = compiledOk({
      [root]:
        generator + from(fluxText("web", "./web"), "ExternalArtifact", "apps"),
      "apps/web/cm.yaml": configMapText("split"),
    });
    expect(compiled.problems).toEqual([]);
    expect(objectsOf(compiled, "/web")).toHaveLength(1);
  });
});

describe("the fleet repo", () => {
  it("is the source that a bootstrap has named, where nobody names it otherwise", () => {
    const files = {
      [root]: from(fluxText("web", "./web"), "GitRepository", "home"),
      "web/cm.yaml": configMapText("web"),
    };
    expect(compiledOk(files).problems).toEqual([]);
  });

  it("is no source of another name beside the usual one", () => {
    const files = {
      [root]: fluxText("apps", "./apps") + web,
      "apps/cm.yaml": configMapText("apps"),
      "web/cm.yaml": configMapText("web"),
    };
    expect(compiledOk(files).problems.map(({ reason }) => reason)).toEqual([
      "SourceNotFound",
    ]);
  });

  it("is without what the ignore of its own source object leaves out", () => {
    const files = {
      [root]:
        source(
          "GitRepository",
          "flux-system",
          `{url: "${url}", ignore: "/web/no.yaml"}`,
        ) + fluxText("web", "./web"),
      "web/cm.yaml": configMapText("web"),
      "web/no.yaml": "just: data\n",
    };
    expect(compiledOk(files).problems).toEqual([]);
  });

  it("is not the root of another source, whatever its path", () => {
    const foreign = from(fluxText("all", "./"), "OCIRepository", "other");
    const files = {
      "flux.yaml":
        source("OCIRepository", "other", `{url: "${url}"}`) + foreign,
    };
    const compiled = compiledOk(files, { cluster: { path: "" } });
    expect(compiled.bundles.map(({ spec }) => spec.name)).toContain(
      "Kustomization/flux-system/all",
    );
  });
});
