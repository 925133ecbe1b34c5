const kustomization = (
  name,
  { labels, generation = 1, observed = 1, ready = "True" },
) => ({
  apiVersion: "kustomize.toolkit.fluxcd.io/v1",
  kind: "Kustomization",
  metadata: { name, namespace: "shop", generation, ...(labels && { labels }) },
  spec: { path: `./${name}`, interval: "10m", prune: true },
  status: {
    observedGeneration: observed,
    conditions: [
      { type: "Ready", status: ready, reason: "ReconciliationSucceeded" },
    ],
  },
});

const self = kustomization("web", { labels: { "app/version": "v1.2.3" } });
const deps = [
  ["ready", kustomization("db", { labels: { "app/version": "v1.2.3" } })],
  [
    "not ready",
    kustomization("db", {
      labels: { "app/version": "v1.2.3" },
      ready: "False",
    }),
  ],
  [
    "of another version",
    kustomization("db", { labels: { "app/version": "v1.2.2" } }),
  ],
  ["without labels", kustomization("db", {})],
  ["not observed", kustomization("db", { generation: 2 })],
];

const expressions = [
  "dep.metadata.labels['app/version'] == self.metadata.labels['app/version'] && dep.status.conditions.filter(e, e.type == 'Ready').all(e, e.status == 'True') && dep.metadata.generation == dep.status.observedGeneration",
  "dep.metadata.labels['app/version'] == self.metadata.labels['app/version']",
  "dep.status.conditions.exists(e, e.type == 'Ready' && e.status == 'True')",
  "has(dep.metadata.labels) && 'app/version' in dep.metadata.labels",
  "dep.metadata.generation == dep.status.observedGeneration",
  "dep.metadata.?labels[?'app/version'].orValue('none') != 'none'",
  "true",
];

const refused = [
  "self.generation == deps.generation",
  "status.phase == 'Ready'",
  "self.metadata.name",
  "'yes'",
  "1",
  "unknown(dep)",
  "size(dep.metadata) > 'x'",
  "dep.metadata.name.unknown()",
  "true && 1",
  "dep.",
  "dep.metadata.labels[self.metadata.name",
  "[1, 'a'].size() == 2",
  "has(dep)",
  "dep.status.conditions.all(e, x.status == 'True')",
];

/** `readyExpr` with the two sides that they are asked about. */
export const dependencyQuestions = [
  ...expressions.flatMap((readyExpr) =>
    deps.map(([name, dep]) => [
      `${readyExpr} (${name})`,
      { readyExpr, self, dep },
    ]),
  ),
  ...refused.map((readyExpr) => [
    readyExpr,
    { readyExpr, self, dep: deps[0][1] },
  ]),
];
