import {
  type ClusterView,
  type FleetView,
  type PruneView,
  type RolloutView,
} from "@wheelhouse/rest-api";
import { expect } from "vitest";
import { type DecidedFleet, production, staging } from "./decided-fleet.ts";

/** What a person who has only the command line does again and again, each with the end that it must have. */
export function createPerson(fleet: DecidedFleet) {
  const statusOf = (cluster: string) =>
    fleet.json<ClusterView>(["status", cluster]);
  const done = async (...args: readonly string[]) => {
    const { code, out, err } = await fleet.run(args);
    expect([args, code, err]).toEqual([args, 0, ""]);
    return out;
  };
  const countLeft = () =>
    [staging, production].flatMap((cluster) =>
      ["many", "more"].map((app) => {
        const names = Object.keys(fleet.values(cluster));
        return names.filter((name) => name.startsWith(`${app}-`)).length;
      }),
    );
  const total = (counts: readonly number[]) =>
    counts.reduce((sum, count) => sum + count, 0);
  return {
    statusOf,
    /** How many objects of each app with some to lose there are: in staging, and in production. */
    countLeft,
    /** Approves deletions, and waits until so many objects are left, and the hub knows it. */
    approvePrunes: async (
      choice: readonly string[],
      left: readonly number[],
    ) => {
      const end = await fleet.run(["prune", "approve", "--yes", ...choice]);
      expect([choice, end.code]).toEqual([choice, 0]);
      await fleet.untilTrue("they are gone", () => {
        return total(countLeft()) <= total(left);
      });
      // One of each app stays in Git.
      await fleet.until("the hub knows", ({ prunes }) => {
        return prunes.length === total(left) - left.length;
      });
      expect(countLeft()).toEqual(left);
    },
    /** Runs what must succeed without a word of complaint; gives what it printed. */
    done,
    /** Runs what must end with a code, and print nothing but a complaint; gives that. */
    refused: async (code: number, ...args: readonly string[]) => {
      const end = await fleet.run(args);
      expect([args, end.code, end.out]).toEqual([args, code, ""]);
      return end.err;
    },
    head: async () =>
      (await fleet.json<FleetView>(["status"])).head?.commit ?? "",
    /** A bundle of a cluster, as `status CLUSTER` has it. */
    bundleOf: async (cluster: string, app: string) => {
      const { bundles } = await statusOf(cluster);
      return bundles.find(({ bundle }) => bundle.endsWith(`/${app}`));
    },
    rolloutStatus: (code = 0) =>
      fleet.json<RolloutView>(["rollout", "status", "default"], code),
    listPrunes: () => fleet.json<readonly PruneView[]>(["prune", "list"]),
    approve: () =>
      done("rollout", "approve", "default", "--wave", "production"),
    /** What a cluster has was issued no earlier: it was held back until then, whenever anybody looked. */
    expectIssuedSince: async (cluster: string, sinceMs: number) => {
      const { assignment } = await statusOf(cluster);
      const issuedMs = Date.parse(assignment?.issuedAt ?? "");
      expect(issuedMs).toBeGreaterThanOrEqual(sinceMs);
    },
  };
}
