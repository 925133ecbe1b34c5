import {
  type ClusterView,
  type FleetView,
  type RolloutView,
} from "@wheelhouse/rest-api";
import {
  ago,
  assignment,
  bundle,
  cluster,
  drift,
  fleet,
  former,
  mixedVerdict,
  newest,
  revision,
  rollout,
  wave,
  withBundle,
} from "./fleet-fixtures.ts";

const minute = 60;
const healthy = fleet();

const canaryBase = cluster("prod-eu-1", "canary", {
  assignment: assignment(newest, 3),
});

const canary: ClusterView = {
  ...canaryBase,
  verdict: "Progressing",
  since: ago(40),
  message: "webapp-frontend: 1 of 2 replicas available",
  bundles: withBundle(canaryBase.bundles, "webapp-frontend", {
    verdict: "Progressing",
    since: ago(40),
    message: "1 of 2 replicas available",
    objects: { total: 3, ready: 2 },
    notReady: [
      {
        object: {
          group: "apps",
          kind: "Deployment",
          namespace: "webapp",
          name: "frontend",
        },
        status: "InProgress",
        message: "Available: 1/2",
      },
    ],
  }),
};

const behind = cluster("prod-us-1", "production", {
  assignment: assignment(former, 5, 6),
  since: ago(2 * 86_400),
});

/** Staging is done, the canary is on its way, production waits for a person. */
const midway = fleet({
  clusters: [cluster("staging-1", "staging"), canary, behind],
  rollouts: [
    rollout({
      phase: "Progressing",
      completedAt: null,
      waves: [
        wave("staging", ["staging-1"]),
        wave("canary", [], {
          state: "open",
          clusters: [
            {
              name: "prod-eu-1",
              stage: "applied",
              message:
                "webapp-frontend not Ready for 40s (timeout in 2m20s): 1 of 2 replicas available",
            },
          ],
          confirmed: 0,
          total: 1,
          soakMs: 1_800_000,
          soakedMs: 0,
          gate: "1 of 1 clusters not confirmed",
        }),
        wave("production", [], {
          state: "waiting",
          clusters: [{ name: "prod-us-1", stage: "waiting", message: "" }],
          confirmed: 0,
          total: 1,
          soakedMs: 0,
          gate: "waits for wave canary",
          needsApproval: true,
        }),
      ],
    }),
  ],
  drift: [
    drift(),
    drift({
      cluster: "staging-1",
      firstSeen: ago(3 * 3600),
      lastSeen: ago(3 * 3600),
      times: 3,
      writer: "helm",
      fields: [
        {
          path: "spec.template.spec.containers[frontend].image",
          wanted: "registry.example/podinfo:6.9.1",
          found: "registry.example/podinfo:latest",
        },
      ],
    }),
  ],
});

const bad = revision("podinfo 6.10.0: new cache", 6 * minute);

const stagingBase = cluster("staging-1", "staging", {
  assignment: assignment(bad, 3, 8),
});

const failing: ClusterView = {
  ...stagingBase,
  verdict: "Degraded",
  since: ago(3 * minute),
  message: "webapp-backend: ImagePullBackOff",
  bundles: withBundle(
    withBundle(stagingBase.bundles, "webapp-frontend", {
      verdict: "Held",
      since: ago(5 * minute),
      message: "waits for webapp-backend",
      commit: newest.commit,
    }),
    "webapp-backend",
    {
      verdict: "Degraded",
      since: ago(3 * minute),
      message: "Deployment webapp/backend: not Ready at its timeout of 3m",
      objects: { total: 4, ready: 2 },
      notReady: [
        {
          object: {
            group: "apps",
            kind: "Deployment",
            namespace: "webapp",
            name: "backend",
          },
          status: "Failed",
          message:
            "ProgressDeadlineExceeded: 0 of 2 updated replicas available",
        },
        {
          object: {
            group: "autoscaling",
            kind: "HorizontalPodAutoscaler",
            namespace: "webapp",
            name: "backend",
          },
          status: "InProgress",
          message: "",
        },
      ],
    },
  ),
};

