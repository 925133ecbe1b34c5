import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type ClusterView,
  type DriftView,
  type PruneView,
  type TokenView,
} from "@wheelhouse/rest-api";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  type DecidedFleet,
  asksForProduction,
  clusterIn,
  isAt,
  isCompleted,
  production,
  rolloutIn,
  staging,
  startDecidedFleet,
  surplusCount,
} from "./decided-fleet.ts";
import { createPerson } from "./person.ts";

const webFile = "apps/web/web.yaml";
const asAdmin = ["--context", "admin"];

/** One fleet and one person: each test goes on where the one before it ended. */
describe("what a person decides by the command line", () => {
  let fleet: DecidedFleet;
  let person: ReturnType<typeof createPerson>;
  /** The value of the app `web` as Git has it. */
  let inGit = 1;
  /** Who decided what, as the journal had it after each test. */
  const decisions = new Set<string>();

  const web = (cluster: string) => fleet.values(cluster)["web"];
  /** The next value of the app `web`, committed. */
  const commitNext = () => {
    const [from, to] = [`"${inGit}"`, `"${inGit + 1}"`];
    inGit += 1;
    return fleet.commit(`value ${to}`, { file: webFile, from, to });
  };
  const untilAsked = (commit: string) =>
    fleet.until("production is asked about", (view) =>
      asksForProduction(view, commit),
    );
  const untilCompleted = (commit: string) =>
    fleet.until("all is done", (view) => isCompleted(view, commit));
  beforeAll(async () => {
    fleet = await startDecidedFleet();
    person = createPerson(fleet);
    const { server, directory } = fleet.hub.fleet;
    const file = join(directory, "hub/admin-token");
    await person.done("login", server, "--token-file", file, "--name", "admin");
  });
  afterEach(async () => {
    // The newest lines, before others push them off the list.
    for (const { actor, action } of await fleet.hub.fleet.client.audit()) {
      decisions.add(`${actor} ${action}`);
    }
  });
  afterAll(() => fleet?.stop());

  it("logs in with the token that token create made, and may what its role may", async () => {
    const { server } = fleet.hub.fleet;
    const made = await fleet.run(
      ["token", "create", "on-call", "--role", "operator"], //
    );
    expect(made.code).toBe(0);
    const login = ["login", server, "--name", "on-call"];
    const { code, out, err } = await fleet.run(login, made.out);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain(`logged in to ${server} as on-call (operator)`);
    const tokens = await fleet.json<readonly TokenView[]>(
      ["token", "list", ...asAdmin], //
    );
    expect(tokens).toContainEqual(
      expect.objectContaining({ name: "on-call", role: "operator" }),
    );
    const words = await person.refused(3, "cluster", "add", staging);
    expect(words).toContain("on-call is operator; this needs admin");
    expect(words).toContain("token create NAME --role admin");
  });

  it("rollout approve lets a wave begin, and nothing else does", async () => {
    // Production first: a rollout that is through before it has joined asks about nothing.
    for (const name of [production, staging]) {
      const file = fleet.joinFile(name);
      const args = ["cluster", "add", name, "--join-file", file, ...asAdmin];
      await person.done(...args);
      await fleet.startCluster(file);
      await fleet.until(
        `${name} is heard`,
        (view) => clusterIn(view, name).spoke.connected,
      );
    }
    const { head: read } = await fleet.until(
      "the first commit is read",
      (view) => view.head !== null,
    );
    const first = read?.commit ?? "";
    await fleet.until("staging has it", (view) => isAt(view, staging, first));
    await untilAsked(first);
    expect(fleet.values(production)).toEqual({});
    expect(Object.keys(fleet.values(staging))).toHaveLength(27);
    expect(
      await person.refused(3, "rollout", "approve", "--wave", "staging"),
    ).toContain("wave staging");
    const sinceMs = Date.now();
    expect(await person.approve()).toContain("production");
    await untilCompleted(first);
    await person.expectIssuedSince(production, sinceMs);
    const { phase, waves } = await person.rolloutStatus();
    expect([phase, waves[1]?.approvedBy]).toEqual(["Completed", "on-call"]);
    expect(fleet.values(production)).toEqual(fleet.values(staging));
  });

  it("drift tells of an edit in one cluster, and of its healing", async () => {
    await fleet.edit(staging, "web", "edited");
    await fleet.until("it is healed", ({ drift }) =>
      drift.some(({ state }) => state === "healed"),
    );
    const drift = await fleet.json<readonly DriftView[]>(["drift", staging]);
    expect(drift).toMatchObject([
      {
        ...{ cluster: staging, bundle: "Kustomization/flux-system/web" },
        object: { kind: "ConfigMap", namespace: "default", name: "web" },
        fields: [{ path: "data.value", wanted: '"1"', found: '"edited"' }],
        ...{ writer: "kubectl-edit", times: 1, state: "healed" },
      },
    ]);
    expect(await fleet.json(["drift", production])).toEqual([]);
    expect(web(staging)).toBe("1");
  });

  it("reconcile compares one bundle, or a whole cluster, with what runs", async () => {
    const dryRuns = (name: string) => fleet.countDryRuns(staging, name);
    const compare = async (target: readonly string[], name: string) => {
      const before = dryRuns(name);
      expect(await person.done("reconcile", ...target)).toBe(
        `${target.join("/")}: asked\n`,
      );
      const isCompared = () => dryRuns(name) > before;
      await fleet.untilTrue(`${name} is compared`, isCompared);
    };
    const uids = fleet.uids(staging);
    const others = dryRuns("many-0");
    await compare([staging, "web"], "web");
    expect(dryRuns("many-0")).toBe(others);
    await compare([staging], "many-0");
    expect(fleet.uids(staging)).toEqual(uids);
    expect((await person.statusOf(staging)).verdict).toBe("Converged");
  });

  it("suspend CLUSTER/BUNDLE leaves a bundle alone until resume", async () => {
    await person.done("suspend", `${staging}/web`);
    await fleet.until("it is held", (view) =>
      clusterIn(view, staging).bundles.some(
        ({ verdict, suspended }) => verdict === "Held" && suspended,
      ),
    );
    const commit = await commitNext();
    await untilAsked(commit);
    await person.approve();
    await fleet.until("production has it", (view) =>
      isAt(view, production, commit),
    );
    expect([web(staging), web(production)]).toEqual(["1", "2"]);
    expect(await person.bundleOf(staging, "web")).toMatchObject({
      ...{ verdict: "Held", suspended: true },
    });
    await fleet.edit(staging, "web", "by hand");
    expect(await person.done("resume", staging, "web")).toBe(
      `${staging}/web resumed\n`,
    );
    await fleet.untilTrue("staging has it", () => web(staging) === "2");
    await untilCompleted(commit);
    expect(await person.bundleOf(staging, "web")).toMatchObject({
      ...{ verdict: "Converged", suspended: false },
    });
    expect(await person.refused(3, "resume", staging, "web")).toContain(
      "is not suspended by a person",
    );
  });

  it("suspend CLUSTER keeps a cluster where it is, and healed, until resume", async () => {
    expect(await person.done("suspend", production)).toContain("nothing new");
    const commit = await commitNext();
    await fleet.until("staging has it", (view) => isAt(view, staging, commit));
    await fleet.edit(production, "web", "edited");
    await fleet.until("production is healed", ({ drift }) =>
      drift.some(
        ({ cluster, state }) => cluster === production && state === "healed",
      ),
    );
    expect([web(staging), web(production)]).toEqual(["3", "2"]);
    const { suspended, assignment } = await person.statusOf(production);
    expect(suspended).toBe(true);
    expect(assignment?.commit).not.toBe(commit);
    const sinceMs = Date.now();
    await person.done("resume", production);
    // Its wave ended without it: this word is the one that it waited for.
    await untilCompleted(commit);
    await person.expectIssuedSince(production, sinceMs);
    expect(web(production)).toBe("3");
  });

  it("rollout pause holds a commit at staging until resume, though it is approved", async () => {
    const commit = await commitNext();
    await untilAsked(commit);
    expect(await person.done("rollout", "pause")).toContain(
      "paused by on-call",
    );
    await person.approve();
    const paused = await person.rolloutStatus();
    expect(paused).toMatchObject({
      ...{ phase: "Paused", reason: "paused by on-call" },
      waves: [{ confirmed: 1 }, { approvedBy: "on-call", confirmed: 0 }],
    });
    expect([web(staging), web(production)]).toEqual(["4", "3"]);
    const sinceMs = Date.now();
    await person.done("rollout", "resume");
    await untilCompleted(commit);
    await person.expectIssuedSince(production, sinceMs);
    expect(web(production)).toBe("4");
    expect((await person.rolloutStatus()).phase).toBe("Completed");
    expect(await person.refused(3, "rollout", "pause")).toContain(
      "nothing is rolling out",
    );
  });

  it("rollout undo takes a bad commit back, and rejects it for good", async () => {
    const good = await person.head();
    // No API server takes such a key.
    const slip = 'data: { "a key": "",';
    const bad = await fleet.commit("a slip", {
      ...{ file: webFile, from: "data: {", to: slip },
    });
    await fleet.until("it halts", (view) => {
      const { phase, revision } = rolloutIn(view);
      return phase === "Halted" && revision.commit === bad;
    });
    const halted = await person.rolloutStatus(1);
    expect(halted).toMatchObject({
      phase: "Halted",
      waves: [{}, { confirmed: 0 }],
    });
    await person.done("rollout", "undo");
    await fleet.until(
      "staging is back",
      (view) =>
        isAt(view, staging, good) && rolloutIn(view).phase === "Completed",
    );
    const back = await person.rolloutStatus();
    expect(back).toMatchObject({ revision: { commit: good }, rejected: [bad] });
    expect([web(staging), web(production)]).toEqual(["4", "4"]);
    expect(await person.refused(2, "rollout", "undo")).toContain("give --yes");
    // Git goes on from the mend.
    await fleet.commit("a mend", {
      ...{ file: webFile, from: slip, to: "data: {" },
    });
  });

  it("rollout abort leaves every cluster where it is, until the next commit", async () => {
    const commit = await commitNext();
    await untilAsked(commit);
    expect(await person.done("rollout", "abort")).toContain(
      "aborted by on-call",
    );
    expect(await person.rolloutStatus(1)).toMatchObject({
      ...{ phase: "Aborted", revision: { commit } },
      reason: "aborted by on-call; clusters stay where they are",
    });
    expect(
      await person.refused(3, "rollout", "approve", "--wave", "production"),
    ).toContain("nothing to approve");
    expect([web(staging), web(production)]).toEqual(["5", "4"]);
    const next = await commitNext();
    await untilAsked(next);
    expect([web(staging), web(production)]).toEqual(["6", "4"]);
    await person.approve();
    await untilCompleted(next);
    expect(web(production)).toBe("6");
  });

  it("prune approve deletes what was named, where it was named, and no more", async () => {
    const commit = await fleet.commit(
      "lose them",
      ...["many", "more"].map((app) => ({
        ...{ file: `apps/${app}/${app}.yaml`, from: /# surplus\n[^]*/, to: "" },
      })),
    );
    await untilAsked(commit);
    await person.approve();
    const all = 4 * surplusCount;
    await fleet.until("all are held", ({ prunes }) => prunes.length === all);
    const held = await person.listPrunes();
    expect(held).toHaveLength(all);
    const why = held.map(({ reason, approved }) => `${reason} ${approved}`);
    expect(new Set(why)).toEqual(new Set(["OverBudget false"]));
    const full = surplusCount + 1;
    expect(person.countLeft()).toEqual([full, full, full, full]);
    const byRevision = ["--revision", commit.slice(0, 8)];
    expect(
      await person.refused(2, "prune", "approve", ...byRevision),
    ).toContain("give --yes");
    const isChosen = ({ cluster, bundle }: PruneView) =>
      cluster === staging && bundle.endsWith("/many");
    const listed = join(fleet.hub.fleet.directory, "listed.json");
    writeFileSync(listed, JSON.stringify(held.filter(isChosen)));
    await person.approvePrunes(["--listed", listed], [1, full, full, full]);
    await person.approvePrunes(["-l", "env=production"], [1, full, 1, 1]);
    await person.approvePrunes(byRevision, [1, 1, 1, 1]);
    expect(await person.listPrunes()).toEqual([]);
    await untilCompleted(commit);
    expect(
      await person.refused(3, "prune", "approve", "--yes", "--all"),
    ).toContain("no deletion that waits for approval fits");
  });

  it("cluster repoint gives a dead cluster's place to a new one, which comes back the same", async () => {
    const file = fleet.joinFile("prod-eu-1-again");
    const args = [
      "cluster",
      "repoint",
      production,
      "--join-file",
      file,
      ...asAdmin,
    ];
    const before = await person.statusOf(production);
    const [values, uids] = [fleet.values(production), fleet.uids(production)];
    await fleet.hub.fleet.killCluster(production);
    expect(await person.refused(2, ...args)).toContain("give --yes");
    const out = await person.done(...args, "--yes");
    expect(out).toContain(`cluster/${production} repointed to `);
    expect(out).toContain(`revokedUids: [${before.uid}]`);
    await fleet.startCluster(file);
    await fleet.until(
      "all is Ready in the new one",
      (view) =>
        typeof clusterIn(view, production).repoint?.readyAt === "string",
    );
    const after = await person.statusOf(production);
    expect(after).toMatchObject({
      confirmedRoot: before.confirmedRoot,
      repoint: {
        formerUid: before.uid,
        formerRoot: before.confirmedRoot,
        sameRoot: true,
        differing: [],
      },
    });
    expect(fleet.values(production)).toEqual(values);
    expect(fleet.uids(production)).not.toEqual(uids);
  });

  it("cluster remove lets a cluster go with all that runs in it, and shuts its spoke out", async () => {
    const args = ["cluster", "remove", staging, ...asAdmin];
    const uids = fleet.uids(staging);
    expect(await person.refused(2, ...args)).toContain("give --yes");
    const { code, out, err } = await fleet.run([...args, "--yes"]);
    expect([code, out]).toEqual([
      0,
      `cluster/${staging} removed; its workloads stay\n`,
    ]);
    expect(err).toContain("Git still names it");
    const log = join(fleet.hub.fleet.directory, `spoke-${staging}.log`);
    const refusals = () =>
      readFileSync(log, "utf8").split("the hub will not have this cluster")
        .length - 1;
    await fleet.untilTrue("its spoke is shut out", () => refusals() === 1);
    await fleet.hub.fleet.killSpoke(staging);
    fleet.startSpoke(staging);
    await fleet.untilTrue("it is refused again", () => refusals() === 2);
    expect(
      (await fleet.json<readonly ClusterView[]>(["cluster", "list"])).map(
        ({ name }) => name,
      ),
    ).toEqual([production]);
    expect(await person.refused(3, "status", staging)).toContain(
      "does not exist",
    );
    expect(fleet.uids(staging)).toEqual(uids);
  });

  it("every decision is in the journal, with who decided", async () => {
    expect([...decisions].sort()).toEqual(
      expect.arrayContaining([
        "admin ClusterRemoved",
        "admin ClusterRepointed",
        "admin TokenCreated",
        "on-call PruneApproved",
        "on-call ReconcileRequested",
        "on-call Resumed",
        "on-call RolloutAborted",
        "on-call RolloutPaused",
        "on-call RolloutResumed",
        "on-call RolloutUndone",
        "on-call Suspended",
        "on-call WaveApproved",
      ]),
    );
  });
});
