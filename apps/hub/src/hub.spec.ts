import { execFileSync } from "node:child_process";
import {
  type ClusterView,
  type FleetView,
  type RolloutAction,
  approvalOf,
} from "@wheelhouse/rest-api";
import {
  type FakeSpoke,
  type FakeSpokeOptions,
  type TestRepository,
  createTestRepository,
  startFakeSpoke,
  waitUntil,
} from "@wheelhouse/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HubUnderTest } from "./hub-under-test.ts";

const waveOf = (name: string, more: readonly string[] = []) =>
  [
    `    - name: ${name}`,
    `      clusterSelector: { matchLabels: { env: ${name} } }`,
    ...more.map((line) => `      ${line}`),
  ].join("\n");

const rollout = (
  ...waves: readonly string[]
) => `apiVersion: fleet.wheelhouse.dev/v1alpha1
kind: Rollout
metadata: { name: default }
spec:
  minReady: 0s
  waves:
${waves.join("\n")}
`;

const cluster = (
  name: string,
  env: string,
) => `apiVersion: fleet.wheelhouse.dev/v1alpha1
kind: Cluster
metadata: { name: ${name}, labels: { env: ${env} } }
spec: { path: ./clusters/all }
`;

const kustomization = (
  name: string,
  dependsOn = "",
) => `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: ${name}, namespace: flux-system }
spec:
  path: ./apps/${name}
  interval: 10m
  prune: true
  wait: true
  sourceRef: { kind: GitRepository, name: flux-system }
${dependsOn}`;

