import { describe, expect, it } from "vitest";
import {
  api,
  base,
  clusterText,
  problemsOf,
  rolloutText,
  treeOf,
} from "./fleet-files.fixture.ts";
import { parseFleet } from "./parse-fleet.ts";

const rollout = "fleet/rollouts/r.yaml";
const waves = (...envs: readonly string[]) =>
  rolloutText(
    `  waves:\n${envs.map((env) => `    - {name: ${env}, clusterSelector: {matchLabels: {env: ${env}}}}\n`).join("")}`,
  );

const clusterWith = (metadata: string) =>
  `${api}kind: Cluster\nmetadata:\n  name: c\n${metadata}spec: {}\n`;

describe("labels of a Cluster", () => {
  const rule =
    "at most 63 of A-Z, a-z, 0-9, -, _ and ., with a letter or digit first and last";
  const advice = "Selectors and the API take labels by Kubernetes' rules alone";

  it("follow Kubernetes' rules for key and value, each told at its line", () => {
    const text = clusterWith(
      '  labels:\n    env: "b d"\n    -x: a\n    fine: ""\n    Example.com/a: b\n',
    );
    expect(problemsOf({ ...base, "fleet/clusters/c.yaml": text })).toEqual([
      `fleet/clusters/c.yaml:6 Cluster/c InvalidField: metadata.labels.env: "b d": a value is empty, or ${rule} | ${advice}`,
      `fleet/clusters/c.yaml:7 Cluster/c InvalidField: metadata.labels.-x: "a": a key is ${rule} | ${advice}`,
      `fleet/clusters/c.yaml:9 Cluster/c InvalidField: metadata.labels.Example.com/a: "b": a key's prefix is a DNS name: at most 253 of a-z, 0-9, - and . | ${advice}`,
    ]);
  });

  it("are not lost by a typing error", () => {
    const text = clusterWith("  lables: {env: x}\n");
    expect(problemsOf({ ...base, "fleet/clusters/c.yaml": text })).toEqual([
      "fleet/clusters/c.yaml:5 Cluster/c UnknownField: metadata.lables: unknown field | Did you mean labels?",
    ]);
  });

  it("may stand beside what Kubernetes has in metadata", () => {
    const text = clusterWith(
      "  namespace: x\n  annotations: {a: b}\n  creationTimestamp: null\n",
    );
    expect(problemsOf({ ...base, "fleet/clusters/c.yaml": text })).toEqual([]);
  });
});

describe("one mistake hides no other", () => {
  it("in one object", () => {
    const text = rolloutText(
      "  waves:\n    - {name: a, clusterSelector: {matchLabels: {env: staging}}, soak: 5}\n    - {name: a, clusterSelector: {}, offline: never}\n  maxFailures: 120%\n  minRedy: 1s\n",
    );
    const said = problemsOf({ ...base, [rollout]: text });
    expect(said.map((line) => line.split(": ")[0])).toEqual([
      `${rollout}:10 Rollout/default UnknownField`,
      `${rollout}:9 Rollout/default InvalidField`,
      `${rollout}:7 Rollout/default InvalidField`,
      `${rollout}:8 Rollout/default InvalidField`,
      `${rollout}:8 Rollout/default DuplicateName`,
    ]);
  });

  it("in one file: a document that is no YAML, one with keys twice, one with a wrong field", () => {
    const files = {
      ...base,
      "fleet/clusters/more.yaml": [
        `${api}kind: Cluster\nmetadata: {name: c\nspec: {}\n`,
        `${api}kind: Cluster\nmetadata: {name: d, name: e}\nspec: {path: a, path: b}\n`,
        clusterText("f", "staging", "  suspended: true\n"),
      ].join("---\n"),
    };
    expect(problemsOf(files).map((line) => line.split(": ")[0])).toEqual([
      "fleet/clusters/more.yaml:4 fleet/clusters/more.yaml InvalidYaml",
      "fleet/clusters/more.yaml:8 fleet/clusters/more.yaml DuplicateKey",
      "fleet/clusters/more.yaml:9 fleet/clusters/more.yaml DuplicateKey",
      "fleet/clusters/more.yaml:18 Cluster/f UnknownField",
    ]);
  });

  it("in the fleet: FleetConfig, Cluster and Rollout are each told of", () => {
    const files = {
      ...base,
      "wheelhouse.yaml": `${api}kind: FleetConfig\nmetadata: {name: default}\nspec: {drfit: {}}\n`,
      "fleet/clusters/c.yaml": clusterText("c", "staging", "  pth: x\n"),
      [rollout]: rolloutText("  waves: []\n"),
    };
    expect(
      problemsOf(files).map((line) => line.split(" ").slice(0, 3).join(" ")),
    ).toEqual([
      "wheelhouse.yaml:4 FleetConfig/default UnknownField:",
      "fleet/clusters/c.yaml:8 Cluster/c UnknownField:",
      `${rollout}:6 Rollout/default MissingField:`,
    ]);
  });

  it("beyond 50, of which there is a word", () => {
    const fields = Array.from({ length: 60 }, (_, at) => `  no${at}: 1\n`);
    const text = clusterText("c", "staging", fields.join(""));
    const said = problemsOf({ ...base, "fleet/clusters/c.yaml": text });
    expect(said).toHaveLength(51);
    expect(said.at(49)).toMatch(/^fleet\/clusters\/c.yaml:57 /);
    expect(said.at(50)).toContain(
      "MoreProblems: 10 more problems with its fleet objects are not listed",
    );
  });
});

