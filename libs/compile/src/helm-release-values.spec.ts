import { describe, expect, it } from "vitest";
import {
  compiled,
  releaseText,
  root,
  valuesAsked,
  web,
} from "./helm-release.fixture.ts";
import {
  bundleOf,
  configMapText,
  fluxText,
  said,
} from "./plain-fleet.fixture.ts";

describe("values", () => {
  const base = `---\n${configMapText("base", '{values.yaml: "a: {b: 1, c: 1}\\nd: 1\\n", port: "8080"}').replace("namespace: web", "namespace: apps")}`;

  it("are merged in order, the inline ones last", () => {
    const spec =
      "  valuesFrom:\n    - {kind: ConfigMap, name: base}\n    - {kind: ConfigMap, name: base, valuesKey: port, targetPath: a.port}\n  values: {a: {b: 2, e: null}, d: null}\n";
    expect(valuesAsked(spec, { "clusters/prod/base.yaml": base })).toEqual({
      a: { b: 2, c: 1, port: 8080, e: null },
      d: null,
    });
  });

  it("wait for a ConfigMap that another bundle makes", () => {
    const spec = "  valuesFrom: [{kind: ConfigMap, name: base}]\n";
    const files = {
      "clusters/prod/infra.yaml": fluxText("infra", "./infra"),
      "infra/base.yaml": base,
    };
    expect(valuesAsked(spec, files)).toEqual({ a: { b: 1, c: 1 }, d: 1 });
  });

  it.each([
    [
      "{kind: Secret, name: token}",
      "",
      "LateValues clusters/prod/flux.yaml:9: spec.valuesFrom[0]: Secret/apps/token is not in Git; only the cluster may have it",
    ],
    [
      "{kind: Secret, name: token}",
      "---\napiVersion: v1\nkind: Secret\nmetadata: {name: token, namespace: apps}\nstringData: {values.yaml: 'ENC[x]'}\nsops: {}\n",
      "LateValues clusters/prod/flux.yaml:9: spec.valuesFrom[0]: Secret/apps/token is encrypted in Git, or finished in the cluster",
    ],
    [
      "{kind: ConfigMap, name: base, valuesKey: gone}",
      base,
      "InvalidValues clusters/prod/flux.yaml:9: spec.valuesFrom[0]: ConfigMap/apps/base: has no key gone",
    ],
    [
      "{kind: ConfigMap, name: base, valuesKey: port}",
      base,
      "InvalidValues clusters/prod/flux.yaml:9: spec.valuesFrom[0]: ConfigMap/apps/base: port: is not one map of values",
    ],
  ])("of %s hold the release where they cannot be read", (...row) => {
    const [reference, object, problem] = row;
    const spec = `  valuesFrom: [${reference}]\n`;
    const result = web(spec, undefined, { "clusters/prod/base.yaml": object });
    expect(result.problems.map(said)).toContain(problem);
    expect(bundleOf(result, "/web").spec.held).not.toBeNull();
  });

  it("count as empty where they are optional and not in Git, with a word", () => {
    const spec =
      "  valuesFrom: [{kind: Secret, name: token, optional: true}, {kind: ConfigMap, name: base, valuesKey: gone, optional: true}]\n  values: {a: 1}\n";
    const files = { "clusters/prod/base.yaml": base };
    expect(valuesAsked(spec, files)).toEqual({ a: 1 });
    expect(web(spec, undefined, files).warnings.map(said)).toContain(
      "LateValues clusters/prod/flux.yaml:9: spec.valuesFrom[0]: Secret/apps/token is not in Git, is optional, and counts as empty",
    );
  });

  it("of files stand in the place of the chart's own", () => {
    const text = releaseText().replace(
      "chart: ./charts/web,",
      "chart: ./charts/web, valuesFiles: [charts/web/values.yaml, prod.yaml, gone.yaml], ignoreMissingValuesFiles: true,",
    );
    const { asked } = compiled({ [root]: text, "prod.yaml": "b: 2\n" });
    const file = asked[0]?.files.find(
      ({ path }) => path === "chart/values.yaml",
    );
    expect(Buffer.from(file?.bytes ?? []).toString()).toBe(
      '{"b":2,"replicas":1}',
    );
    const strict = compiled({ [root]: text.replace(", ignoreMissing", ", x") });
    expect(strict.compiled.problems.map(({ reason }) => reason)).toContain(
      "UnknownField",
    );
  });
});
