import { type ClusterView, type RolloutView } from "@wheelhouse/rest-api";
import { describe, expect, it } from "vitest";
import { cluster, fleet, look, revision, rollout } from "./fleet-under-test.ts";
import { formatCluster, formatStatus } from "./status-text.ts";

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
      "; prod-eu-1 stays at what it has; new-1 has nothing yet, and gets nothing until this is mended\n",
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
        // Undone since: what is rolled out is the commit before.
        head: { ...revision, commit: "6d4b".padEnd(40, "0") },
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
    const unstarted = { ...fleet, refused, rollouts: [] };
    expect(formatStatus(unstarted, look)).toContain("stays with 4f2c91d0");
    expect(formatStatus({ ...unstarted, head: null }, look)).toContain(
      ": nothing is rolled out",
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

  it("says of a wave that waits for a person's approval how to give it", () => {
    const waves = rollout.waves.map((wave) =>
      wave.name === "canary" ? { ...wave, state: "completed" as const } : wave,
    );
    const textOf = (phase: RolloutView["phase"]) =>
      formatStatus(
        { ...fleet, rollouts: [{ ...rollout, waves, phase }] },
        look,
      );
    expect(textOf("Progressing")).toContain(
      "wave 3 of 3 (production), waits for approval\n          let it begin: wheelhouse rollout approve default --wave production\n",
    );
    expect(textOf("Paused")).not.toContain("rollout approve");
    // A wave before it is at work: nobody is waited for yet.
    expect(formatStatus(fleet, look)).not.toContain("approv");
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
    expect(formatCluster(held, fleet, look)).toMatch(line);
    expect(formatCluster(cluster("staging-1"), fleet, look)).toMatch(/^BUNDLE/);
  });

  it("says which clusters hold deletions, of the fleet and of one cluster", () => {
    const prune = (cluster: string, name: string, approved = false) => ({
      ...{ cluster, bundle: "Kustomization/flux-system/webapp" },
      object: { group: "apps", kind: "Deployment", namespace: "webapp", name },
      ...{ reason: "OverBudget", message: "", commit: revision.commit },
      approved,
    });
    const prunes = [
      ...[prune("staging-1", "a"), prune("staging-1", "b")],
      ...[prune("prod-eu-1", "c"), prune("prod-us-1", "d", true)],
    ];
    expect(formatStatus({ ...fleet, prunes }, look)).toContain(
      "\n! 3 deletions are held on prod-eu-1, staging-1: wheelhouse prune list\n",
    );
    const textOf = (name: string, noHeaders = false) =>
      formatCluster(cluster(name), { now: "", prunes }, { ...look, noHeaders });
    expect(textOf("prod-eu-1")).toContain(
      "\n! 1 deletion is held on prod-eu-1: wheelhouse prune list\n",
    );
    expect(textOf("prod-us-1")).not.toContain("held");
    expect(textOf("prod-eu-1", true)).not.toContain("held");
    expect(formatStatus(fleet, look)).not.toContain("held");
  });

  it("lets no cluster steer the terminal", () => {
    const evil = { ...cluster("a"), message: "\u001b]0;owned\u0007" };
    expect(formatStatus({ ...fleet, clusters: [evil] }, look)).not.toContain(
      "\u001b",
    );
  });
});
