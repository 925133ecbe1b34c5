import {
  type ClusterView,
  type DriftView,
  type FleetView,
  type RolloutView,
} from "@wheelhouse/rest-api";
import { describe, expect, it } from "vitest";
import { createPalette } from "../terminal/palette.ts";
import { formatDrift, formatPrunes } from "./drift-text.ts";
import { formatRollout } from "./rollout-text.ts";
import { formatCluster, formatStatus } from "./status-text.ts";

const palette = createPalette({ isTTY: false }, {});
const look = { palette, wide: false, noHeaders: false };
const now = "2026-03-01T12:00:00Z";

const revision = {
  commit: "4f2c91d0aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  branch: "main",
  subject: "podinfo 6.9.1",
  author: "dev",
  committedAt: "2026-03-01T11:48:00Z",
};

const rollout: RolloutView = {
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

const cluster = (name: string): ClusterView => ({
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

const fleet: FleetView = {
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

describe("status", () => {
  it("has the revision, the rollout's place, and a line for each cluster", () => {
    expect(formatStatus(fleet, look)).toBe(
      [
        'REVISION  main@4f2c91d0  "podinfo 6.9.1"  12m ago',
        "ROLLOUT   default @4f2c91d0: wave 2 of 3 (canary), 0/1 confirmed",
        "",
        "CLUSTER    WAVE     VERDICT      BUNDLES  COMMIT    ROOT      AGE  NOTE",
        "staging-1  staging  + Converged  -        4f2c91d0  9ac41e07  12m",
        "",
      ].join("\n"),
    );
  });

  it("has the root that each verdict is about, and its age, in the wide table", () => {
    const text = formatStatus(fleet, { ...look, wide: true });
    expect(text).toMatch(/ REPORTED +REPORT-AGE +HEARD /);
    expect(text).toMatch(/ sha256:9ac41e07\w* +10s +2s /);
  });

  it("shows a problem with what, where, why and what to do", () => {
    const text = formatStatus(
      {
        ...fleet,
        problems: [
          {
            severity: "error",
            reason: "DependencyNotFound",
            subject: "Kustomization flux-system/webapp-backend",
            message: "dependsOn: webapp-comon does not exist in this cluster",
            file: "apps/webapp/flux/webapp.yaml",
            line: 21,
            advice: "Did you mean webapp-common?",
            clusters: ["prod-eu-1", "new-1"],
          },
        ],
        clusters: [{ ...cluster("new-1"), assignment: null }],
      },
      look,
    );
    expect(text).toContain(
      "; prod-eu-1 stays at the last good state; new-1 has nothing yet, and gets nothing until this is mended\n",
    );
    expect(text).toContain("apps/webapp/flux/webapp.yaml:21");
    expect(text).toContain("webapp-comon does not exist");
    expect(text).toContain("Did you mean webapp-common?");
  });

  it("names a newer commit that is refused whole, and what stays", () => {
    const refused = {
      ...revision,
      commit: "9ab1".padEnd(40, "0"),
      subject: "oops",
    };
    const text = formatStatus(
      {
        ...fleet,
        refused,
        problems: [
          {
            severity: "error",
            reason: "InvalidField",
            subject: "Rollout default",
            message: "spec.waves: is missing",
            file: "fleet/rollouts/default.yaml",
            clusters: [],
            commit: refused.commit,
          },
          {
            severity: "warning",
            reason: "LateReference",
            subject: "Kustomization flux-system/web",
            message: "asks for a Secret",
            clusters: [],
            commit: revision.commit,
          },
        ],
      },
      look,
    );
    const [, line] = text.split("\n");
    expect(line).toBe(
      'REFUSED   main@9ab10000  "oops"  cannot be read (1 problem, below): the fleet stays with 4f2c91d0',
    );
    expect(text).toContain(
      "Rollout default: InvalidField; 9ab10000 is not followed, and every cluster stays as it is",
    );
    expect(text).not.toContain("LateReference");
    expect(text).toContain(
      "\n1 reference of substituteFrom comes from the cluster, not from Git: wheelhouse validate",
    );
  });

  it("says what a rollout waits for while no cluster has joined", () => {
    const waves = rollout.waves.map((wave) => ({
      ...wave,
      state: "open" as const,
      clusters: [],
      confirmed: 0,
      total: 0,
    }));
    const lineOf = (waves: RolloutView["waves"]) =>
      formatStatus({ ...fleet, rollouts: [{ ...rollout, waves }] }, look)
        .split("\n")
        .find((line) => line.startsWith("ROLLOUT"));
    expect(lineOf(waves)).toContain("waits for the first cluster to join");
    const [first, ...rest] = waves;
    if (first === undefined) throw new Error("no wave");
    expect(lineOf([first, { ...first, total: 1 }, ...rest])).toContain(
      "(staging), no cluster of it has joined",
    );
  });

  it("says how to add the first cluster", () => {
    expect(formatStatus({ ...fleet, clusters: [] }, look)).toContain(
      "wheelhouse cluster add NAME",
    );
  });

  it("says of a suspended cluster what resumes it, in each of its views", () => {
    const message = "suspended: wheelhouse resume staging-1";
    const held: ClusterView = {
      ...cluster("staging-1"),
      ...{ suspended: true, verdict: "Held", message },
    };
    const line = /staging-1 .*Held .*suspended: wheelhouse resume staging-1\n/;
    expect(formatStatus({ ...fleet, clusters: [held] }, look)).toMatch(line);
    expect(formatCluster(held, now, look)).toMatch(line);
    expect(formatCluster(cluster("staging-1"), now, look)).toMatch(/^BUNDLE/);
  });

  it("lets no cluster steer the terminal", () => {
    const evil = { ...cluster("a"), message: "\u001b]0;owned\u0007" };
    expect(formatStatus({ ...fleet, clusters: [evil] }, look)).not.toContain(
      "\u001b",
    );
  });
});

describe("a rollout", () => {
  it("shows each wave, and what the current and the next wait for", () => {
    expect(formatRollout(rollout, palette)).toBe(
      [
        'default  main@4f2c91d0  "podinfo 6.9.1"  Progressing',
        "  + staging     1/1 confirmed, soaked 10m of 10m",
        "  > canary      0/1 confirmed, soaked 0s of 30m",
        "      prod-eu-1: applied; webapp-frontend: 1 of 2 replicas available",
        "  . production  0/1 confirmed   needs approval: wheelhouse rollout approve default --wave production",
        "",
      ].join("\n"),
    );
  });

  it("that goes back says so, and when it is back", () => {
    const back = { ...rollout, returning: true };
    expect(formatRollout(back, palette)).toContain("Progressing: going back");
    expect(formatStatus({ ...fleet, rollouts: [back] }, look)).toContain(
      "default @4f2c91d0: going back, wave 2 of 3",
    );
    const done = { ...back, phase: "Completed" as const };
    expect(formatStatus({ ...fleet, rollouts: [done] }, look)).toContain(
      "default @4f2c91d0: Completed: the fleet is back here",
    );
  });

  it("that is completed names who has not taken it, and why", () => {
    const [staging, canary] = rollout.waves;
    if (staging === undefined || canary === undefined) throw new Error("waves");
    const held = {
      name: "prod-eu-1",
      stage: "suspended",
      message: "",
    } as const;
    const done: RolloutView = {
      ...rollout,
      phase: "Completed",
      waves: [
        staging,
        {
          ...canary,
          ...{ state: "completed", soakMs: 0, clusters: [held] },
          notJoined: ["prod-eu-2"],
        },
      ],
    };
    const absent =
      "; not taken yet by prod-eu-1 (suspended), prod-eu-2 (never joined)\n";
    expect(formatRollout(done, palette)).toContain(
      `  + canary   0/1 confirmed${absent}`,
    );
    expect(formatStatus({ ...fleet, rollouts: [done] }, look)).toContain(
      `default @4f2c91d0: Completed${absent}`,
    );
    expect(formatRollout(done, palette)).toContain("10m of 10m\n");
  });

  it.each([
    [
      "Halted",
      "push a fix; go on all the same: wheelhouse rollout resume default",
    ],
    ["Paused", "go on: wheelhouse rollout resume default"],
    ["Blocked", "push a commit that compiles"],
    [
      "Aborted",
      "push another commit, or wheelhouse rollout resume default --revision 4f2c91d0",
    ],
  ] as const)("that is %s says what to do next", (phase, next) => {
    const view: RolloutView = { ...rollout, phase, reason: "webapp failed" };
    const status = formatStatus({ ...fleet, rollouts: [view] }, look);
    expect(status).toContain(`${phase}: webapp failed\n          ${next}\n`);
    expect(formatRollout(view, palette)).toContain(`  ${next}\n`);
    expect(formatRollout(rollout, palette)).not.toContain(next);
  });

  it("that is Halted can be undone, where there is something to go back to", () => {
    const previous = { ...revision, commit: "0eb121be".repeat(5) };
    const view: RolloutView = { ...rollout, phase: "Halted", previous };
    expect(formatRollout(view, palette)).toContain(
      "push a fix; go back to 0eb121be: wheelhouse rollout undo default; go on",
    );
  });

  it.each([
    ["confirmed", true, "4f2c91d0"],
    ["unchanged", true, "4f2c91d0"],
    ["suspended", true, "0eb121be->4f2c91d0"],
    ["issued", false, "a022b232->4f2c91d0"],
  ] as const)(
    "shows what a cluster runs that is %s",
    (stage, applied, cell) => {
      const own = cluster("staging-1");
      if (own.assignment === null) throw new Error("no assignment");
      const commit = "0eb121be".repeat(5);
      const one: ClusterView = {
        ...own,
        assignment: { ...own.assignment, commit, applied },
        confirmedCommit: "a022b232".repeat(5),
      };
      const waves = rollout.waves.map((wave) => ({
        ...wave,
        clusters: [{ name: "staging-1", stage, message: "" }],
      }));
      const rollouts = [{ ...rollout, waves }];
      const text = formatStatus({ ...fleet, rollouts, clusters: [one] }, look);
      expect(text).toContain(` ${cell} `);
    },
  );

  it("names what was rejected, and how to take it back", () => {
    const text = formatRollout(
      { ...rollout, rejected: [revision.commit] },
      palette,
    );
    expect(text).toContain("rejected: 4f2c91d0");
    expect(text).toContain("rollout resume default --revision");
  });
});

describe("drift", () => {
  const record: DriftView = {
    cluster: "prod-eu-1",
    bundle: "Kustomization/flux-system/webapp-frontend",
    object: {
      group: "apps",
      kind: "Deployment",
      namespace: "webapp",
      name: "frontend",
    },
    missing: false,
    fields: [{ path: "spec.replicas", wanted: "2", found: "5" }],
    writer: "kubectl-edit",
    firstSeen: "2026-03-01T11:59:56Z",
    lastSeen: now,
    times: 1,
    state: "healed",
    message: "",
  };

  it("says what, where, wanted, found, who, since when, and its state", () => {
    expect(formatDrift([record], now, look)).toBe(
      [
        "CLUSTER    OBJECT                      FIELD          WANTED  FOUND  WRITER        SINCE  TIMES  STATE",
        "prod-eu-1  Deployment webapp/frontend  spec.replicas  2       5      kubectl-edit  4s     1      healed",
        "",
      ].join("\n"),
    );
  });

  it("says so when there is none, and when an object is gone", () => {
    expect(formatDrift([], now, look)).toBe("no drift\n");
    const gone = { ...record, missing: true, fields: [] };
    expect(formatDrift([gone], now, look)).toContain("deleted");
  });

  it("lists a held deletion with the command that releases it", () => {
    const text = formatPrunes(
      [
        {
          cluster: "prod-eu-1",
          bundle: "Kustomization/flux-system/webapp",
          object: record.object,
          reason: "OverBudget",
          message: "12 of 12 objects",
          commit: revision.commit,
          approved: false,
        },
      ],
      look,
    );
    expect(text).toContain("OverBudget");
    expect(text).toContain("wheelhouse prune approve --revision");
  });
});
