import { type ClusterRecord } from "@wheelhouse/hub-store";
import { describe, expect, it } from "vitest";
import { fleetNotices } from "./fleet-notices.ts";

const command = "wheelhouse hub delegate --data DIR --root-key FILE";
const dayMs = 86_400_000;
const record: ClusterRecord = {
  name: "prod-eu-1",
  uid: "u2",
  phase: "Joined",
  labels: {},
  source: "git",
  joinedAt: null,
  certificateNotAfter: null,
  keys: [],
  revokedUids: ["u1"],
  repoint: null,
  acknowledgedFloor: null,
};
const cluster = (revokedUids: readonly string[]) => ({
  name: "prod-eu-1",
  source: "git" as const,
  labels: {},
  variables: {},
  exposeVariablesAs: [],
  suspend: false,
  revokedUids,
  location: { file: "fleet/clusters/prod-eu-1.yaml" },
});
const noticesOf = (change: Partial<Parameters<typeof fleetNotices>[0]>) =>
  fleetNotices({
    delegationEndMs: 365 * dayMs,
    epoch: 1,
    nowMs: 0,
    records: [],
    clusters: [],
    ...change,
  });

describe("notices", () => {
  it.each([
    [61, []],
    [60, []],
    [59, ["the delegation ends in 59 days"]],
    [29, ["the delegation ends in 29 days, and then nothing new is issued"]],
    [
      6,
      [
        "ACT NOW: the delegation ends in 6 days, and then nothing new is issued",
      ],
    ],
    [0, ["the delegation has ended: nothing new is issued or renewed"]],
  ])("say what a delegation with %i days left needs", (days, words) => {
    const notices = noticesOf({ delegationEndMs: days * dayMs });
    expect(notices.map((notice) => notice.split(";")[0])).toEqual(words);
    for (const notice of notices) expect(notice).toContain(command);
  });

  it("name revocations that Git does not have, until it has them", () => {
    const records = [record];
    const before = noticesOf({ records, clusters: [cluster(["u0"])] });
    expect(before).toEqual([expect.stringContaining("revokedUids: [u0, u1]")]);
    expect(noticesOf({ records, clusters: [cluster(["u1"])] })).toEqual([]);
  });

  it("tell by the source who knows a cluster, whatever its folder is called", () => {
    const records: ClusterRecord[] = [
      { ...record, source: "api", revokedUids: [] },
    ];
    const { location: _, ...unwritten } = cluster([]);
    const clusters = [{ ...unwritten, source: "api" as const }];
    expect(noticesOf({ records, clusters })).toHaveLength(1);
    const odd = { ...cluster([]), location: { file: "(fleet)/prod.yaml" } };
    expect(noticesOf({ records, clusters: [odd] })).toEqual([]);
  });

  it("name clusters that only the API knows, and epochs that this hub lost", () => {
    const records: ClusterRecord[] = [
      { ...record, source: "api", acknowledgedFloor: { epoch: 3, seq: 1 } },
    ];
    expect(noticesOf({ records })).toEqual([
      expect.stringContaining("acknowledged epoch 3, and this hub is at 1"),
      expect.stringContaining("known only to the API"),
    ]);
    expect(noticesOf({ records })[0]).toContain(command);
  });
});
