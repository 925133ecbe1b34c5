import { createEnvelope, digestOf, rootOf } from "@wheelhouse/assignment";
import { describe, expect, it } from "vitest";
import {
  type ClusterSources,
  type HeardSpoke,
  computeClusterFacts,
} from "./cluster-sources.ts";
import { exampleBundle, exampleCompiled } from "./compiled-target.fixture.ts";
import { knownClusters } from "./known-cluster.ts";
import { planIssue } from "./next-issue.ts";

const name = "prod-eu-1";
const uid = "u1";
const at = "2026-01-01T00:00:00.000Z";
const mark = { epoch: 1, seq: 4, root: digestOf("root") };
const bundle = exampleBundle("a").spec.name;

const cluster = {
  ...{ name, labels: { env: "production" }, variables: {}, suspend: false },
  ...{ source: "git" as const, exposeVariablesAs: [], revokedUids: [] },
  location: { file: "fleet/clusters/prod-eu-1.yaml" },
};

const record = {
  ...{ name, uid, phase: "Joined" as const, joinedAt: at },
  acknowledgedFloor: null,
  issuedNumber: null,
};

const heard: HeardSpoke = {
  ...{ session: "s1", heardMs: 400, acknowledged: mark, hasReported: true },
  assignment: mark,
  bundles: new Map([
    [
      bundle,
      {
        ...{ bundle, digest: digestOf("web"), applied: digestOf("web") },
        ...{ ready: false, failed: false, message: "" },
      },
    ],
  ]),
};

const issuedAt = (seq: number, confirmedAt: string | null = null) => {
  const { bundles, revision } = exampleCompiled(name, "a");
  const envelope = createEnvelope({
    ...{ fleet: "test", cluster: name, audience: uid, epoch: 1, seq },
    ...{ revision, issuedAt: at, bundles, allowDelete: [] },
  });
  return { envelope, confirmedAt };
};

function factOf(more: Partial<ClusterSources> = {}) {
  const [fact] = computeClusterFacts({
    ...{ records: [record], named: [cluster], clusters: [cluster] },
    heard: () => heard,
    ...{ issued: new Map(), targets: new Map(), completedTargets: new Map() },
    ...{ suspensions: [], epoch: 1, nowMs: 1_000 },
    ...more,
  });
  return fact;
}

/** What the rollout takes the cluster to have. */
function newestOf(more: Partial<ClusterSources> = {}) {
  const fact = factOf(more);
  return fact === undefined ? null : knownClusters([fact]).get(name)?.newest;
}

