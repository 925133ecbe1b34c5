import { startFakeSpoke, waitUntil } from "@wheelhouse/testing";
import { describe, expect, it } from "vitest";
import {
  cluster,
  configMap,
  files,
  find,
  fleet,
  isConfirmedAt,
  isHead,
  join,
  repo,
  spokes,
  underTest,
  until,
  useHub,
} from "./hub-fleet.fixture.ts";

describe("a cluster at a hub", () => {
  useHub();

  it("says which names there are, and the nearest, where one is not there", async () => {
    const first = repo.commit("first", files);
    await underTest.start();
    await until("head", isHead(first));
    const client = underTest.client();
    const cluster = "prod-eu1";
    for (const asked of [
      () => client.repointCluster(cluster),
      () => client.removeCluster(cluster),
      () => client.cluster(cluster),
      () => client.suspend({ cluster }),
      () => client.reconcile({ cluster }),
    ]) {
      await expect(asked()).rejects.toMatchObject({
        status: 404,
        advice: "Did you mean prod-eu-1? There are: prod-eu-1, staging-1",
      });
    }
    await expect(client.rollout("defualt")).rejects.toMatchObject({
      advice: "Did you mean default? There are: default",
    });
    await expect(client.deleteToken("admi")).rejects.toMatchObject({
      advice: "Did you mean admin? There are: admin",
    });
    await expect(client.deleteToken("admin")).rejects.toMatchObject({
      status: 409,
    });
  });

  it("spends a join token once", async () => {
    repo.commit("first", files);
    await underTest.start();
    await until("registered", ({ clusters }) => clusters.length === 2);
    const invitation = await underTest
      .client()
      .addCluster({ name: "staging-1" });
    spokes.push(await startFakeSpoke({ join: invitation }));
    await expect(startFakeSpoke({ join: invitation })).rejects.toThrow(/used/);
    await expect(
      underTest.client().addCluster({ name: "staging-1" }),
    ).rejects.toMatchObject({ status: 409 });
  });

  it("gives a dead cluster's place to a new one, and proves that it runs the same", async () => {
    const first = repo.commit("first", files);
    await underTest.start();
    const old = await join("staging-1");
    const before = await until("confirmed", isConfirmedAt("staging-1", first));
    const invitation = await underTest.client().repointCluster("staging-1");
    expect(invitation.revokedUidsLine).toContain(old.uid);
    await waitUntil("cut", () => old.ended !== null);
    old.connect();
    await waitUntil("refused", () => old.ended !== null);
    const next = await startFakeSpoke({ join: invitation });
    spokes.push(next);
    const view = await until("proved", (seen) => {
      return find(seen, "staging-1").repoint?.readyAt !== null;
    });
    const { repoint, uid } = find(view, "staging-1");
    expect(uid).toBe(next.uid);
    expect(repoint).toMatchObject({
      formerUid: old.uid,
      formerRoot: find(before, "staging-1").confirmedRoot,
      sameRoot: true,
      differing: [],
    });
    expect(next.taken.map(({ seq, audience }) => [seq, audience])).toEqual([
      [2, next.uid],
    ]);
    expect(view.notices.join()).toContain("revocations not yet in Git");
    // What the next commit brings says nothing of how it came back.
    const second = repo.commit("second", {
      "apps/web/web.yaml": configMap("web", "2"),
    });
    const later = await until("next", isConfirmedAt("staging-1", second));
    expect(find(later, "staging-1").repoint).toEqual(repoint);
  });

  it("removes a cluster without touching it, and lets it in no more", async () => {
    repo.commit("first", files);
    await underTest.start();
    const spoke = await join("edge-1");
    await until("joined", (view) => find(view, "edge-1").spoke.connected);
    const { notices } = await fleet();
    expect(notices.join()).toContain("edge-1: known only to the API");
    const { notice } = await underTest.client().removeCluster("edge-1");
    expect(notice).toContain("workloads stay");
    await waitUntil("cut", () => spoke.ended !== null);
    const view = await fleet();
    expect(view.clusters.map(({ name }) => name)).not.toContain("edge-1");
  });

  it("lets a cluster go that Git names no longer, touches nothing in it, and takes it back when Git does", async () => {
    // A wave of no cluster would be a mistake of its own.
    const second = "fleet/clusters/staging-2.yaml";
    const first = repo.commit("first", {
      ...files,
      [second]: cluster("staging-2", "staging"),
    });
    await underTest.start();
    const spoke = await join("staging-1");
    await until("confirmed", isConfirmedAt("staging-1", first));
    const file = "fleet/clusters/staging-1.yaml";
    const gone = repo.commit("gone", { [file]: null });
    const view = await until("gone", isHead(gone));
    expect(find(view, "staging-1")).toMatchObject({
      phase: "Left",
      verdict: "Held",
      bundles: [],
      message: expect.stringContaining("Git names it no longer"),
      assignment: { seq: 1 },
    });
    await waitUntil("cut", () => spoke.ended !== null);
    expect(spoke.ended).toContain("Git names its cluster no longer");
    spoke.connect();
    await waitUntil("refused", () => spoke.ended !== null);
    const client = underTest.client();
    for (const refused of [
      () => client.repointCluster("staging-1"),
      () => client.addCluster({ name: "staging-1" }),
      () => client.suspend({ cluster: "staging-1" }),
    ]) {
      await expect(refused()).rejects.toMatchObject({ status: 409 });
    }
    const back = repo.commit("back", { [file]: files[file] });
    await until("back", isHead(back));
    spoke.connect();
    const after = await until("heard", (seen) => {
      const { verdict, assignment } = find(seen, "staging-1");
      return verdict === "Converged" && assignment?.confirmed === true;
    });
    // The same assignment as before: the cluster saw nothing of all that.
    expect(find(after, "staging-1").assignment?.seq).toBe(1);
    expect(spoke.taken.map(({ seq }) => seq)).toEqual([1]);
  });

  it("lets a cluster that was added by hand go as well, once Git has named it", async () => {
    const name = "edge-1";
    const file = `fleet/clusters/${name}.yaml`;
    repo.commit("first", files);
    await underTest.start();
    const spoke = await join(name);
    repo.commit("named", { [file]: cluster(name, "staging") });
    await until("named", (view) => find(view, name).source === "git");
    await until("issued", (view) => find(view, name).assignment !== null);
    repo.commit("gone", { [file]: null });
    await until("gone", (view) => find(view, name).phase === "Left");
    await waitUntil("cut", () => spoke.ended !== null);
    expect(spoke.taken).toHaveLength(1);
  });
});
