import {
  type ClusterView,
  type FleetView,
  type RolloutView,
} from "@wheelhouse/rest-api";
import { createPalette } from "../terminal/palette.ts";

/** No terminal: no colours. */
export const palette = createPalette({ isTTY: false }, {});
/** A table as it is by default. */
export const look = { palette, wide: false, noHeaders: false };
/** The time at which the fleet is looked at. */
export const now = "2026-03-01T12:00:00Z";

/** The commit that is rolled out. */
export const revision = {
  commit: "4f2c91d0aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  branch: "main",
  subject: "podinfo 6.9.1",
  author: "dev",
  committedAt: "2026-03-01T11:48:00Z",
};

/** A rollout in the second of three waves; the third needs approval. */
export const rollout: RolloutView = {
  name: "default",
  phase: "Progressing",
  reason: "",
  generation: 3,
  revision,
  previous: null,
  rejected: [],
  returning: false,
  startedAt: now,
  completedAt: null,
  waves: [
    {
      name: "staging",
      state: "completed",
      clusters: [{ name: "staging-1", stage: "confirmed", message: "" }],
      confirmed: 1,
      total: 1,
      soakMs: 600_000,
      soakedMs: 600_000,
      gate: "",
      needsApproval: false,
      approvedBy: null,
    },
    {
      name: "canary",
      state: "open",
      clusters: [
        {
          name: "prod-eu-1",
          stage: "applied",
          message: "webapp-frontend: 1 of 2 replicas available",
        },
      ],
      confirmed: 0,
      total: 1,
      soakMs: 1_800_000,
      soakedMs: 0,
      gate: "",
      needsApproval: false,
      approvedBy: null,
    },
    {
      name: "production",
      state: "waiting",
      clusters: [{ name: "prod-us-1", stage: "waiting", message: "" }],
      confirmed: 0,
      total: 1,
      soakMs: 0,
      soakedMs: 0,
      gate: "needs approval: wheelhouse rollout approve default --wave production",
      needsApproval: true,
      approvedBy: null,
    },
  ],
};

/** A cluster that runs the commit. */
export const cluster = (name: string): ClusterView => ({
  name,
  uid: "u",
  phase: "Joined",
  labels: { env: "staging" },
  source: "git",
  suspended: false,
  verdict: "Converged",
  since: "2026-03-01T11:48:00Z",
  message: "",
  wave: "staging",
  assignment: {
    epoch: 1,
    seq: 7,
    root: `sha256:9ac41e07${"0".repeat(56)}`,
    commit: revision.commit,
    issuedAt: now,
    acknowledged: true,
    applied: true,
    ready: true,
    confirmed: true,
  },
  confirmedRoot: null,
  reportedRoot: `sha256:9ac41e07${"0".repeat(56)}`,
  reportedAt: "2026-03-01T11:59:50Z",
  spoke: {
    connected: true,
    lastHeard: "2026-03-01T11:59:58Z",
    version: "0.1.0",
    kubeVersion: "v1.36.3",
    certificateNotAfter: null,
    suspectedClone: false,
  },
  bundles: [],
  driftCount: 0,
  pruneHolds: 0,
  repoint: null,
});

/** A fleet of one cluster, in that rollout. */
export const fleet: FleetView = {
  fleet: "example",
  hubVersion: "0.1.0",
  now,
  epoch: 1,
  git: {
    url: "http://127.0.0.1/fleet.git",
    branch: "main",
    lastPolledAt: now,
    problem: null,
  },
  head: revision,
  refused: null,
  rollouts: [rollout],
  clusters: [cluster("staging-1")],
  drift: [],
  prunes: [],
  problems: [],
  notices: [],
};