describe("one mistake brings no other", () => {
  it.each([
    ["is no YAML", clusterText("c", "edge").replace("labels:", "labels")],
    ["has a label that is no text", clusterText("c", "edge, n: 1")],
    ["has a label against the rules", clusterText("c", "edge, n: -")],
    ["has its labels misspelt", clusterWith("  lables: {env: edge}\n")],
    [
      "is of no kind of ours",
      clusterText("c", "edge").replace("Cluster", "Clsuter"),
    ],
  ])("where a Cluster %s, no selector is called idle", (_, text) => {
    const files = {
      ...base,
      "fleet/clusters/c.yaml": text,
      [rollout]: waves("staging", "edge"),
    };
    const said = problemsOf(files);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain("fleet/clusters/c.yaml:");
  });

  it("counts a Cluster whose labels can be read, and still finds the selector that matches nothing", () => {
    const files = {
      ...base,
      "fleet/clusters/c.yaml": clusterText("c", "edge", "  pth: x\n"),
      [rollout]: waves("edge", "egde"),
    };
    expect(problemsOf(files).map((line) => line.split(": ")[1])).toEqual([
      "spec.pth",
      "spec.waves[1].clusterSelector",
    ]);
  });

  it("where the FleetConfig cannot be read, no selector is called idle", () => {
    const config = `${api}kind: FleetConfig\nmetadata: {name: d}\nspec: {clusters: {dri: x}}\n`;
    const files = {
      ...base,
      "wheelhouse.yaml": config,
      [rollout]: waves("edge"),
    };
    expect(problemsOf(files)).toHaveLength(1);
  });

  it("where a selector itself is wrong, it is not called idle besides", () => {
    const text = rolloutText(
      "  waves:\n    - name: a\n      clusterSelector:\n        matchExpressions:\n          - {key: env, operator: In, values: [x, 1]}\n",
    );
    expect(problemsOf({ ...base, [rollout]: text })).toEqual([
      `${rollout}:10 Rollout/default InvalidField: spec.waves[0].clusterSelector.matchExpressions[0].values[1]: must be text | Write it in quotes: "1"`,
    ]);
  });

  it.each(["spec: []\n", "spec: {waves: {}}\n"])(
    "where %j, no wave is missed besides",
    (spec) => {
      const text = `${api}kind: Rollout\nmetadata: {name: default}\n${spec}`;
      expect(problemsOf({ ...base, [rollout]: text })).toHaveLength(1);
    },
  );
});

describe("what can be read of a fleet with a mistake", () => {
  it("is every cluster that nothing is wrong with", () => {
    const bad = clusterText("c", "staging", "  pth: x\n");
    const result = parseFleet(
      treeOf({ ...base, "fleet/clusters/c.yaml": bad }),
    );
    expect(result).toMatchObject({
      ok: false,
      readable: { clusters: [{ name: "a" }, { name: "b" }] },
    });
  });

  it("is nothing where the FleetConfig has one, since it may say anything", () => {
    const config = `${api}kind: FleetConfig\nmetadata: {name: d}\nspec: {rotPath: x}\n`;
    const result = parseFleet(treeOf({ ...base, "wheelhouse.yaml": config }));
    expect("readable" in result).toBe(false);
  });
});
