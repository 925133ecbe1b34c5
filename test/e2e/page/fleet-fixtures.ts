import {
  type AssignmentView,
  type BundleView,
  type ClusterView,
  type DriftView,
  type FleetView,
  type RevisionView,
  type RolloutView,
  type VerdictName,
  type WaveView,
} from "@wheelhouse/rest-api";

/** When all fixtures take place: the moment that this file is loaded. */
const now = Date.now();

/** RFC 3339, so many seconds before the fixtures' present. */
export const ago = (seconds: number) =>
  new Date(now - seconds * 1000).toISOString();

const minute = 60;
const hour = 3600;
const day = 86_400;

const digest = (seed: string) => {
  let text = "";
  for (let index = 0; text.length < 64; index += 1) {
    let hash = 2166136261 ^ index;
    for (const letter of seed) {
      hash = Math.imul(hash ^ letter.charCodeAt(0), 16777619) >>> 0;
    }
    text += hash.toString(16).padStart(8, "0");
  }
  return text;
};

/** A revision by its subject; its commit follows from it. */
export const revision = (subject: string, seconds: number): RevisionView => ({
  commit: digest(subject).slice(0, 40),
  branch: "main",
  subject,
  author: "platform",
  committedAt: ago(seconds),
});

export const newest = revision("podinfo 6.9.1", 12 * minute);
export const former = revision("podinfo 6.9.0", 2 * day);

const chain = [
  ["(root)", []],
  ["infra-policies", []],
  ["webapp-common", []],
  ["webapp-backend", ["webapp-common"]],
  ["webapp-frontend", ["webapp-backend"]],
] as const;

const bundleId = (name: string) => `Kustomization/flux-system/${name}`;

/** A bundle that is Converged, but for what is said. */
export const bundle = (
  name: string,
  change: Partial<BundleView> = {},
): BundleView => ({
  bundle: bundleId(name),
  verdict: "Converged",
  since: ago(2 * day),
  message: "",
  digest: `sha256:${digest(name)}`,
  applied: `sha256:${digest(name)}`,
  commit: newest.commit,
  objects: { total: 4, ready: 4 },
  dependsOn: (chain.find(([own]) => own === name)?.[1] ?? []).map(bundleId),
  suspended: false,
  notReady: [],
  ...change,
});

/** What an assignment has come to: how many of the five facts hold. */
export const assignment = (
  at: RevisionView,
  facts: 1 | 2 | 3 | 4 | 5,
  seq = 7,
): AssignmentView => ({
  epoch: 1,
  seq,
  root: `sha256:${digest(`root of ${at.commit}`)}`,
  commit: at.commit,
  issuedAt: ago(11 * minute),
  acknowledged: facts > 1,
  applied: facts > 2,
  ready: facts > 3,
  confirmed: facts > 4,
});

const webappNames = chain.map(([name]) => name);

/** A cluster that is Converged at the newest revision, but for what is said. */
export const cluster = (
  name: string,
  wave: string,
  change: Partial<ClusterView> = {},
): ClusterView => {
  const at = change.assignment ?? assignment(newest, 5);
  return {
    name,
    uid: `0b7c${digest(name).slice(0, 4)}-4c1d-4a57-9d20-${digest(name).slice(8, 20)}`,
    phase: "Joined",
    labels: {
      env: name.startsWith("staging") ? "staging" : "production",
      region: name.split("-")[1] ?? "eu",
    },
    source: "git",
    suspended: false,
    verdict: "Converged",
    since: ago(11 * minute),
    message: "",
    wave,
    assignment: at,
    reportedRoot: at.root,
    reportedAt: ago(41),
    confirmedRoot: at.confirmed ? at.root : `sha256:${digest("before")}`,
    spoke: {
      connected: true,
      lastHeard: ago(3),
      version: "0.1.0",
      kubeVersion: "v1.34.1",
      certificateNotAfter: ago(-19 * hour),
      suspectedClone: false,
    },
    bundles: webappNames.map((own) => bundle(own, { commit: at.commit })),
    driftCount: 0,
    pruneHolds: 0,
    repoint: null,
    ...change,
  };
};

/** A cluster's bundles with one of them changed. */
export const withBundle = (
  bundles: readonly BundleView[],
  name: string,
  change: Partial<BundleView>,
): readonly BundleView[] =>
  bundles.map((own) =>
    own.bundle === bundleId(name) ? { ...own, ...change } : own,
  );

/** A wave whose clusters are all confirmed, but for what is said. */
export const wave = (
  name: string,
  clusters: readonly string[],
  change: Partial<WaveView> = {},
): WaveView => ({
  name,
  state: "completed",
  clusters: clusters.map((own) => ({
    name: own,
    stage: "confirmed",
    message: "",
  })),
  confirmed: clusters.length,
  total: clusters.length,
  soakMs: 600_000,
  soakedMs: 600_000,
  gate: "",
  needsApproval: false,
  approvedBy: null,
  ...change,
});

/** A rollout of the newest revision that is done, but for what is said. */
export const rollout = (change: Partial<RolloutView> = {}): RolloutView => ({
  name: "default",
  phase: "Completed",
  reason: "",
  generation: 4,
  revision: newest,
  previous: former,
  rejected: [],
  returning: false,
  startedAt: ago(12 * minute),
  completedAt: ago(2 * minute),
  waves: [
    wave("staging", ["staging-1"]),
    wave("canary", ["prod-eu-1"]),
    wave("production", ["prod-us-1"]),
  ],
  ...change,
});

/** A fleet of three clusters that is Converged, but for what is said. */
export const fleet = (change: Partial<FleetView> = {}): FleetView => ({
  fleet: "example",
  hubVersion: "0.1.0",
  now: ago(0),
  epoch: 1,
  git: {
    url: "http://127.0.0.1:7790/fleet.git",
    branch: "main",
    lastPolledAt: ago(8),
    problem: null,
  },
  head: newest,
  refused: null,
  rollouts: [rollout()],
  clusters: [
    cluster("staging-1", "staging"),
    cluster("prod-eu-1", "canary"),
    cluster("prod-us-1", "production"),
  ],
  drift: [],
  prunes: [],
  problems: [],
  notices: [],
  ...change,
});

/** One drift: replicas scaled by hand, healed. */
export const drift = (change: Partial<DriftView> = {}): DriftView => ({
  cluster: "prod-eu-1",
  bundle: bundleId("webapp-frontend"),
  object: {
    group: "apps",
    kind: "Deployment",
    namespace: "webapp",
    name: "frontend",
  },
  missing: false,
  fields: [{ path: "spec.replicas", wanted: "2", found: "5" }],
  writer: "kubectl-edit",
  firstSeen: ago(44),
  lastSeen: ago(44),
  times: 1,
  state: "healed",
  message: "",
  ...change,
});

/** What a cluster's verdict and age are in a large fleet: most are well, some of every kind are not. */
export const mixedVerdict = (index: number): VerdictName => {
  if (index % 97 === 5) return "Unreachable";
  if (index % 83 === 7) return "Stale";
  if (index % 61 === 9) return "Held";
  if (index % 53 === 11) return "Degraded";
  if (index % 41 === 13) return "Drifted";
  if (index % 17 === 3) return "Progressing";
  return "Converged";
};