describe("the facts about a cluster", () => {
  it("say when it was heard, by its session alone", () => {
    expect(factOf()).toMatchObject({ heardAgoMs: 600, joined: true });
    const ended = { ...heard, session: null };
    expect(factOf({ heard: () => ended })).toMatchObject({
      ...{ heardAgoMs: null, acknowledged: null, report: null },
    });
    const silent = { ...heard, hasReported: false };
    expect(factOf({ heard: () => silent })?.report).toBeNull();
    expect(factOf({ heard: () => silent })?.acknowledged).toEqual(mark);
  });

  it("want exactly what is then issued, with what only a suspension keeps in it", () => {
    const issue = issuedAt(4);
    const gone = exampleCompiled(name, "b", [
      exampleBundle("b", { name: "Kustomization/a/other" }),
    ]);
    const suspensions = [{ cluster: name, bundle }];
    const next = planIssue(gone, suspensions, issue.envelope)?.bundles ?? [];
    const targets = new Map([[name, gone]]);
    const more = { targets, suspensions, completedTargets: targets };
    const wanted = { root: rootOf(next) };
    const before = factOf({ ...more, issued: new Map([[uid, issue]]) });
    expect(before).toMatchObject({ target: wanted, completedTarget: wanted });
    const root = rootOf(next);
    const envelope = { ...issue.envelope, bundles: next, root };
    const issued = new Map([[uid, { envelope, confirmedAt: null }]]);
    const after = factOf({ ...more, issued });
    expect(after?.target?.root).toBe(after?.issued?.root);
    expect(planIssue(gone, suspensions, envelope)).toBeNull();
  });

  it("are none of a cluster that was removed, or that neither Git nor the API names", () => {
    expect(factOf({ named: [] })).toBeUndefined();
    const removed = { ...record, phase: "Removed" as const };
    expect(factOf({ records: [removed] })).toBeUndefined();
  });

  it("take its labels from the revision of the targets, else from the newest", () => {
    const relabelled = { ...cluster, labels: { env: "staging" } };
    expect(factOf({ clusters: [relabelled] })?.labels).toEqual({
      env: "staging",
    });
    expect(factOf({ clusters: [] })?.labels).toEqual({ env: "production" });
  });

  it("say that it is suspended, by Git or by a person, and never by one of its bundles", () => {
    const inGit = { ...cluster, suspend: true };
    expect(factOf({ clusters: [inGit] })?.suspended).toBe(true);
    const whole = { cluster: name, bundle: null };
    expect(factOf({ suspensions: [whole] })?.suspended).toBe(true);
    const other = { cluster: "edge-1", bundle: null };
    const part = { cluster: name, bundle };
    expect(factOf({ suspensions: [other, part] })?.suspended).toBe(false);
  });

  it("hold no target of one that cannot be built", () => {
    const target = exampleCompiled(name, "a");
    const targets = new Map([[name, target]]);
    expect(factOf({ targets })?.target?.root).toBe(target.root);
    const broken = new Map([[name, { ...target, ok: false }]]);
    expect(factOf({ targets: broken })?.target).toBeNull();
  });

  it("say why no number can be given: a later epoch than that of a hub that was restored from before it, or a number that none can have issued", () => {
    const problemAt = (epoch: number, seq: number) => {
      const ahead = { ...record, acknowledgedFloor: { epoch, seq } };
      return factOf({ records: [ahead] })?.numberProblem;
    };
    expect(problemAt(2, 1)).toBe("LaterEpoch");
    expect(problemAt(1, 2 ** 53 - 1)).toBe("TooFarAhead");
    expect(problemAt(1, 9)).toBeUndefined();
  });

  it("keep what was issued and what is acknowledged apart", () => {
    const issued = new Map([[uid, issuedAt(3, at)]]);
    const fact = factOf({ issued });
    expect(fact).toMatchObject({
      issued: { seq: 3 },
      issuedConfirmed: true,
      acknowledged: { seq: 4 },
    });
    expect(factOf()?.issued).toBeNull();
  });
});

describe("what a cluster has, as far as anybody knows", () => {
  it("is what the hub issued, where the spoke knows of nothing later", () => {
    const issued = new Map([[uid, issuedAt(4)]]);
    expect(newestOf({ issued })?.revision).toEqual(
      exampleCompiled(name, "a").revision,
    );
  });

  it("is learnt from the spoke by a hub that lost its store, with five minutes for each bundle", () => {
    const learnt = newestOf({ issued: new Map([[uid, issuedAt(3)]]) });
    expect(learnt).toMatchObject({
      ...mark,
      bundles: [{ name: bundle, timeoutMs: 300_000 }],
    });
  });

  it.each<[string, Partial<HeardSpoke>]>([
    ["not reported on", { hasReported: false }],
    ["reported on at another version", { assignment: { ...mark, seq: 3 } }],
    [
      "reported on at another root",
      { assignment: { ...mark, root: digestOf("other") } },
    ],
  ])("stays what was issued, while what is acknowledged is %s", (_, more) => {
    const issued = new Map([[uid, issuedAt(3)]]);
    const spoke = { ...heard, ...more };
    expect(newestOf({ issued, heard: () => spoke })?.seq).toBe(3);
  });
});
