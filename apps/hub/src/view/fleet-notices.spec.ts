import { type ClusterRecord } from "@wheelhouse/hub-store";
import { type BundleView } from "@wheelhouse/rest-api";
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
  registeredAt: "2026-03-01T10:00:00Z",
  leftAt: null,
  suspendedAt: null,
  joinedAt: null,
  certificateNotAfter: null,
  keys: [],
  revokedUids: ["u1"],
  repoint: null,
  acknowledgedFloor: null,
  issuedNumber: null,
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
    suspensions: [],
    shown: [],
    unreadable: [],
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

  it("list a suspension whose bundle is not assigned any more, and no other", () => {
    const web = "Kustomization/flux-system/web";
    const by = { actor: "admin", at: "2026-01-01T00:00:00Z" };
    const suspensions = [
      { cluster: "prod-eu-1", bundle: web, ...by },
      { cluster: "prod-eu-1", bundle: null, ...by },
      { cluster: "prod-us-1", bundle: web, ...by },
      { cluster: "left-1", bundle: web, ...by },
    ];
    const view = (name: string, ...bundles: readonly string[]) => ({
      name,
      bundles: bundles.map((bundle) => ({ bundle }) as BundleView),
    });
    const shown = [
      view("prod-eu-1", "Kustomization/flux-system/api"),
      view("prod-us-1", web),
      view("left-1"),
    ];
    expect(noticesOf({ suspensions, shown })).toEqual([
      expect.stringMatching(
        `^prod-eu-1: ${web} is suspended, .*: wheelhouse resume prod-eu-1/${web}$`,
      ),
    ]);
  });

  it("list a bundle that only its suspension keeps, and since when", () => {
    const bundle = "Kustomization/flux-system/web";
    const by = { actor: "admin", at: "2026-01-01T00:00:00Z" };
    const suspensions = [{ cluster: "prod-eu-1", bundle, ...by }];
    const removedIn = "4".repeat(40);
    const bundles = [{ bundle, removedIn } as BundleView];
    const shown = [{ name: "prod-eu-1", bundles }];
    expect(noticesOf({ suspensions, shown })).toEqual([
      `prod-eu-1: ${bundle} was removed from Git at 44444444 while it was suspended, and stays as it is; to let its objects be deleted: wheelhouse resume prod-eu-1/${bundle}`,
    ]);
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
