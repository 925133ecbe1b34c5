import { describe, expect, it } from "vitest";
import {
  configMap,
  files,
  isConfirmedAt,
  isHead,
  join,
  kustomization,
  rename,
  repo,
  rollout,
  underTest,
  until,
  waveOf,
  useHub,
} from "./hub-fleet.fixture.ts";

describe("what a hub follows", () => {
  useHub();

  it("keeps the last good state for a commit that does not compile, and names file and line", async () => {
    const first = repo.commit("first", files);
    await underTest.start();
    const spoke = await join("staging-1");
    await until("confirmed", isConfirmedAt("staging-1", first));
    const bad = repo.commit("bad", {
      "clusters/all/web.yaml": kustomization(
        "web",
        "  dependsOn: [{ name: wep }]\n",
      ),
    });
    const view = await until("compiled", isHead(bad));
    expect(view.problems).toContainEqual(
      expect.objectContaining({
        file: "clusters/all/web.yaml",
        line: expect.any(Number) as number,
        clusters: ["prod-eu-1", "staging-1"],
      }),
    );
    const blocked = await until("blocked", ({ rollouts }) => {
      return rollouts[0]?.phase === "Blocked";
    });
    expect(blocked.rollouts[0]?.reason).toContain("clusters/all/web.yaml:");
    expect(spoke.taken).toHaveLength(1);
    const good = repo.commit("good", {
      "clusters/all/web.yaml": kustomization("web"),
      "apps/web/web.yaml": configMap("web", "2"),
    });
    await until("mended", isConfirmedAt("staging-1", good));
  });

  it("does not follow a commit whose Rollout cannot be read, and says where", async () => {
    const first = repo.commit("first", files);
    await underTest.start();
    await until("head", isHead(first));
    const typo = repo.commit("typo", {
      "fleet/rollouts/default.yaml": `${rollout(waveOf("staging"))}  soaking: 1m\n`,
    });
    const view = await until("problem", ({ problems }) => problems.length > 0);
    expect(view.head?.commit).toBe(first);
    expect(view.refused).toMatchObject({ commit: typo, subject: "typo" });
    expect(view.rollouts.map(({ refused }) => refused)).toEqual([view.refused]);
    expect(view.problems).toMatchObject([
      { file: "fleet/rollouts/default.yaml", commit: typo, clusters: [] },
    ]);
    // A poll that fails in between makes nobody forget it.
    rename("main", "other");
    await until("no branch", ({ git }) => git.problem !== null);
    rename("other", "main");
    const after = await until("again", ({ git }) => git.problem === null);
    expect(after.refused?.commit).toBe(typo);
    const mended = repo.commit("mended", {
      "fleet/rollouts/default.yaml": rollout(waveOf("staging")),
    });
    const last = await until("mended", isHead(mended));
    expect(last.refused).toBeNull();
  });

  it("does not take a commit that suddenly names no cluster for an empty fleet", async () => {
    const first = repo.commit("first", files);
    await underTest.start();
    await until("head", isHead(first));
    repo.commit("moved", {
      "wheelhouse.yaml": `apiVersion: fleet.wheelhouse.dev/v1alpha1
kind: FleetConfig
metadata: { name: default }
spec: { clusters: { dir: ./nowhere } }
`,
    });
    const view = await until("problem", ({ problems }) => problems.length > 0);
    expect(view.head?.commit).toBe(first);
    expect(view.clusters).toHaveLength(2);
    expect(view.problems[0]).toMatchObject({
      reason: "FleetEmptied",
      severity: "error",
    });
  });

  it("does not begin to follow a branch that is not there while others are, and says which", async () => {
    repo.commit("first", files);
    await expect(underTest.start(["--branch", "mian"])).rejects.toThrow(
      /has no branch mian; it has main/,
    );
    // A hub that has followed one begins all the same: it has a fleet to keep.
    await underTest.start();
    await until("head", ({ head }) => head !== null);
    await underTest.stop();
    await underTest.start(["--branch", "mian"]);
    await until("problem", ({ git }) => git.problem !== null);
  });

  it("shows why Git is not followed, and keeps the head", async () => {
    const first = repo.commit("first", files);
    await underTest.start(["--branch", "main"]);
    await until("head", isHead(first));
    rename("main", "other");
    const view = await until("problem", ({ git }) => git.problem !== null);
    expect(view.git.problem).toContain("has no branch main");
    expect(view.head?.commit).toBe(first);
  });
});
