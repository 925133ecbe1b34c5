import { type ClusterRecord } from "@wheelhouse/hub-store";
import { type LiveSpoke } from "@wheelhouse/spoke-sessions";
import { describe, expect, it } from "vitest";
import { type ClusterSources, describeCluster } from "./cluster-view.ts";
import { VerdictTimes } from "./verdict-times.ts";

const record: ClusterRecord = {
  name: "prod-eu-1",
  uid: "u1",
  phase: "Joined",
  labels: {},
  source: "git",
  joinedAt: "2026-03-01T11:00:00Z",
  certificateNotAfter: null,
  keys: [],
  revokedUids: [],
  repoint: null,
  acknowledgedFloor: null,
};
const cluster = {
  name: "prod-eu-1",
  source: "git" as const,
  labels: {},
  variables: {},
  exposeVariablesAs: [],
  suspend: false,
  revokedUids: [],
  location: { file: "fleet/clusters/prod-eu-1.yaml" },
};
const live: LiveSpoke = {
  uid: "u1",
  cluster: "prod-eu-1",
  session: "s1",
  hello: {
    spokeVersion: "0.1.0",
    capabilities: { kubeVersion: "v1.36.3" },
  } as LiveSpoke["hello"],
  acknowledged: null,
  refused: null,
  assignment: { epoch: 1, seq: 1, root: "sha256:1" },
  bundles: new Map(),
  drift: [],
  pruneHolds: [],
  hasReported: true,
  heardMs: 1_000,
  reportedMs: 1_000,
  endedMs: null,
};
const byPerson = {
  cluster: "prod-eu-1",
  bundle: null,
  actor: "admin",
  at: "2026-03-01T11:00:00Z",
};

const viewOf = (change: Partial<ClusterSources>) =>
  describeCluster({
    record,
    cluster,
    hasLeft: false,
    live,
    session: undefined,
    issued: null,
    confirmed: null,
    fact: undefined,
    waitsFor: undefined,
    wave: "canary",
    suspensions: [],
    times: new VerdictTimes(),
    nowMs: 1_000,
    monotonicMs: 1_000,
    startedMs: 0,
    ...change,
  });

describe("a cluster's view", () => {
  it.each<[string, Partial<ClusterSources>, string, string]>([
    [
      "is suspended by nobody",
      { suspensions: [{ ...byPerson, cluster: "prod-us-1" }] },
      "Converged",
      "connected; waits for its first assignment",
    ],
    [
      "is suspended by a person",
      { suspensions: [byPerson] },
      "Held",
      "suspended: wheelhouse resume prod-eu-1",
    ],
    [
      "is suspended by Git",
      { cluster: { ...cluster, suspend: true } },
      "Held",
      "suspended: remove spec.suspend from fleet/clusters/prod-eu-1.yaml",
    ],
    [
      "has a suspended bundle only",
      { suspensions: [{ ...byPerson, bundle: "Kustomization/a/b" }] },
      "Converged",
      "connected; waits for its first assignment",
    ],
    [
      "takes another's place, and cannot be given anything",
      { waitsFor: "the delegation has ended" },
      "Converged",
      "connected; waits for its first assignment: the delegation has ended",
    ],
  ])("that %s", (_, change, verdict, message) => {
    expect(viewOf(change)).toMatchObject({ verdict, message });
  });

  it("says which root its verdict is about, and since when", () => {
    const started = "1970-01-01T00:00:01.000Z";
    expect(viewOf({ nowMs: 4_000, monotonicMs: 4_000 })).toMatchObject({
      verdict: "Converged",
      reportedRoot: "sha256:1",
      reportedAt: started,
    });
    const silent = { ...live, assignment: null, reportedMs: null };
    for (const change of [{ live: silent }, { live: undefined }]) {
      expect(viewOf(change)).toMatchObject({
        reportedRoot: null,
        reportedAt: null,
      });
    }
    expect(viewOf({ hasLeft: true }).reportedAt).toBe(started);
  });

  it("says first that nothing is heard of one that is suspended", () => {
    const cut = { ...live, session: null, endedMs: 0 };
    const view = viewOf({
      live: cut,
      monotonicMs: 600_000,
      suspensions: [byPerson],
    });
    expect(view).toMatchObject({ verdict: "Unreachable", suspended: true });
  });
});
