import fc from "fast-check";
import { expect, it } from "vitest";
import { defaultFleetConfig } from "@wheelhouse/fleet-model";
import { compileCluster } from "./compile-cluster.ts";
import {
  configMapText,
  fluxText,
  prodCluster,
  renderPlainly,
  treeOf,
} from "./plain-fleet.fixture.ts";
import { type RenderRequest, type RenderResult } from "./render-request.ts";

const files: Readonly<Record<string, string>> = {
  "clusters/prod/a.yaml": fluxText("apps", "./apps"),
  "clusters/prod/b.yaml": fluxText(
    "web",
    "./web",
    "  dependsOn: [{name: apps}]\n",
  ),
  "clusters/prod/c.yaml": fluxText(
    "late",
    "./web2",
    "  postBuild: {substituteFrom: [{kind: Secret, name: s}]}\n",
  ),
  "apps/one.yaml": fluxText("one", "./one"),
  "apps/two.yaml": fluxText(
    "two",
    "./two",
    "  postBuild: {substitute: {A: a}}\n",
  ),
  "one/cm.yaml": configMapText("one"),
  "two/cm.yaml": configMapText("one", "{v: '${A}'}"),
  "web/cm.yaml": configMapText("web"),
  "web2/cm.yaml": configMapText("web2"),
};

/** Compiles with the files given in some order, and only one render answered a round. */
const compile = (paths: readonly string[], pick: number) => {
  const tree = treeOf(
    Object.fromEntries(paths.map((path) => [path, files[path] ?? ""])),
  );
  const fleet = {
    clusters: [prodCluster],
    rollouts: [],
    config: defaultFleetConfig,
  };
  const renders = new Map<RenderRequest["key"], RenderResult>();
  for (let round = 0; round < 50; round += 1) {
    const step = compileCluster({ tree, fleet, cluster: prodCluster, renders });
    if (step.kind === "done") return step.compiled;
    const request = step.requests[pick % step.requests.length];
    if (request !== undefined) renders.set(request.key, renderPlainly(request));
  }
  throw new Error("asks for renders without end");
};

it("comes to the same, in whatever order files and renders arrive", () => {
  const paths = Object.keys(files);
  const wanted = compile(paths, 0);
  expect(wanted.problems).toHaveLength(1);
  fc.assert(
    fc.property(
      fc.shuffledSubarray(paths, { minLength: paths.length }),
      fc.nat(20),
      (shuffled, pick) => {
        expect(compile(shuffled, pick)).toEqual(wanted);
      },
    ),
    { numRuns: 30 },
  );
});