const configMap = (name: string, value: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name}, namespace: default }\ndata: { value: "${value}" }\n`;

const files = {
  "fleet/clusters/staging-1.yaml": cluster("staging-1", "staging"),
  "fleet/clusters/prod-eu-1.yaml": cluster("prod-eu-1", "production"),
  "fleet/rollouts/default.yaml": rollout(
    waveOf("staging"),
    waveOf("production"),
  ),
  "clusters/all/web.yaml": kustomization("web"),
  "apps/web/web.yaml": configMap("web", "1"),
};

let underTest: HubUnderTest;
let repo: TestRepository;
let spokes: FakeSpoke[];

beforeEach(async () => {
  underTest = new HubUnderTest();
  repo = createTestRepository(underTest.repo);
  spokes = [];
  await underTest.init();
});

afterEach(async () => {
  spokes.forEach((spoke) => spoke.stop());
  await underTest.discard();
});

const fleet = () => underTest.client().fleet();

async function until(
  what: string,
  condition: (view: FleetView) => boolean,
): Promise<FleetView> {
  let view: FleetView | undefined;
  await waitUntil(
    what,
    async () => {
      view = await fleet();
      return condition(view);
    },
    15_000,
  );
  return view ?? (await fleet());
}

const find = (view: FleetView, name: string): ClusterView => {
  const found = view.clusters.find((one) => one.name === name);
  if (found === undefined) throw new Error(`${name} is not there`);
  return found;
};

async function join(
  name: string,
  options: Partial<FakeSpokeOptions> = {},
): Promise<FakeSpoke> {
  const invitation = await underTest.client().addCluster({ name });
  const spoke = await startFakeSpoke({ join: invitation, ...options });
  spokes.push(spoke);
  return spoke;
}

const isConfirmedAt = (name: string, commit: string) => (view: FleetView) => {
  const { assignment } = find(view, name);
  return assignment?.confirmed === true && assignment.commit === commit;
};

const rename = (from: string, to: string) =>
  execFileSync("git", ["-C", underTest.repo, "branch", "-m", from, to]);

const isHead = (commit: string) => (view: FleetView) =>
  view.head?.commit === commit;

/** Commits what waits for a person's approval before its first wave. */
async function rolloutWaits(message: string): Promise<void> {
  const waiting = repo.commit(message, {
    "fleet/rollouts/default.yaml": rollout(
      waveOf("staging", ["approval: manual"]),
      waveOf("production"),
    ),
    "apps/web/web.yaml": configMap("web", message),
  });
  await until("waiting", ({ rollouts }) =>
    rollouts.some(
      ({ phase, revision }) =>
        phase === "Progressing" && revision.commit === waiting,
    ),
  );
}

describe("a hub", () => {
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

  it("signs for a spoke as which account a bundle is applied, and whether by force", async () => {
    const settings = "  serviceAccountName: deployer\n  force: true\n";
    const first = repo.commit("first", {
      ...files,
      "clusters/all/web.yaml": kustomization("web", settings),
    });
    await underTest.start();
    const spoke = await join("staging-1");
    await until("confirmed", isConfirmedAt("staging-1", first));
    expect(
      spoke.taken[0]?.bundles.map(({ spec }) => [
        spec.name,
        spec.serviceAccountName,
        spec.force,
      ]),
    ).toEqual([
      ["Kustomization/flux-system/(root)", null, false],
      ["Kustomization/flux-system/web", "deployer", true],
    ]);
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

  it("shows why Git is not followed, and keeps the head", async () => {
    const first = repo.commit("first", files);
    await underTest.start(["--branch", "main"]);
    await until("head", isHead(first));
    rename("main", "other");
    const view = await until("problem", ({ git }) => git.problem !== null);
    expect(view.git.problem).toContain("has no branch main");
    expect(view.head?.commit).toBe(first);
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
    const audit = await underTest.client().audit();
    expect(
      audit.some(
        ({ actor, subject }) =>
          actor === "admin" && subject.startsWith("Rollout/"),
      ),
    ).toBe(true);
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
      phase: "Removed",
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
    await until("gone", (view) => find(view, name).phase === "Removed");
    await waitUntil("cut", () => spoke.ended !== null);
    expect(spoke.taken).toHaveLength(1);
  });

  it("freezes a bundle that a person suspends, with its own root, and frees it again", async () => {
    const first = repo.commit("first", files);
    await underTest.start();
    const spoke = await join("staging-1");
    await until("confirmed", isConfirmedAt("staging-1", first));
    await underTest.client().suspend({ cluster: "staging-1", bundle: "web" });
    await waitUntil("frozen", () => spoke.taken.length === 2);
    const [before, frozen] = spoke.taken;
    expect(frozen?.root).not.toBe(before?.root);
    expect(frozen?.bundles.map(({ spec }) => spec.suspend)).toEqual([
      false,
      true,
    ]);
    await underTest.client().resume({ cluster: "staging-1", bundle: "web" });
    await waitUntil("freed", () => spoke.taken.length === 3, 15_000);
    expect(spoke.taken[2]?.root).toBe(before?.root);
    await expect(
      underTest.client().suspend({ cluster: "staging-1", bundle: "wep" }),
    ).rejects.toMatchObject({ status: 404 });
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

  it("issues an approved deletion by name, and forgets it once it was used", async () => {
    const first = repo.commit("first", files);
    await underTest.start();
    const object = {
      group: "",
      version: "v1",
      kind: "ConfigMap",
      namespace: "default",
      name: "old",
    };
    let isHeld = true;
    const spoke = await join("staging-1", {
      pruneHolds: () =>
        isHeld
          ? [
              {
                object,
                bundle: "Kustomization/flux-system/web",
                reason: "OverBudget",
                message: "",
              },
            ]
          : [],
    });
    await until("confirmed", isConfirmedAt("staging-1", first));
    await until("held", ({ prunes }) => prunes.length === 1);
    const client = underTest.client();
    const listed = approvalOf(await client.prunes());
    const [one] = listed.objects;
    const another = { cluster: "staging-1", key: "/ConfigMap/default/other" };
    await expect(
      client.approvePrunes({ objects: [one ?? another, another] }),
    ).rejects.toMatchObject({ status: 409, message: /default\/other/ });
    expect((await client.prunes()).map(({ approved }) => approved)).toEqual([
      false,
    ]);
    await client.approvePrunes(listed);
    await waitUntil("issued", () => spoke.taken.length === 2);
    expect(spoke.taken[1]).toMatchObject({
      seq: 2,
      allowDelete: [{ name: "old" }],
    });
    isHeld = false;
    spoke.report();
    await until("used", ({ prunes }) => prunes.length === 0);
    await expect(client.approvePrunes(listed)).rejects.toMatchObject({
      status: 409,
    });
  });

  it("passes a request to compare live state on to the spoke", async () => {
    repo.commit("first", files);
    await underTest.start();
    const spoke = await join("staging-1");
    await until("issued", (view) => find(view, "staging-1").bundles.length > 0);
    await underTest.client().reconcile({ cluster: "staging-1", bundle: "web" });
    await waitUntil("asked", () => spoke.reconciles.length === 1);
    expect(spoke.reconciles).toEqual(["Kustomization/flux-system/web"]);
    await expect(
      underTest.client().reconcile({ cluster: "prod-eu-1" }),
    ).rejects.toMatchObject({ status: 409 });
  });
});