/** A bad commit stopped at staging; production is untouched, and another commit cannot be built. */
const halted = fleet({
  head: bad,
  clusters: [
    failing,
    cluster("prod-eu-1", "canary"),
    cluster("prod-us-1", "production"),
  ],
  rollouts: [
    rollout({
      phase: "Halted",
      reason:
        "1 of 1 clusters of wave staging failed, more than maxFailures 0: push a fix, or wheelhouse rollout undo default",
      revision: bad,
      previous: newest,
      rejected: [revision("podinfo 6.8.0", 9 * 86_400).commit],
      startedAt: ago(6 * minute),
      completedAt: null,
      waves: [
        wave("staging", [], {
          state: "open",
          clusters: [
            {
              name: "staging-1",
              stage: "failed",
              message: "webapp-backend not Ready at its timeout of 3m",
            },
          ],
          confirmed: 0,
          total: 1,
          soakedMs: 0,
          gate: "1 of 1 clusters not confirmed",
        }),
        wave("canary", [], {
          state: "waiting",
          clusters: [{ name: "prod-eu-1", stage: "waiting", message: "" }],
          confirmed: 0,
          total: 1,
          soakedMs: 0,
          gate: "waits for wave staging",
        }),
        wave("production", [], {
          state: "waiting",
          clusters: [{ name: "prod-us-1", stage: "waiting", message: "" }],
          confirmed: 0,
          total: 1,
          soakedMs: 0,
          gate: "waits for wave staging",
          needsApproval: true,
        }),
      ],
    }),
  ],
  problems: [
    {
      severity: "error",
      reason: "cannot be built at 4f2c91d0",
      subject: "clusters/production",
      message:
        "Kustomization flux-system/webapp-backend: dependsOn flux-system/webapp-comon does not exist in this cluster",
      file: "apps/webapp/flux/webapp.yaml",
      line: 21,
      advice:
        "Did you mean webapp-common?  Check before you push: wheelhouse validate . --cluster prod-eu-1",
      clusters: ["prod-eu-1", "prod-us-1"],
    },
    {
      severity: "warning",
      reason: "LateReference",
      subject: "Kustomization flux-system/webapp-frontend",
      message:
        "substituteFrom: optional Secret is not in Git and counts as empty",
      file: "apps/webapp/flux/webapp.yaml",
      line: 59,
      clusters: [],
    },
  ],
  notices: [
    "delegation of epoch 1 ends in 27d: wheelhouse hub delegate --data DIR --root-key FILE",
  ],
});

const scaled = { path: "spec.replicas", wanted: "2", found: "5" };

/** Drift of every kind, and deletions that are held. */
const drifting = fleet({
  clusters: [
    cluster("staging-1", "staging"),
    cluster("prod-eu-1", "canary", {
      verdict: "Drifted",
      since: ago(44),
      message: "webapp-frontend: 1 object differs",
      driftCount: 2,
      pruneHolds: 1,
      bundles: withBundle(canaryBase.bundles, "webapp-frontend", {
        verdict: "Drifted",
        since: ago(44),
        message: "Deployment webapp/frontend: spec.replicas is 5, wanted 2",
      }),
    }),
    cluster("prod-us-1", "production", { driftCount: 1 }),
  ],
  drift: [
    drift({
      state: "blocked",
      message: "kubectl-edit owns spec.paused, which was never applied by us",
    }),
    drift({ cluster: "prod-us-1", fields: [scaled], times: 4 }),
    drift({
      cluster: "prod-eu-1",
      state: "open",
      missing: true,
      writer: null,
      firstSeen: ago(2),
      lastSeen: ago(1),
      object: {
        group: "",
        kind: "ConfigMap",
        namespace: "webapp",
        name: "<img src=x onerror=alert(1)>",
      },
    }),
    drift({
      cluster: "staging-1",
      state: "reported",
      bundle: "Kustomization/flux-system/infra-policies",
      object: {
        group: "",
        kind: "ResourceQuota",
        namespace: "webapp",
        name: "compute",
      },
      fields: [
        { path: "spec.hard.limits.memory", wanted: "8Gi", found: "16Gi" },
        { path: "spec.hard.pods", wanted: null, found: "50" },
      ],
      writer: "terraform",
      firstSeen: ago(26 * 3600),
      times: 1,
    }),
  ],
  prunes: [
    {
      cluster: "prod-eu-1",
      bundle: "Kustomization/flux-system/webapp-common",
      object: { group: "", kind: "Namespace", namespace: "", name: "legacy" },
      reason: "a namespace with objects that are not ours",
      message: "3 objects in it have another owner",
      commit: newest.commit,
      approved: false,
    },
  ],
});

