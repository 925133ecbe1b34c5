import { describe, expect, it } from "vitest";
import {
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

  it("holds a late reference, and counts an optional one as empty", () => {
    const compiled = compiledOk({
      [root]:
        fluxText(
          "late",
          "./web",
          "  postBuild:\n    substituteFrom:\n      - {kind: Secret, name: s}\n",
        ) +
        fluxText(
          "optional",
          "./opt",
          "  postBuild:\n    substitute: {A: a}\n    substituteFrom:\n      - {kind: Secret, name: s, optional: true}\n",
        ),
      "web/cm.yaml": configMapText("web"),
      "opt/cm.yaml": configMapText("opt", "{v: '${A}${S}'}"),
    });
    expect(bundleOf(compiled, "/late").spec).toMatchObject({
      artifact: null,
      held: { reason: "LateReference" },
      lateReferences: [
        {
          kind: "Secret",
          namespace: "flux-system",
          name: "s",
          optional: false,
        },
      ],
    });
    expect(objectsOf(compiled, "/optional")[0]?.["data"]).toEqual({ v: "a" });
    expect(compiled.warnings.map(({ reason }) => reason)).toEqual([
      "LateReference",
      "VariableNotSet",
    ]);
  });
});
