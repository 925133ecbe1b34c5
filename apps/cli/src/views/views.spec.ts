import {
  type ClusterView,
  type DriftView,
  type RolloutView,
} from "@wheelhouse/rest-api";
import { describe, expect, it } from "vitest";
import { formatDrift, formatPrunes } from "./drift-text.ts";
import {
  cluster,
  fleet,
  look,
  now,
  palette,
  revision,
  rollout,
} from "./fleet-under-test.ts";
import { formatRollout } from "./rollout-text.ts";
import { formatStatus } from "./status-text.ts";

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

  it("counts no soak of a wave that no cluster has joined, and says a soak once", () => {
    const [staging] = rollout.waves;
    if (staging === undefined) throw new Error("waves");
    const soaking = {
      ...staging,
      ...{ state: "soaking" as const, soakMs: 2000, soakedMs: 0 },
    };
    const textOf = (wave: typeof soaking) =>
      formatRollout({ ...rollout, waves: [wave] }, palette);
    const gate = "soaked 0s of 2s; prod-eu-1 is silent";
    expect(textOf({ ...soaking, gate })).toContain(
      `staging  1/1 confirmed   ${gate}\n`,
    );
    expect(textOf(soaking)).toContain("1/1 confirmed, soaked 0s of 2s\n");
    const empty = { ...soaking, clusters: [], confirmed: 0, total: 0, gate };
    expect(textOf(empty)).toContain("staging  no cluster of it has joined\n");
    const view = { ...rollout, waves: [empty, { ...empty, total: 1 }] };
    expect(formatStatus({ ...fleet, rollouts: [view] }, look)).toContain(
      "(staging), no cluster of it has joined",
    );
  });

  it("has nothing to say of the commit of a cluster that waits for its new spoke", () => {
    const repointed: ClusterView = {
      ...cluster("prod-eu-9"),
      ...{ assignment: null, confirmedCommit: revision.commit },
    };
    const text = formatStatus({ ...fleet, clusters: [repointed] }, look);
    expect(text).toMatch(/Converged +- +- +- /);
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
      "; not taken yet by prod-eu-1 (suspended), prod-eu-2 (waits for its spoke)\n";
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