/** One cluster fell silent, one is being replaced, one has never joined. */
const unreachable = fleet({
  clusters: [
    cluster("staging-1", "staging"),
    cluster("prod-eu-1", "canary", {
      verdict: "Unreachable",
      since: ago(8 * minute),
      message: "not heard of for 13m",
      spoke: {
        ...canaryBase.spoke,
        connected: false,
        lastHeard: ago(13 * minute),
      },
    }),
    cluster("prod-us-1", "production", {
      repoint: {
        startedAt: ago(9 * minute),
        formerUid: "1f0e7a52-9c44-4b0a-a0d6-4be1f1a5c9d3",
        formerRoot: assignment(newest, 5).root,
        root: assignment(newest, 5).root,
        sameRoot: true,
        differing: [],
        readyAt: ago(8 * minute),
      },
    }),
    cluster("prod-ap-1", "production", {
      phase: "Pending",
      verdict: "Unreachable",
      message: "has never joined",
      assignment: null,
      confirmedRoot: null,
      reportedRoot: null,
      reportedAt: null,
      bundles: [],
      spoke: {
        ...canaryBase.spoke,
        connected: false,
        lastHeard: null,
        version: "",
        kubeVersion: "",
        certificateNotAfter: null,
      },
    }),
  ],
});

const teams = ["cart", "search", "billing", "media", "auth", "mail", "ops"];
const wideBundles = ["(root)", "infra-policies", "cert-manager", "ingress"];
for (const team of teams) wideBundles.push(`${team}-common`, `${team}-api`);

function largeCluster(index: number): ClusterView {
  const verdict = mixedVerdict(index);
  const region = ["eu", "us", "ap"][index % 3] ?? "eu";
  const waveName =
    index < 20 ? "staging" : index < 60 ? "canary" : "production";
  const isSilent = verdict === "Stale" || verdict === "Unreachable";
  const base = cluster(
    `${index < 20 ? "staging" : "edge"}-${region}-${index + 1}`,
    waveName,
  );
  const heard = verdict === "Unreachable" ? 900 + index : 60 + index / 4;
  return {
    ...base,
    verdict,
    since: ago(30 + ((index * 7919) % 90_000)),
    message: verdict === "Converged" ? "" : `${verdict} for a reason`,
    spoke: {
      ...base.spoke,
      connected: !isSilent,
      lastHeard: isSilent ? ago(heard) : ago(2),
    },
    bundles: wideBundles.map((name, place) =>
      bundle(name, {
        since: ago(30 + ((index * 7919 + place * 131) % 400_000)),
        ...(verdict !== "Converged" && !isSilent && place === index % 18
          ? { verdict, objects: { total: 6, ready: 1 + (index % 4) } }
          : {}),
      }),
    ),
  };
}

function largeFleet(size: number): FleetView {
  const clusters = Array.from({ length: size }, (_, i) => largeCluster(i));
  const named = (name: string) =>
    clusters.filter((own) => own.wave === name).map((own) => own.name);
  const late = clusters.filter((own) => own.wave === "production");
  return fleet({
    fleet: "edge",
    clusters,
    rollouts: [
      rollout({
        phase: "Progressing",
        completedAt: null,
        waves: [
          wave("staging", named("staging")),
          wave("canary", named("canary"), {
            approvedBy: "release-manager",
          }),
          wave("production", [], {
            state: "open",
            clusters: late.map(({ name, verdict }, index) => ({
              name,
              stage:
                verdict === "Unreachable"
                  ? "offline"
                  : index < 190
                    ? "confirmed"
                    : index < 210
                      ? "applied"
                      : index < 222
                        ? "issued"
                        : "waiting",
              message: verdict === "Unreachable" ? "offline: wait" : "",
            })),
            confirmed: Math.min(190, late.length),
            total: late.length,
            soakedMs: 0,
          }),
        ],
      }),
    ],
    drift: Array.from({ length: 600 }, (_, index) =>
      drift({
        cluster: `edge-eu-${(index % 400) + 61}`,
        lastSeen: ago(index * 50),
        firstSeen: ago(index * 50),
      }),
    ),
  });
}

