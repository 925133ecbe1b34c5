import { type RolloutAction } from "@wheelhouse/rest-api";
import { waitUntil } from "@wheelhouse/testing";
import { describe, expect, it } from "vitest";
import {
  configMap,
  files,
  find,
  fleet,
  isConfirmedAt,
  isHead,
  join,
  repo,
  rolloutWaits,
  underTest,
  until,
  useHub,
} from "./hub-fleet.fixture.ts";

describe("a rollout at a hub", () => {
  useHub();

  it("takes a commit through the waves: issued, acknowledged, confirmed, and only then the next", async () => {
    const first = repo.commit("first", files);
    await underTest.start();
    const health = { "staging-1": "progressing" as "progressing" | "ready" };
    const staging = await join("staging-1", {
      health: () => health["staging-1"],
    });
    const production = await join("prod-eu-1");
    await until("issued", (view) => {
      return find(view, "staging-1").assignment?.acknowledged === true;
    });
    expect(production.taken).toEqual([]);
    health["staging-1"] = "ready";
    staging.report();
    await until("confirmed", isConfirmedAt("staging-1", first));
    const view = await until("all", isConfirmedAt("prod-eu-1", first));
    expect(
      view.rollouts[0]?.waves.map(({ name, confirmed }) => [name, confirmed]),
    ).toEqual([
      ["staging", 1],
      ["production", 1],
    ]);
    expect(find(view, "prod-eu-1")).toMatchObject({
      verdict: "Converged",
      wave: "production",
      phase: "Joined",
    });
    const [envelope] = production.taken;
    expect(envelope?.bundles.map(({ spec }) => spec.name)).toEqual([
      "Kustomization/flux-system/(root)",
      "Kustomization/flux-system/web",
    ]);
    await until("completed", ({ rollouts }) => {
      return rollouts[0]?.phase === "Completed";
    });
    const actions = (await underTest.client().audit()).map(
      ({ action }) => action,
    );
    expect(actions).toEqual(
      expect.arrayContaining([
        "ClusterJoined",
        "AssignmentIssued",
        "RolloutCompleted",
      ]),
    );
  });

  it("shows a cluster that a commit changes nothing in as being at that commit", async () => {
    const first = repo.commit("first", files);
    await underTest.start();
    const production = await join("prod-eu-1");
    await until("confirmed", isConfirmedAt("prod-eu-1", first));
    const second = repo.commit("second", { "README.md": "words" });
    const view = await until("current", isConfirmedAt("prod-eu-1", second));
    const { assignment, bundles } = find(view, "prod-eu-1");
    expect(assignment?.seq).toBe(1);
    expect(bundles.map(({ commit }) => commit)).toEqual(
      bundles.map(() => second),
    );
    expect(production.taken).toHaveLength(1);
  });

  it("loses nothing by a restart, and issues nothing for it", async () => {
    const first = repo.commit("first", files);
    await underTest.start();
    const spoke = await join("staging-1");
    await until("confirmed", isConfirmedAt("staging-1", first));
    const address = underTest.hub.linkAddress;
    const { renders } = underTest;
    await underTest.stop();
    await underTest.start(["--link-listen", address]);
    spoke.connect();
    const view = await until("heard again", (seen) => {
      const { spoke: heard, verdict } = find(seen, "staging-1");
      return heard.connected && verdict === "Converged";
    });
    expect(find(view, "staging-1").assignment).toMatchObject({
      seq: 1,
      confirmed: true,
    });
    expect(spoke.taken).toHaveLength(1);
    expect(underTest.renders).toBe(renders);
    const second = repo.commit("second", {
      "apps/web/web.yaml": configMap("web", "2"),
    });
    await until("the next", isConfirmedAt("staging-1", second));
    expect(spoke.taken.map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it("says of clusters that have not joined in which wave they will be, and of one that has just joined that it has", async () => {
    const first = repo.commit("first", files);
    await underTest.start();
    const view = await until("head", isHead(first));
    expect(
      view.clusters.map(({ name, phase, wave }) => [name, phase, wave]),
    ).toEqual([
      ["prod-eu-1", "Pending", "production"],
      ["staging-1", "Pending", "staging"],
    ]);
    const spoke = await join("staging-1", { isSilent: true });
    const joined = await until("joined", (seen) => {
      return find(seen, "staging-1").phase === "Joined";
    });
    expect(find(joined, "staging-1")).toMatchObject({
      verdict: "Progressing",
      message: "has joined; its first session has not begun yet",
    });
    spoke.connect();
    await until("confirmed", isConfirmedAt("staging-1", first));
  });

  it("halts at a failure, goes back by undo, and does not come back to the rejected commit", async () => {
    const first = repo.commit("first", files);
    await underTest.start();
    let isBroken = false;
    const staging = await join("staging-1", {
      health: () => (isBroken ? "failed" : "ready"),
    });
    const production = await join("prod-eu-1");
    await until("confirmed", isConfirmedAt("prod-eu-1", first));
    isBroken = true;
    const bad = repo.commit("bad", {
      "apps/web/web.yaml": configMap("web", "bad"),
    });
    await until("halted", ({ rollouts }) => rollouts[0]?.phase === "Halted");
    isBroken = false;
    const seen = { generation: 1 };
    await expect(
      underTest.client().actOnRollout("default", "undo", seen),
    ).rejects.toMatchObject({ status: 409 });
    await underTest.client().actOnRollout("default", "undo", { generation: 2 });
    await until("back", (view) => {
      const { assignment } = find(view, "staging-1");
      return assignment?.confirmed === true && assignment.commit === first;
    });
    const view = await fleet();
    expect(view.rollouts[0]?.rejected).toContain(bad);
    expect(staging.taken.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(production.taken).toHaveLength(1);
    await until("completed", ({ rollouts }) => {
      return rollouts[0]?.phase === "Completed";
    });
    // Allowed again, it is the one that rolls out, in the very answer.
    const again = await underTest
      .client()
      .actOnRollout("default", "resume", { revision: bad });
    expect([again.revision.commit, again.phase]).toEqual([bad, "Progressing"]);
    const audit = await underTest.client().audit();
    expect(
      audit.some(
        ({ actor, subject }) =>
          actor === "admin" && subject.startsWith("Rollout/"),
      ),
    ).toBe(true);
  });

  it("delivers a person's suspension also while the rollout is paused", async () => {
    const first = repo.commit("first", files);
    await underTest.start();
    const spoke = await join("staging-1");
    await until("confirmed", isConfirmedAt("staging-1", first));
    await rolloutWaits("second");
    await underTest.client().actOnRollout("default", "pause");
    const web = { cluster: "staging-1", bundle: "web" };
    await underTest.client().suspend(web);
    await waitUntil("frozen", () => spoke.taken.length === 2);
    await underTest.client().resume(web);
    await waitUntil("freed", () => spoke.taken.length === 3);
    const [before, frozen, freed] = spoke.taken;
    expect(frozen?.bundles.map(({ spec }) => spec.suspend)).toEqual([
      false,
      true,
    ]);
    expect(freed?.root).toBe(before?.root);
  });

  it("refuses, in words, what means nothing for a rollout as it stands", async () => {
    const first = repo.commit("first", files);
    await underTest.start();
    await join("staging-1");
    await until("confirmed", isConfirmedAt("staging-1", first));
    await until("completed", ({ rollouts }) =>
      rollouts.some(({ phase }) => phase === "Completed"),
    );
    const client = underTest.client();
    const act = (action: RolloutAction, wave = {}) =>
      client.actOnRollout("default", action, wave);
    const refusal = (text: string) => ({
      ...{ status: 409, message: expect.stringContaining(text) as string },
    });
    for (const [action, text] of [
      ["pause", "nothing is rolling out: rollout default is Completed"],
      ["resume", "default is Completed: there is nothing to resume"],
      ["abort", "default is Completed: there is nothing to abort"],
      ["undo", "there is nothing to return to"],
    ] as const) {
      await expect(act(action)).rejects.toMatchObject(refusal(text));
    }
    const staging = { wave: "staging" };
    await expect(act("approve", staging)).rejects.toMatchObject(
      refusal("default is Completed: there is nothing to approve"),
    );
    const audit = (await client.audit()).map(({ action }) => action);
    expect(audit).not.toContain("RolloutPaused");
    await rolloutWaits("second");
    await expect(act("resume")).rejects.toMatchObject(
      refusal("default is Progressing: there is nothing to resume"),
    );
    await act("pause");
    await expect(act("pause")).rejects.toMatchObject(refusal("already paused"));
    await act("abort");
    for (const action of ["pause", "resume", "abort"] as const) {
      await expect(act(action)).rejects.toMatchObject({ status: 409 });
    }
  });
});
