import { createEnvelope } from "@wheelhouse/assignment";
import { describe, expect, it } from "vitest";
import { type HeardSpoke } from "./cluster-sources.ts";
import { exampleCompiled } from "./compiled-target.fixture.ts";
import { exampleRollout, exampleWave } from "./example-fleet.fixture.ts";
import { takeRound } from "./rollout-round.ts";

const name = "prod-eu-1";
const uid = "u1";
const at = "2026-01-01T00:00:00.000Z";
const target = exampleCompiled(name, "a");

const cluster = {
  ...{ name, labels: {}, variables: {}, suspend: false },
  ...{ source: "git" as const, exposeVariablesAs: [], revokedUids: [] },
  location: { file: "fleet/clusters/prod-eu-1.yaml" },
};

/** What a hub that issued the target as number 4 plans when the spoke says that it has another, of this number. */
function plannedAt(seq: number) {
  const mark = { epoch: 1, seq, root: exampleCompiled(name, "b").root };
  const heard: HeardSpoke = {
    ...{ session: "s1", heardMs: 400, acknowledged: mark, hasReported: true },
    ...{ assignment: mark, bundles: new Map() },
  };
  const { bundles, revision } = target;
  const envelope = createEnvelope({
    ...{ fleet: "test", cluster: name, audience: uid, epoch: 1, seq: 4 },
    ...{ revision, issuedAt: at, bundles, allowDelete: [] },
  });
  const head = {
    ...{ revision, rollout: exampleRollout([exampleWave()]) },
    ...{ clusters: [cluster], problems: [] },
  };
  const sources = {
    ...{ head, at: head, comparedProblems: [], suspensions: [] },
    records: [
      {
        ...{ name, uid, phase: "Joined" as const, joinedAt: at },
        ...{ acknowledgedFloor: { epoch: 1, seq }, issuedNumber: null },
      },
    ],
    heard: () => heard,
    issued: new Map([[uid, { envelope, confirmedAt: null }]]),
    targets: new Map([[name, target]]),
    ...{ completedTargets: new Map(), epoch: 1, nowMs: 1_000 },
  };
  const time = { monotonicMs: 1_000, iso: at };
  const asked = { command: null, mayIssue: true };
  return takeRound(null, sources, asked, time).issues;
}

describe("an issue that a round plans", () => {
  it("is what the hub issued last, again, where the spoke has something newer", () => {
    expect(plannedAt(9)).toMatchObject([
      { content: { bundles: target.bundles } },
    ]);
  });

  it("is none where the spoke is only behind", () => {
    expect(plannedAt(3)).toEqual([]);
  });
});
