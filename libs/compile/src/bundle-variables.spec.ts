import {
  type Template,
  decodeArtifact,
  templateMediaType,
} from "@wheelhouse/assignment";
import { describe, expect, it } from "vitest";
import {
  type CompiledOk,
  bundleOf,
  compiledOk,
  configMapText,
  fluxText,
  objectsOf,
} from "./plain-fleet.fixture.ts";

const root = "clusters/prod/flux.yaml";

describe("variables", () => {
  const exposed = [{ namespace: "flux-system", name: "cluster-vars" }];

  it("substitutes the root with the cluster's variables, and bundles by substituteFrom", () => {
    const compiled = compiledOk(
      {
        "clusters/prod/root.yaml": configMapText("root", "{v: '${REGION}$$'}"),
        [root]: fluxText(
          "web",
          "./web/${REGION}",
          "  postBuild:\n    substitute: {OWN: inline, REGION: '$${REGION}'}\n    substituteFrom: [{kind: ConfigMap, name: cluster-vars}]\n",
        ),
        "web/eu/cm.yaml": configMapText(
          "web",
          "{v: '${REGION} ${OWN} ${ENV}'}",
        ),
      },
      {
        cluster: {
          variables: { REGION: "eu", ENV: "production" },
          exposeVariablesAs: exposed,
        },
      },
    );
    expect(objectsOf(compiled, "(root)")[0]?.["data"]).toEqual({ v: "eu$" });
    expect(objectsOf(compiled, "/web")[0]?.["data"]).toEqual({
      v: "${REGION} inline production",
    });
  });

  it("leaves everything as it is where there is no variable", () => {
    const compiled = compiledOk({
      "clusters/prod/cm.yaml": configMapText("cm", "{v: '${X:=default}$$'}"),
    });
    expect(objectsOf(compiled, "(root)")[0]?.["data"]).toEqual({
      v: "${X:=default}$$",
    });
  });

  it("draws from a ConfigMap that another bundle renders", () => {
    const compiled = compiledOk({
      [root]:
        fluxText(
          "a-web",
          "./web",
          "  postBuild: {substituteFrom: [{kind: ConfigMap, name: settings}]}\n",
        )
          .replace("namespace: flux-system\nspec", "namespace: web\nspec")
          .replace(
            "name: flux-system}",
            "name: flux-system, namespace: flux-system}",
          ) + fluxText("settings", "./settings"),
      "settings/cm.yaml": configMapText("settings", '{COLOR: "blue\\n"}'),
      "web/cm.yaml": configMapText("web", "{v: '${COLOR}'}"),
    });
    expect(compiled.problems).toEqual([]);
    expect(objectsOf(compiled, "web/a-web")[0]?.["data"]).toEqual({
      v: "blue",
    });
  });

  it("respects substitute: disabled", () => {
    const text = configMapText("cm", "{v: '${X}'}").replace(
      "  namespace: web\n",
      "  namespace: web\n  annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}\n",
    );
    const compiled = compiledOk(
      { "clusters/prod/cm.yaml": text },
      { cluster: { variables: { X: "x" } } },
    );
    expect(objectsOf(compiled, "(root)")[0]?.["data"]).toEqual({ v: "${X}" });
  });

  it("warns of a scalar that turned null, and of a blanked variable", () => {
    const compiled = compiledOk(
      {
        "clusters/prod/cm.yaml":
          "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: cm\ndata:\n  color: ${COLOR}\n  who: a ${DS_PROMETHEUS} b\n",
      },
      { cluster: { variables: { COLOR: "#34577c" } } },
    );
    expect(objectsOf(compiled, "(root)")[0]?.["data"]).toEqual({
      color: null,
      who: "a  b",
    });
    expect(
      compiled.warnings.map(({ reason, message }) => `${reason} ${message}`),
    ).toEqual([
      "VariableNotSet ConfigMap/cm: ${DS_PROMETHEUS} is not set and becomes empty",
      "ScalarChangedType ConfigMap/cm: data.color was text and is no scalar after substitution",
    ]);
  });

  it("warns once of a misspelt variable, with the one that it looks like", () => {
    const compiled = compiledOk(
      {
        "clusters/prod/cm.yaml": configMapText(
          "cm",
          '{name: "${CLUSTR_NAME}", far: "${OTHER}"}',
        ),
      },
      { cluster: { variables: { CLUSTER_NAME: "prod", COLOR: "blue" } } },
    );
    const told = compiled.warnings.map(({ message, advice }) => [
      message,
      advice?.split(",")[0],
    ]);
    expect(told).toEqual([
      [
        "ConfigMap/web/cm: ${CLUSTR_NAME} is not set and becomes empty",
        "Did you mean CLUSTER_NAME?",
      ],
      ["ConfigMap/web/cm: ${OTHER} is not set and becomes empty", "Set it"],
    ]);
  });

  it("keeps the quotes that a value brings along", () => {
    const compiled = compiledOk(
      {
        "clusters/prod/cm.yaml":
          "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: cm\ndata:\n  color: ${COLOR}\n",
      },
      { cluster: { variables: { COLOR: '"#34577c"' } } },
    );
    expect(objectsOf(compiled, "(root)")[0]?.["data"]).toEqual({
      color: "#34577c",
    });
  });

  it("leaves values that Git does not have to the cluster, in their order", () => {
    const compiled = compiledOk({
      [root]: fluxText(
        "late",
        "./web",
        "  postBuild:\n    substitute: {A: a}\n    substituteFrom:\n      - {kind: ConfigMap, name: known}\n      - {kind: Secret, name: s, optional: true}\n",
      ),
      "clusters/prod/known.yaml":
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: known\n  namespace: flux-system\ndata:\n  B: b\n",
      "web/cm.yaml": configMapText("web-${A}", "{v: '${A}${S}'}"),
    });
    const reference = {
      kind: "Secret",
      namespace: "flux-system",
      name: "s",
      optional: true,
    };
    expect(bundleOf(compiled, "/late").spec).toMatchObject({
      artifact: { mediaType: templateMediaType, objects: 1 },
      held: null,
      lateReferences: [reference],
    });
    expect(templateOf(compiled, "/late")).toMatchObject({
      documents: [
        {
          kind: "ConfigMap",
          name: "web-a",
          text: expect.stringContaining("${S}") as string,
        },
      ],
      sources: [
        { kind: "values", values: { B: "b" } },
        { kind: "late", reference },
        { kind: "values", values: { A: "a" } },
      ],
    });
    expect(compiled.warnings.map(({ reason }) => reason)).toEqual([
      "LateReference",
    ]);
  });

  it.each([
    [
      "a name",
      configMapText("web-${S}"),
      "ConfigMap/web/web-${S}: ${S} stands in its name, kind or namespace, and may be set in the cluster alone",
    ],
    [
      "a bundle",
      fluxText("child", "./child", "  interval: ${S}\n"),
      "Kustomization/flux-system/child: ${S} may be set in the cluster alone, and the hub must read this object",
    ],
  ])("holds a bundle where a late value may change %s", (_, text, message) => {
    const compiled = compiledOk({
      [root]: fluxText(
        "late",
        "./web",
        "  postBuild:\n    substituteFrom:\n      - {kind: Secret, name: s}\n",
      ),
      "web/x.yaml": text,
    });
    const { held } = bundleOf(compiled, "/late").spec;
    expect(held?.reason).toBe("LateVariableInIdentity");
    expect(held?.message).toContain(message);
  });

  it("takes a ConfigMap that late values stand in for late itself", () => {
    const compiled = compiledOk({
      [root]:
        fluxText(
          "settings",
          "./settings",
          "  postBuild:\n    substituteFrom:\n      - {kind: Secret, name: s}\n",
        ) +
        fluxText(
          "web",
          "./web",
          "  postBuild:\n    substituteFrom:\n      - {kind: ConfigMap, name: settings}\n",
        ),
      "settings/cm.yaml":
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  namespace: flux-system\ndata:\n  HOST: ${S}\n",
      "web/cm.yaml": configMapText("web", "{v: '${HOST}'}"),
    });
    expect(bundleOf(compiled, "/web").spec.lateReferences).toEqual([
      {
        kind: "ConfigMap",
        namespace: "flux-system",
        name: "settings",
        optional: false,
      },
    ]);
  });

  const encrypted =
    "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\nstringData:\n  token: ENC[AES256_GCM,data:YQ==,iv:YQ==,tag:YQ==,type:str]\nsops:\n  mac: ENC[AES256_GCM,data:YQ==,iv:YQ==,tag:YQ==,type:str]\n";
  const decryption =
    "  decryption: {provider: sops, secretRef: {name: keys}}\n";

  it("delivers what is encrypted as it stands in Git, and nothing else encrypted", () => {
    const compiled = compiledOk({
      [root]:
        fluxText("secret", "./secret", decryption) +
        fluxText("plain", "./plain", decryption),
      "secret/s.yaml": `# a comment\n${encrypted}`,
      "plain/cm.yaml": configMapText("plain"),
    });
    const { spec } = bundleOf(compiled, "/secret");
    expect(spec).toMatchObject({
      held: null,
      decryption: { secretName: "keys" },
    });
    expect(templateOf(compiled, "/secret")?.documents).toMatchObject([
      { kind: "Secret", name: "s", inGit: `# a comment\n${encrypted}` },
    ]);
    expect(bundleOf(compiled, "/plain").spec.decryption).toBeNull();
    expect(templateOf(compiled, "/plain")).toBeUndefined();
  });

  it("holds what is encrypted where no Secret with a key is named", () => {
    const compiled = compiledOk({
      [root]: fluxText(
        "secret",
        "./secret",
        "  decryption: {provider: sops}\n",
      ),
      "secret/s.yaml": encrypted,
    });
    expect(bundleOf(compiled, "/secret").spec.held).toMatchObject({
      reason: "NotBuiltYet",
      message: expect.stringContaining("secretRef names no Secret") as string,
    });
  });
});

function templateOf(compiled: CompiledOk, name: string): Template | undefined {
  const digest = bundleOf(compiled, name).spec.artifact?.digest ?? "";
  const bytes = compiled.artifacts.get(digest)?.bytes;
  const content = bytes && decodeArtifact(bytes);
  return content?.kind === "template" ? content.template : undefined;
}
