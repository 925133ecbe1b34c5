import { describe, expect, it } from "vitest";
import {
  api,
  base,
  clusterText,
  fleetOf,
  problemsOf,
  rolloutText,
  treeOf,
} from "./fleet-files.fixture.ts";
import { parseFleet } from "./parse-fleet.ts";
import { defaultRollout } from "./rollout.ts";

describe("parseFleet", () => {
  it("needs no file at all", () => {
    const result = parseFleet(treeOf({}));
    expect(result).toMatchObject({
      ok: true,
      fleet: {
        clusters: [],
        rollouts: [],
        config: { clustersDir: "fleet/clusters", createNamespaces: "none" },
      },
      warnings: [{ reason: "NoClusters" }],
    });
  });

  it("reads a Cluster with everything in it", () => {
    const [cluster] = fleetOf({
      "fleet/clusters/a.yaml": clusterText(
        "prod-eu-1",
        "production",
        "  variables: {REGION: eu}\n  exposeVariablesAs:\n    - {kind: ConfigMap, namespace: flux-system, name: vars}\n  suspend: true\n  revokedUids: [u-1]\n",
      ),
    }).clusters;
    expect(cluster).toMatchObject({
      name: "prod-eu-1",
      labels: { env: "production" },
      path: "clusters/production",
      pathLocation: { file: "fleet/clusters/a.yaml", line: 7 },
      variables: { REGION: "eu" },
      exposeVariablesAs: [{ namespace: "flux-system", name: "vars" }],
      suspend: true,
      revokedUids: ["u-1"],
      location: { file: "fleet/clusters/a.yaml", line: 1 },
    });
  });

  it("reads every field of a Rollout, and lets waves override", () => {
    const [rollout] = fleetOf({
      ...base,
      "fleet/rollouts/default.yaml": rolloutText(`  scope: {}
  minReady: 5s
  maxUnavailable: 1
  offline: skip
  compileErrors: continue
  waves:
    - name: staging
      clusterSelector: {matchLabels: {env: staging}}
      soak: 1h30m
    - name: production
      clusterSelector:
        matchExpressions:
          - {key: env, operator: In, values: [production]}
      minReady: 500ms
      maxConcurrency: 25%
      maxUnavailable: 10%
      maxFailures: 20%
      offline: count
      approval: manual
      progressDeadline: 1m
  clustersNotMatched: never
  progressDeadline: 45m
  maxFailures: 2
  onFailure: rollback
`),
    }).rollouts;
    expect(rollout).toMatchObject({
      clustersNotMatched: "never",
      compileErrors: "continue",
      onFailure: "rollback",
      waves: [
        {
          name: "staging",
          minReadyMs: 5_000,
          soakMs: 5_400_000,
          maxConcurrency: { kind: "percent", percent: 25 },
          maxUnavailable: { kind: "count", count: 1 },
          maxFailures: { kind: "count", count: 2 },
          offline: "skip",
          approval: "auto",
          progressDeadlineMs: 2_700_000,
        },
        {
          name: "production",
          minReadyMs: 500,
          maxConcurrency: { kind: "percent", percent: 25 },
          maxUnavailable: { kind: "percent", percent: 10 },
          maxFailures: { kind: "percent", percent: 20 },
          offline: "count",
          approval: "manual",
          progressDeadlineMs: 60_000,
        },
      ],
    });
  });

  it("lets maxUnavailable follow maxConcurrency where nobody set it", () => {
    const [rollout] = fleetOf({
      ...base,
      "fleet/rollouts/r.yaml": rolloutText(
        "  waves:\n    - {name: a, clusterSelector: {}, maxConcurrency: 3}\n    - {name: b, clusterSelector: {}}\n",
      ),
    }).rollouts;
    expect(rollout?.waves.map(({ maxUnavailable }) => maxUnavailable)).toEqual([
      { kind: "count", count: 3 },
      { kind: "percent", percent: 25 },
    ]);
  });

  it("has one wave of all clusters by default", () => {
    expect(defaultRollout()).toMatchObject({
      waves: [{ clusterSelector: {}, minReadyMs: 30_000, approval: "auto" }],
      onFailure: "pause",
      compileErrors: "block",
    });
  });

  it("counts clusters that only the API knows", () => {
    const files = {
      "fleet/clusters/a.yaml": clusterText("a", "staging"),
      "fleet/rollouts/r.yaml": rolloutText(
        "  waves:\n    - {name: w, clusterSelector: {matchLabels: {env: edge}}}\n",
      ),
    };
    const [known] = fleetOf(base).clusters;
    const edge = { ...known!, name: "edge-1", labels: { env: "edge" } };
    expect(parseFleet(treeOf(files)).ok).toBe(false);
    expect(parseFleet(treeOf(files), [edge]).ok).toBe(true);
  });
});

