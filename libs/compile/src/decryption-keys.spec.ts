import { describe, expect, it } from "vitest";
import {
  bundleOf,
  compiledOk,
  configMapText,
  fluxText,
} from "./plain-fleet.fixture.ts";

const secretText = (name: string) =>
  `apiVersion: v1\nkind: Secret\nmetadata:\n  name: ${name}\n  namespace: web\nstringData:\n  token: ENC[AES256_GCM,data:YQ==,iv:YQ==,tag:YQ==,type:str]\nsops:\n  mac: ENC[AES256_GCM,data:YQ==,iv:YQ==,tag:YQ==,type:str]\n`;

const withKeys = (name: string, path: string, namespace = "flux-system") =>
  fluxText(
    name,
    path,
    "  decryption:\n    provider: sops\n    secretRef: {name: keys}\n",
  )
    .replace("namespace: flux-system\n", `namespace: ${namespace}\n`)
    .replace(
      "name: flux-system}",
      "name: flux-system, namespace: flux-system}",
    );

describe("the Secret with a bundle's keys", () => {
  it("is one of each bundle's own namespace, where two share every other name", () => {
    const compiled = compiledOk({
      "clusters/prod/flux.yaml":
        withKeys("apps", "./a", "team-a") + withKeys("apps", "./b", "team-b"),
      "a/s.yaml": secretText("a"),
      "b/s.yaml": secretText("b"),
    });
    // A spoke takes the namespace from the bundle's name.
    for (const name of ["team-a", "team-b"]) {
      expect(bundleOf(compiled, `/${name}/apps`).spec).toMatchObject({
        name: `Kustomization/${name}/apps`,
        decryption: { secretName: "keys" },
        held: null,
      });
    }
  });

  const root = (namespace: string, object: string) =>
    compiledOk({
      "clusters/prod/self.yaml": withKeys("self", "./clusters/prod", namespace),
      "clusters/prod/object.yaml": object,
      "clusters/prod/web.yaml": fluxText("web", "./web"),
      "web/cm.yaml": configMapText("web"),
    });

  it("is the root's, in flux-system", () => {
    expect(
      bundleOf(root("flux-system", secretText("s")), "(root)").spec,
    ).toEqual(
      expect.objectContaining({
        decryption: { secretName: "keys" },
        held: null,
      }),
    );
  });

  it("holds the root whose object lies elsewhere, since it would be a namesake, and nothing that the root makes", () => {
    const compiled = root("team-a", secretText("s"));
    const { held, artifact } = bundleOf(compiled, "(root)").spec;
    expect(artifact).toBeNull();
    expect(held).toEqual({
      reason: "NotBuiltYet",
      message:
        "clusters/prod/self.yaml: spec.decryption.secretRef: a root with decryption keys of the namespace team-a is not built yet",
    });
    expect(bundleOf(compiled, "/web").spec.held).toBeNull();
  });

  it("is not asked for by a root elsewhere in which nothing is encrypted", () => {
    const { spec } = bundleOf(root("team-a", configMapText("x")), "(root)");
    expect(spec).toMatchObject({ decryption: null, held: null });
  });
});
