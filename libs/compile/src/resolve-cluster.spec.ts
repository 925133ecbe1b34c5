import { describe, expect, it } from "vitest";
import {
  configMapText,
  fluxText,
  resolvePlainly,
} from "./plain-fleet.fixture.ts";

const root = "clusters/prod/flux.yaml";

const dataOf = (files: Readonly<Record<string, string>>, bundle = "/web") =>
  resolvePlainly(files)
    .bundles.find(({ name }) => name.endsWith(bundle))
    ?.objects.map((object) => object["data"]);

const from = (...references: readonly string[]) =>
  `  postBuild:\n    substitute: {A: a}\n    substituteFrom: [${references.join(", ")}]\n`;

const secret = (data: string, more = "") =>
  `apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: flux-system}\n${data}\n${more}`;

describe("resolveCluster", () => {
  it("takes values that nothing in Git holds for empty", () => {
    const files = {
      [root]: fluxText("web", "./web", from("{kind: Secret, name: gone}")),
      "web/cm.yaml": configMapText("web", "{v: '${A}-${B}'}"),
    };
    expect(dataOf(files)).toEqual([{ v: "a-" }]);
    expect(resolvePlainly(files).problems).toEqual([]);
  });

  it("reads a Secret that is not encrypted", () => {
    const files = {
      [root]: fluxText("web", "./web", from("{kind: Secret, name: s}")),
      "clusters/prod/s.yaml": secret("data: {B: Yg==}\nstringData: {C: c}"),
      "web/cm.yaml": configMapText("web", "{v: '${B}-${C}'}"),
    };
    expect(dataOf(files)).toEqual([{ v: "b-c" }]);
  });

  it("shows that an encrypted value is one, and never the value", () => {
    const files = {
      [root]: fluxText("web", "./web", from("{kind: Secret, name: s}")),
      "clusters/prod/s.yaml": secret(
        "stringData: {B: 'ENC[AES256_GCM,data:x]'}",
        "sops: {mac: x}\n",
      ),
      "web/cm.yaml": configMapText("web", "{v: '${B}'}"),
    };
    expect(dataOf(files)).toEqual([{ v: "SOPS-REDACTED" }]);
  });

  it("leaves out what would be fetched, and says so", () => {
    const files = {
      [root]: fluxText("web", "./web"),
      "web/kustomization.yaml":
        "resources: [https://example.com/x.yaml, cm.yaml]\nhelmCharts: [{name: x}]\n",
      "web/cm.yaml": configMapText("web"),
    };
    const { bundles, problems, warnings } = resolvePlainly(files);
    expect(problems).toEqual([]);
    expect(warnings.map(({ reason }) => reason).sort()).toEqual([
      "HelmRefused",
      "RemoteLeftOut",
    ]);
    expect(bundles.at(-1)?.objects).toHaveLength(1);
  });

  it("answers one that waits from another that waited for what never comes", () => {
    const files = {
      [root]:
        fluxText("web", "./web", from("{kind: ConfigMap, name: vars}")) +
        fluxText("vars", "./vars", from("{kind: Secret, name: gone}")),
      "vars/cm.yaml": configMapText("vars", "{B: b}").replace(
        "namespace: web",
        "namespace: flux-system",
      ),
      "web/cm.yaml": configMapText("web", "{v: '${B}'}"),
    };
    const ordered = files[root]?.replace(
      "  path: ./web\n",
      "  path: ./web\n  dependsOn: [{name: vars}]\n",
    );
    expect(dataOf({ ...files, [root]: ordered ?? "" })).toEqual([{ v: "b" }]);
  });

  it("stops a path at the source's root, as Flux does, and says so with file and line", () => {
    const files = {
      [root]: fluxText("web", "../../web"),
      "web/cm.yaml": configMapText("web", "{v: here}"),
    };
    expect(dataOf(files)).toEqual([{ v: "here" }]);
    const { problems, warnings } = resolvePlainly(files);
    expect(problems).toEqual([]);
    const line = files[root].split("\n").indexOf("  path: ../../web") + 1;
    expect(warnings).toEqual([
      {
        reason: "PathOutsideRepository",
        subject: "Kustomization/flux-system/web",
        message:
          "../../web: leads out of the source; as in Flux it stops at the source's root, so that ./web is built",
        advice: "Write ./web",
        location: { file: root, line },
      },
    ]);
    const inside = { ...files, [root]: fluxText("web", "./apps/../web") };
    expect(resolvePlainly(inside).warnings).toEqual([]);
  });

  it("names a root that is not there, and goes no further", () => {
    const { bundles, problems } = resolvePlainly({ "x.yaml": "" });
    expect(bundles.map(({ objects }) => objects)).toEqual([[]]);
    expect(problems[0]).toMatchObject({
      reason: "MissingDirectory",
      advice: expect.stringContaining("path") as string,
    });
  });
});
