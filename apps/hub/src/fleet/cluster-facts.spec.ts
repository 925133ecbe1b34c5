import { digestOf } from "@wheelhouse/assignment";
import { describe, expect, it } from "vitest";
import { computeClusterFact } from "./cluster-facts.ts";
import { type LiveSpoke } from "./live-sessions.ts";

const at = "2026-01-01T00:00:00.000Z";
const mark = { epoch: 1, seq: 4, root: digestOf("root") };

/** A spoke that runs what a hub which lost its store never heard of. */
const live: LiveSpoke = {
  ...{ uid: "u1", cluster: "prod-eu-1", session: "s1" },
  hello: {
    ...{ kind: "hello", protocol: { major: 1, minor: 0 } },
    ...{ spokeVersion: "1", fleet: "test", cluster: "prod-eu-1", uid: "u1" },
    ...{ kubeSystemUid: "u1", instance: "i1", acknowledged: mark },
    capabilities: { kubeVersion: "v1.36.3", apiVersions: [] },
  },
  acknowledged: mark,
  refused: null,
  assignment: mark,
  bundles: new Map([
    [
      "Kustomization/flux-system/web",
      {
        bundle: "Kustomization/flux-system/web",
        ...{ digest: digestOf("web"), applied: digestOf("web") },
        ...{ ready: false, failed: false, status: "InProgress" },
        ...{ objects: { total: 1, ready: 0 }, message: "", held: null },
        ...{ notes: [], drifted: false, since: at },
      },
    ],
  ]),
  ...{ drift: [], pruneHolds: [], hasReported: true },
  ...{ heardMs: 0, reportedMs: 0, endedMs: null },
};

describe("facts about a cluster", () => {
  it("give bundles that only a report tells of five minutes to become Ready", () => {
    const { issued } = computeClusterFact({
      record: {
        ...{ name: "prod-eu-1", uid: "u1", phase: "Joined", labels: {} },
        ...{ source: "git", joinedAt: at, certificateNotAfter: at, keys: [] },
        ...{ revokedUids: [], repoint: null, acknowledgedFloor: mark },
      },
      cluster: {
        ...{ name: "prod-eu-1", labels: {}, variables: {}, revokedUids: [] },
        ...{ exposeVariablesAs: [], suspend: false },
        location: { file: "fleet/clusters/prod-eu-1.yaml" },
      },
      live,
      ...{ issued: null, target: null, completedTarget: null },
      ...{ suspensions: [], nowMs: 1_000 },
    });
    expect(issued?.bundles.map(({ timeoutMs }) => timeoutMs)).toEqual([
      300_000,
    ]);
  });
});