describe("parseFleet on bad input", () => {
  const wave = "  waves:\n    - {name: w, clusterSelector: {}}\n";

  it.each([
    [
      "an unknown Rollout field",
      rolloutText(`${wave}  maxUnavailabel: 1\n`),
      "fleet/rollouts/r.yaml:8 Rollout/default UnknownField: spec.maxUnavailabel: unknown field | Did you mean maxUnavailable?",
    ],
    [
      "an unknown field of a wave",
      rolloutText("  waves:\n    - name: w\n      soaking: 1s\n"),
      "fleet/rollouts/r.yaml:8 Rollout/default UnknownField: spec.waves[0].soaking: unknown field",
    ],
    [
      "a scope",
      rolloutText(`${wave}  scope:\n    kustomizations: ["*/webapp-*"]\n`),
      "fleet/rollouts/r.yaml:8 Rollout/default NotBuiltYet: spec.scope: a scope other than {} is not built yet | Write scope: {}, which is the whole fleet",
    ],
    [
      "a selector that matches nothing",
      rolloutText(
        "  waves:\n    - name: canary\n      clusterSelector: {matchLabels: {env: cannary}}\n",
      ),
      "fleet/rollouts/r.yaml:8 Rollout/default SelectorMatchesNothing: spec.waves[0].clusterSelector: wave canary matches no cluster",
    ],
    [
      "a percentage over 100",
      rolloutText(`${wave}  maxFailures: 101%\n`),
      "fleet/rollouts/r.yaml:8 Rollout/default InvalidField: spec.maxFailures: 101% is neither a number nor a percentage from 0% to 100%",
    ],
    [
      "a budget of nothing",
      rolloutText(`${wave}  maxUnavailable: 0\n`),
      "fleet/rollouts/r.yaml:8 Rollout/default InvalidField: spec.maxUnavailable: is 0: no cluster could ever be given anything",
    ],
    [
      "a deadline of nothing",
      rolloutText(`${wave}  progressDeadline: 0s\n`),
      "fleet/rollouts/r.yaml:8 Rollout/default InvalidField: spec.progressDeadline: every cluster would fail: progressDeadline must be longer than minReady",
    ],
    [
      "a deadline before anything can count as Ready",
      rolloutText(`${wave}  minReady: 30m\n`),
      "fleet/rollouts/r.yaml:8 Rollout/default InvalidField: spec.minReady: every cluster would fail: progressDeadline must be longer than minReady",
    ],
    [
      "a word that is none",
      rolloutText(`${wave}  onFailure: rolback\n`),
      'fleet/rollouts/r.yaml:8 Rollout/default InvalidField: spec.onFailure: "rolback" is not one of pause, rollback, continue | Did you mean rollback?',
    ],
    [
      "a duration without a unit",
      rolloutText(`${wave}  minReady: 30\n`),
      "fleet/rollouts/r.yaml:8 Rollout/default InvalidField: spec.minReady: 30 is not a duration | Write a number with ms, s, m or h, such as 30s or 1h30m",
    ],
    [
      "duplicate keys",
      rolloutText(`${wave}  minReady: 1s\n  minReady: 2s\n`),
      'fleet/rollouts/r.yaml:9 fleet/rollouts/r.yaml DuplicateKey: duplicate key "minReady"',
    ],
    [
      "an object of another kind",
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n",
      "fleet/rollouts/r.yaml:1 ConfigMap/x UnexpectedObject: is no Rollout of fleet.wheelhouse.dev/v1alpha1",
    ],
    [
      "no waves",
      rolloutText("  minReady: 1s\n"),
      "fleet/rollouts/r.yaml:5 Rollout/default MissingField: spec.waves: needs at least one wave",
    ],
  ])("refuses %s", (_, text, expected) => {
    expect(problemsOf({ ...base, "fleet/rollouts/r.yaml": text })).toEqual([
      expected,
    ]);
  });

  it.each([
    ["fleet.wheelhouse.dev/v1alpha1", "Clustr", "Cluster"],
    ["fleet.wheelhouse.dev/v1alpha1", "cluster", "Cluster"],
    ["fleet.wheelhouse.dev/v1", "Cluster", "fleet.wheelhouse.dev/v1alpha1"],
    [
      "fleet.weelhouse.dev/v1alpha1",
      "Clusters",
      "fleet.wheelhouse.dev/v1alpha1 Cluster",
    ],
  ])(
    "takes an object of %s and kind %s for a slip",
    (apiVersion, kind, meant) => {
      const files = {
        ...base,
        "fleet/clusters/x.yaml": `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: x}\n`,
      };
      expect(problemsOf(files)).toEqual([
        `fleet/clusters/x.yaml:1 ${kind}/x UnexpectedObject: is no Cluster of fleet.wheelhouse.dev/v1alpha1 | Did you mean ${meant}?`,
      ]);
    },
  );

  it("refuses two clusters of one name", () => {
    const files = {
      ...base,
      "fleet/clusters/c.yaml": clusterText("a", "production"),
    };
    expect(problemsOf(files)).toEqual([
      "fleet/clusters/c.yaml:1 Cluster/a DuplicateName: is also in fleet/clusters/a.yaml:1 | A cluster's name is its role in the fleet: give one another",
    ]);
  });

  it("refuses a second Rollout", () => {
    const text = rolloutText(wave);
    const files = {
      ...base,
      "fleet/rollouts/a.yaml": text,
      "fleet/rollouts/b.yaml": text,
    };
    expect(problemsOf(files)[0]).toContain("NotBuiltYet");
  });

  it("reads what a FleetConfig says of charts, and refuses what is no version", () => {
    const config = (helm: string) => ({
      ...base,
      "wheelhouse.yaml": `${api}kind: FleetConfig\nmetadata: {name: default}\nspec:\n  drift: {helm: warn}\n  helm: ${helm}\n`,
    });
    const read = parseFleet(
      treeOf(config("{kubeVersion: v1.33.4, apiVersions: [example.com/v1]}")),
    );
    expect(read.ok && read.fleet.config).toMatchObject({
      drift: { mode: "enabled", helm: "warn" },
      helm: { kubeVersion: "v1.33.4", apiVersions: ["example.com/v1"] },
    });
    expect(problemsOf(config("{kubeVersion: latest}"))).toEqual([
      "wheelhouse.yaml:6 FleetConfig/default InvalidField: spec.helm.kubeVersion: is no version | Write it like v1.33.4",
    ]);
  });

  it("refuses an ignore rule that would match nothing", () => {
    const files = {
      ...base,
      "wheelhouse.yaml": `${api}kind: FleetConfig\nmetadata: {name: default}\nspec:\n  drift:\n    ignore:\n      - paths: [/spec]\n        target: {name: "("}\n`,
    };
    expect(problemsOf(files)).toEqual([
      "wheelhouse.yaml:7 FleetConfig/default InvalidField: spec.drift.ignore[0]: target.name: ( is not a regular expression that can be used",
    ]);
  });

  it("refuses a root outside the repository", () => {
    const files = {
      "fleet/clusters/a.yaml": `${api}kind: Cluster\nmetadata: {name: a}\nspec:\n  path: ../other\n`,
    };
    expect(problemsOf(files)).toEqual([
      "fleet/clusters/a.yaml:5 Cluster/a PathOutsideRepository: spec.path: ../other lies outside the repository",
    ]);
  });

  it("refuses variables that are no text or have no name", () => {
    const files = {
      "fleet/clusters/a.yaml": `${api}kind: Cluster\nmetadata: {name: a}\nspec:\n  variables:\n    PORT: 80\n    a-b: x\n`,
    };
    expect(problemsOf(files)).toEqual([
      'fleet/clusters/a.yaml:6 Cluster/a InvalidField: spec.variables.PORT: must be text | Write it in quotes: "80"',
      "fleet/clusters/a.yaml:7 Cluster/a InvalidField: spec.variables.a-b: is no name of a variable | Use letters, digits and _, and begin with no digit",
    ]);
  });
});
