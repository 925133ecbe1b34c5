import {
  type ClusterRecord,
  type IssuedAssignment,
} from "@wheelhouse/hub-store";
import { type BundleReport } from "@wheelhouse/protocol";
import { type LiveSpoke } from "@wheelhouse/spoke-sessions";
import { describe, expect, it } from "vitest";
import { type ClusterSources, describeCluster } from "./cluster-view.ts";

const record: ClusterRecord = {
  name: "prod-eu-1",
  uid: "u1",
  phase: "Joined",
  labels: {},
  source: "git",
  registeredAt: "2026-03-01T10:00:00Z",
  leftAt: null,
  suspendedAt: null,
  joinedAt: "2026-03-01T11:00:00Z",
  certificateNotAfter: null,
  keys: [],
  revokedUids: [],
  repoint: null,
  acknowledgedFloor: null,
  issuedNumber: null,
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

const at = (minute: number) =>
  new Date(Date.UTC(2026, 2, 1, 12, minute)).toISOString();
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

  it.each<[string, ClusterSources["live"], string]>([
    [
      "whose spoke is stopped",
      { ...live, session: null, endedMs: 0 },
      "its session has ended; it dials again",
    ],
    ["of a hub that has just started", undefined, "its first session"],
  ])("goes on saying how a suspended one %s is resumed", (_, heard, words) => {
    const { message } = viewOf({ live: heard, suspensions: [byPerson] });
    expect(message).toMatch(/^suspended: wheelhouse resume prod-eu-1; /);
    expect(message).toContain(words);
  });

  it("is as old as its facts, though nobody looked while they changed, or the hub started again", () => {
    const name = "Kustomization/flux-system/webapp";
    const issued = {
      envelope: {
        ...{ epoch: 1, seq: 2, root: "sha256:2", issuedAt: at(2) },
        revision: { commit: "c2" },
        bundles: [
          {
            digest: "sha256:b2",
            revision: { commit: "c2" },
            spec: { name, dependsOn: [], drift: { mode: "enabled" } },
          },
        ],
      },
      ...{ acknowledgedAt: at(3), confirmedAt: null },
    } as unknown as IssuedAssignment;
    const reported = (change: object) => {
      const report = { digest: "sha256:b2", applied: "sha256:b2", ...change };
      return new Map([[name, report as BundleReport]]);
    };
    const nowMs = Date.parse(at(30));
    const look = (bundles: LiveSpoke["bundles"], startedMs: number) => {
      const heard = { heardMs: 1_000, reportedMs: 1_000, endedMs: null };
      const {
        verdict,
        since,
        bundles: views,
      } = viewOf({
        ...{ issued, nowMs, monotonicMs: 2_000, startedMs },
        live: { ...live, ...heard, bundles },
      });
      return [verdict, since, views[0]?.since];
    };
    // Each time by somebody else: nothing is remembered from one look to the next.
    const waiting = reported({ digest: "sha256:b1", since: at(1) });
    expect(look(waiting, 0)).toEqual(["Progressing", at(2), at(2)]);
    const failed = reported({ failed: true, since: at(4) });
    expect(look(failed, 0)).toEqual(["Degraded", at(4), at(4)]);
    const ready = reported({ ready: true, since: at(5) });
    expect(look(ready, 0)).toEqual(["Converged", at(5), at(5)]);
    expect(look(ready, 1_500)).toEqual(look(ready, 0));
    // Of an older digest that it had already, the root is the younger.
    const kept = reported({ ready: true, since: at(1) });
    expect(look(kept, 0)).toEqual(["Converged", at(2), at(1)]);
  });

  it("was never joined since it was registered", () => {
    const never = { ...record, phase: "Pending" as const, joinedAt: null };
    const nowMs = Date.parse("2026-03-01T12:00:00Z");
    expect(viewOf({ record: never, live: undefined, nowMs })).toMatchObject({
      ...{ verdict: "Unreachable", since: "2026-03-01T10:00:00.000Z" },
    });
  });
});
