import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Digest } from "@wheelhouse/assignment";
import { type WaveSpec } from "@wheelhouse/fleet-model";
import { type HubStore, openSqliteHubStore } from "@wheelhouse/hub-store";
import { type AssignmentMark, type BundleReport } from "@wheelhouse/protocol";
import {
  ManualClock,
  exampleRevision,
  exampleTarget,
} from "@wheelhouse/testing";
import { initFleet, readHubKeys } from "@wheelhouse/trust";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { silentLog } from "../log.ts";
import { AssignmentIssuer } from "./assignment-issuer.ts";
import { LiveSessions } from "@wheelhouse/spoke-sessions";
import { RolloutRunner } from "./rollout-runner.ts";

const cluster = "prod-eu-1";
const uid = "u1";
const startMs = Date.parse("2026-01-01T00:00:00Z");
const by = { actor: "operator-1", at: "2026-01-01T00:00:00.000Z" };
const dayMs = 86_400_000;

const one = { kind: "count", count: 1 } as const;
const wave: WaveSpec = {
  ...{ name: "all", clusterSelector: {}, minReadyMs: 0, soakMs: 0 },
  ...{ maxConcurrency: one, maxUnavailable: one, maxFailures: one },
  ...{ offline: "wait", approval: "auto", progressDeadlineMs: 1_800_000 },
};

let folder: string;
let clock: ManualClock;
let store: HubStore;
let runner: RolloutRunner;
let live: LiveSessions;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "runner-"));
  clock = new ManualClock(startMs);
  store = await openSqliteHubStore({ file: path.join(folder, "hub.db") });
  const directory = path.join(folder, "keys");
  const rootFile = path.join(folder, "root.json");
  await initFleet({ directory, rootFile, fleet: "test", nowMs: startMs });
  const read = await readHubKeys(directory);
  if (!read.ok) throw new Error(read.problem);
  live = new LiveSessions(clock, () => undefined);
  runner = new RolloutRunner({
    ...{ store, live, clock, log: silentLog },
    issuer: new AssignmentIssuer(read.keys, store, clock),
    notify: () => undefined,
    onView: () => undefined,
  });
  await commit("a");
  await store.registry.add(
    { name: cluster, uid, labels: {}, source: "git", registeredAt: by.at },
    [],
  );
  await store.registry.recordCertificate(
    { uid, keys: ["k"], notAfter: by.at, at: by.at },
    [],
  );
});