/** Nothing but a hub. */
const empty = fleet({
  head: null,
  rollouts: [],
  clusters: [],
});

const undone = revision("podinfo 6.10.0-bad", 4 * minute);

/** The end of the demo: the newest commit was rejected, and every cluster is back. */
const rejected = fleet({
  head: undone,
  rollouts: [
    rollout({
      reason: `stays at ${newest.commit.slice(0, 8)}, since ${undone.commit.slice(0, 8)} was rejected: push another commit, or wheelhouse rollout resume default --revision ${undone.commit.slice(0, 8)}`,
      rejected: [undone.commit],
      returning: true,
    }),
  ],
});

const underWay = (change: Partial<RolloutView>) =>
  rollout({
    phase: "Progressing",
    completedAt: null,
    waves: [
      wave("staging", [], {
        state: "open",
        clusters: [{ name: "staging-1", stage: "applied", message: "" }],
        confirmed: 0,
        total: 1,
        soakedMs: 0,
      }),
      ...["canary", "production"].map((name) =>
        wave(name, [], {
          state: "waiting",
          clusters: [
            {
              name: name === "canary" ? "prod-eu-1" : "prod-us-1",
              stage: "waiting",
              message: "",
            },
          ],
          confirmed: 0,
          total: 1,
          soakedMs: 0,
          gate: "waits for wave staging",
        }),
      ),
    ],
    ...change,
  });

const stagingAt = (at: typeof newest, rest: typeof newest) => [
  cluster("staging-1", "staging", { assignment: assignment(at, 3, 8) }),
  cluster("prod-eu-1", "canary", { assignment: assignment(rest, 5) }),
  cluster("prod-us-1", "production", { assignment: assignment(rest, 5) }),
];

/** On the way back from a commit that reached one cluster. */
const returning = fleet({
  head: undone,
  clusters: stagingAt(undone, newest),
  rollouts: [underWay({ rejected: [undone.commit], returning: true })],
});

/** The newest commit does not compile: it never started. */
const blocked = fleet({
  head: undone,
  rollouts: [
    underWay({
      phase: "Blocked",
      reason:
        "Kustomization flux-system/webapp-backend: dependsOn flux-system/webapp-comon does not exist in this cluster",
      revision: undone,
      previous: newest,
    }),
  ],
});

/** A newer commit cannot be read as a fleet at all. */
const refused = fleet({
  refused: undone,
  problems: [
    {
      severity: "error",
      reason: "DuplicateCluster",
      subject: "Cluster prod-eu-1",
      message: "is there twice",
      file: "fleet/clusters/prod-eu-2.yaml",
      line: 4,
      clusters: [],
      commit: undone.commit,
    },
  ],
});

/** Paused by a person, and a newer commit waits. */
const paused = fleet({
  head: undone,
  clusters: stagingAt(newest, former),
  rollouts: [underWay({ phase: "Paused", reason: "paused by ops" })],
});

const aborted = fleet({
  clusters: stagingAt(newest, former),
  rollouts: [
    underWay({
      phase: "Aborted",
      reason: "aborted by ops; clusters stay where they are",
    }),
  ],
});

/** A commit, and no rollout yet. */
const unbegun = fleet({ rollouts: [] });

/** What the page is looked at with, by name. */
export const stories = {
  healthy,
  midway,
  halted,
  drifting,
  unreachable,
  rejected,
  returning,
  blocked,
  refused,
  paused,
  aborted,
  unbegun,
  empty,
  large: largeFleet(500),
} as const;

export type StoryName = keyof typeof stories;
