import { describe, expect, it } from "vitest";
import {
  findFleetEmptied,
  hasLeftFleet,
  mergeClusters,
} from "./fleet-membership.ts";
import { type Cluster } from "./fleet-objects.ts";

const clusterOf = (name: string, source: Cluster["source"]): Cluster => ({
  ...{ name, source, labels: {}, variables: {}, exposeVariablesAs: [] },
  ...{ suspend: false, revokedUids: [] },
});
const [git, api] = [clusterOf("b", "git"), clusterOf("b", "api")];

describe("clusters of Git and of the API", () => {
  it("are one list by name, in which Git's word wins", () => {
    const others = [clusterOf("c", "git"), clusterOf("a", "api")] as const;
    expect(mergeClusters([others[0], git], [api, others[1]])).toEqual([
      ...[others[1], git, others[0]],
    ]);
  });
});

describe("a cluster", () => {
  it.each([
    ["has left once Git names it no longer", git, { clusters: [] }, true],
    ["is there while Git names it", git, { clusters: [git] }, false],
    ["has not left before the first commit", git, null, false],
    ["of the API never was Git's", api, { clusters: [] }, false],
  ])("%s", (_, cluster, head, hasLeft) => {
    expect(hasLeftFleet(cluster, head)).toBe(hasLeft);
  });
});

describe("a commit", () => {
  it.each([
    ["may take one of two away", [git, git], [git], false],
    ["may not take the last away", [git], [], true],
    ["may not, whatever the API knows", [git, api], [api], true],
    ["may name none from the first on", [], [], false],
    ["may name none where only the API knew any", [api], [], false],
  ])("%s", (_, before, after, isRefused) => {
    const problem = findFleetEmptied(before, after);
    expect(problem?.reason).toBe(isRefused ? "FleetEmptied" : undefined);
  });
});