afterEach(async () => {
  vi.restoreAllMocks();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Lets Git name a commit in which every cluster is in one wave. */
async function commit(seed: string): Promise<void> {
  const revision = exampleRevision(seed);
  const location = { file: "fleet/clusters/prod-eu-1.yaml" };
  const source = "git" as const;
  const named = { name: cluster, source, labels: {}, variables: {}, location };
  const lists = { exposeVariablesAs: [], revokedUids: [], suspend: false };
  const target = exampleTarget(cluster, seed);
  await store.revisions.putHead(
    {
      ...revision,
      clusters: [{ ...named, ...lists }],
      rollout: { ...revision.rollout, waves: [wave] },
    },
    [target],
  );
}

/** The spoke is here, with nothing yet where nothing is named. */
function hear(uid = "u1", acknowledged: AssignmentMark | null = null): void {
  live.onHello(
    { cluster, uid, session: "s1" },
    {
      ...{
        kind: "hello",
        protocol: { major: 1, minor: 0 },
        spokeVersion: "fake",
        fleet: "test",
      },
      ...{ cluster, uid, kubeSystemUid: uid, instance: "fake" },
      acknowledged,
      capabilities: { kubeVersion: "v1.36.3", apiVersions: [] },
    },
  );
}

const seqOf = async () =>
  (await store.assignments.newest(uid))?.envelope.seq ?? 0;

describe("a rollout's runner", () => {
  it("settles a command whose step cannot be stored, and goes on", async () => {
    await runner.run();
    vi.spyOn(store.rollouts, "commit").mockRejectedValueOnce(
      new Error("disk full"),
    );
    const paused = runner.command({ kind: "pause", by });
    const failed = expect(paused).rejects.toThrow("disk full");
    await expect(runner.run()).rejects.toThrow("disk full");
    await failed;
    const again = runner.command({ kind: "pause", by });
    await runner.run();
    expect(await again).toBeNull();
    expect(runner.view.stored?.state.phase).toBe("Paused");
  });

  it("takes a step again where another write came between, and says that a command is obeyed only once that is stored", async () => {
    hear();
    await runner.run();
    const conflict = { ok: false, problem: "conflict" } as const;
    vi.spyOn(store.rollouts, "commit").mockResolvedValueOnce(conflict);
    const paused = runner.command({ kind: "pause", by });
    await runner.run();
    expect(await paused).toBeNull();
    const [stored] = await store.rollouts.list();
    expect(stored?.state.phase).toBe("Paused");
    expect(runner.view.stored?.state.phase).toBe("Paused");
  });

  it("issues in the same run what a write that came between kept from being stored", async () => {
    hear();
    const conflict = { ok: false, problem: "conflict" } as const;
    vi.spyOn(store.rollouts, "commit").mockResolvedValueOnce(conflict);
    await runner.run();
    expect(await seqOf()).toBe(1);
  });

  it("reads anew what is stored where a write failed of which nobody knows whether it was", async () => {
    await runner.run();
    const real = store.rollouts.commit.bind(store.rollouts);
    vi.spyOn(store.rollouts, "commit").mockImplementationOnce(async (entry) => {
      await real(entry);
      throw new Error("no answer");
    });
    const paused = runner.command({ kind: "pause", by });
    const failed = expect(paused).rejects.toThrow("no answer");
    await expect(runner.run()).rejects.toThrow("no answer");
    await failed;
    await runner.run();
    expect(runner.view.stored?.state.phase).toBe("Paused");
  });

  it("issues nothing after the delegation's end, and obeys all the same", async () => {
    clock.advance(4_000 * dayMs);
    hear();
    const paused = runner.command({ kind: "pause", by });
    await runner.run();
    expect(await paused).toContain("there is no rollout yet");
    const second = runner.command({ kind: "pause", by });
    await runner.run();
    expect(await second).toBeNull();
    const resumed = runner.command({ kind: "resume", by });
    await runner.run();
    expect(await resumed).toBeNull();
    expect(runner.view.facts).toHaveLength(1);
    expect(await seqOf()).toBe(0);
  });

  it("signs nothing again after the delegation's end, nor under an epoch that the cluster has left", async () => {
    await issueFirst();
    await store.registry.recordAcknowledgedFloor(uid, { epoch: 9, seq: 1 });
    expect(await runner.issueAgain(cluster, "test")).toContain(
      "acknowledged epoch 9",
    );
    clock.advance(4_000 * dayMs);
    expect(await runner.issueAgain(cluster, "test")).toContain("has ended");
    expect(await seqOf()).toBe(1);
  });

  it("issues above what the spoke acknowledged to a hub before this one, with the deletions approved for this cluster alone", async () => {
    await issueFirst();
    await store.registry.recordAcknowledgedFloor(uid, { epoch: 1, seq: 41 });
    const approve = (name: string) => {
      const kind = { group: "", kind: "ConfigMap", namespace: "shop" };
      const key = `/ConfigMap/shop/of-${name}`;
      return { cluster: name, key, object: { ...kind, name: `of-${name}` } };
    };
    await store.overrides.approvePrunes(
      [cluster, "prod-us-1"].map((name) => ({ ...approve(name), ...by })),
      [],
    );
    const again = () => runner.issueAgain(cluster, "test");
    // Whatever the spoke has by that number, this hub does not know it.
    expect(await again()).toContain("a later assignment");
    expect(await seqOf()).toBe(1);
    const root = (await store.assignments.newest(uid))?.envelope.root;
    if (root === undefined) throw new Error("nothing issued");
    hear(uid, { epoch: 1, seq: 41, root });
    expect(await again()).toBeNull();
    const newest = await store.assignments.newest(uid);
    expect(newest?.envelope.seq).toBe(42);
    expect(newest?.envelope.allowDelete.map(({ name }) => name)).toEqual([
      `of-${cluster}`,
    ]);
  });

  it("does not say that it suspended a bundle that had left by then", async () => {
    await issueFirst();
    const bundle = "Kustomization/flux-system/gone";
    await store.overrides.suspend({ cluster, bundle, ...by }, []);
    const again = () => runner.issueAgain(cluster, "test", bundle);
    expect(await again()).toBe("it has just left Git");
    await store.overrides.resume({ cluster, bundle }, []);
    expect(await again()).toBeNull();
    expect(await seqOf()).toBe(1);
  });

  it("writes nothing while nothing happens", async () => {
    await issueFirst();
    await runner.run();
    const written = vi.spyOn(store.rollouts, "commit");
    for (let i = 0; i < 8; i += 1) {
      clock.advance(1_000);
      await runner.run();
    }
    expect(written).toHaveBeenCalledTimes(0);
  });

  it("issues nothing to a cluster that is repointed after the step decided, and gives the new incarnation nothing that was decided for the old", async () => {
    hear();
    repointBeforeCommit("u2");
    await runner.run();
    expect(await seqOf()).toBe(0);
    expect(await store.assignments.newest("u2")).toBeNull();
    expect((await store.registry.get(cluster))?.issuedNumber).toBeNull();
    const issued = Object.values(runner.view.stored?.state.clusters ?? {});
    expect(issued.filter((one) => one.asked !== null)).toEqual([]);
    const lines = await store.journal.list({ limit: 100 });
    expect(lines.map(({ action }) => action)).not.toContain("AssignmentIssued");
  });

  it("confirms nothing for an incarnation that was replaced after the step decided, so that the proof holds", async () => {
    await issueFirst();
    await report();
    repointBeforeCommit("u2");
    await runner.run();
    expect(await store.assignments.lastConfirmed(cluster)).toBeNull();
    expect((await store.registry.get(cluster))?.repoint).toMatchObject({
      ...{ formerUid: uid, formerRoot: null, readyAt: null },
    });
  });

  it("says why a cluster in another's place is given nothing", async () => {
    await issueFirst();
    await report();
    await runner.run();
    const former = { name: cluster, formerUid: uid, startedAt: by.at };
    await store.registry.repoint({ ...former, uid: "u2" }, []);
    const joined = { uid: "u2", keys: ["k2"], notAfter: by.at, at: by.at };
    await store.registry.recordCertificate(joined, []);
    hear("u2");
    await store.registry.recordAcknowledgedFloor("u2", { epoch: 9, seq: 1 });
    await runner.run();
    expect(runner.view.waits.get(cluster)).toContain("acknowledged epoch 9");
    expect(await store.assignments.newest("u2")).toBeNull();
  });

  it("says that it did not issue again to a cluster that was repointed meanwhile, and issues it to nobody", async () => {
    await issueFirst();
    repointBeforeCommit("u2");
    expect(await runner.issueAgain(cluster, "test")).toContain("nothing yet");
    expect(await seqOf()).toBe(1);
    expect(await store.assignments.newest("u2")).toBeNull();
  });

  it("says that it did not issue again what could not be stored, and tries again where another write came between", async () => {
    await issueFirst();
    const conflict = { ok: false, problem: "conflict" } as const;
    const spy = vi.spyOn(store.rollouts, "commit");
    spy.mockResolvedValueOnce(conflict);
    expect(await runner.issueAgain(cluster, "test")).toBeNull();
    expect(await seqOf()).toBe(2);
    spy.mockResolvedValue(conflict);
    expect(await runner.issueAgain(cluster, "test")).toContain("not be stored");
  });
});

/** Lets somebody repoint the cluster between the next step's decision and its storing. */
function repointBeforeCommit(to: string): void {
  const real = store.rollouts.commit.bind(store.rollouts);
  vi.spyOn(store.rollouts, "commit").mockImplementationOnce(async (entry) => {
    const change = { name: cluster, formerUid: uid, startedAt: by.at };
    const done = await store.registry.repoint({ ...change, uid: to }, []);
    expect(done.ok).toBe(true);
    live.forget(uid);
    return real(entry);
  });
}

async function issueFirst(): Promise<void> {
  hear();
  await runner.run();
  expect(await seqOf()).toBe(1);
}

/** The spoke says that it runs what it was issued, all Ready. */
async function report(): Promise<void> {
  const envelope = (await store.assignments.newest(uid))?.envelope;
  if (envelope === undefined) throw new Error("nothing was issued");
  const key = { cluster, uid, session: "s1" };
  live.onAcknowledged(key, envelope);
  const bundles = envelope.bundles.map(
    ({ spec, digest }) => [spec.name, readyReport(spec.name, digest)] as const,
  );
  live.onReport(key, {
    ...{ assignment: envelope, drift: [], pruneHolds: [] },
    bundles: new Map(bundles),
  });
}

function readyReport(bundle: string, digest: Digest): BundleReport {
  return {
    ...{ bundle, digest, applied: digest, ready: true, failed: false },
    ...{ status: "Current", objects: { total: 1, ready: 1 }, message: "" },
    ...{ held: null, notes: [], drifted: false, since: by.at },
  };
}
