import {
  type AssignedBundle,
  type BundleSpec,
  digestOf,
} from "@wheelhouse/assignment";
import { exampleBundleSpec } from "@wheelhouse/testing";
import { describe, expect, it } from "vitest";
import { checkDependencies } from "./dependency-gate.ts";
import { type DependencyState } from "./dependency-state.ts";

const name = "Kustomization/flux-system/common";

function bundleOf(more: Partial<BundleSpec> = {}): AssignedBundle {
  const spec = exampleBundleSpec({ name, wait: false, ...more });
  const revision = { commit: "0".repeat(40), lock: digestOf("") };
  return { spec, digest: digestOf("bundle"), revision };
}

const dependant = bundleOf({
  name: "Kustomization/flux-system/backend",
  dependsOn: [{ bundle: name }],
});

const stateOf = (more: Partial<DependencyState>): DependencyState => ({
  assigned: bundleOf(),
  isApplied: true,
  isReady: true,
  areChecksReady: true,
  ...more,
});

describe("the dependency gate", () => {
  it.each([
    ["applied and Ready", {}, "met"],
    ["not applied at this assignment", { isApplied: false }, "waits"],
    ["without wait, applied and not Ready", { isReady: false }, "met"],
    [
      "with wait, applied and not Ready",
      { assigned: bundleOf({ wait: true }), isReady: false },
      "waits",
    ],
    [
      "with a health check that is not Ready",
      { areChecksReady: false },
      "waits",
    ],
  ] as const)("%s: %s", (_title, more, kind) => {
    const verdict = checkDependencies(dependant, () => stateOf(more));
    expect(verdict.kind).toBe(kind);
  });

  it("waits for what does not exist, and says so", () => {
    expect(checkDependencies(dependant, () => undefined)).toEqual({
      kind: "waits",
      reason: "DependencyNotFound",
      message: `depends on ${name}, which does not exist in this cluster`,
    });
  });
});

const labelled = (object: string, version: string): Partial<BundleSpec> => ({
  object: {
    apiVersion: "kustomize.toolkit.fluxcd.io/v1",
    kind: "Kustomization",
    metadata: { name: object, labels: { version } },
    spec: { path: `./${object}` },
  },
});

const isReady =
  "dep.status.conditions.exists(e, e.type == 'Ready' && e.status == 'True')";
const isSameVersion =
  "dep.metadata.labels['version'] == self.metadata.labels['version']";

function verdictOf(
  readyExpr: string,
  dep: Partial<DependencyState> = {},
  self = labelled("backend", "v2"),
) {
  const asking = bundleOf({
    ...self,
    name: dependant.spec.name,
    dependsOn: [{ bundle: name, readyExpr }],
  });
  const assigned = bundleOf(labelled("common", "v2"));
  return checkDependencies(asking, (asked) =>
    asked === name ? stateOf({ assigned, ...dep }) : undefined,
  );
}

describe("a ready expression", () => {
  const waiting = bundleOf({ ...labelled("common", "v2"), wait: true });

  it.each([
    ["holds for what is Ready", isReady, {}, "met"],
    [
      "that asks for Ready waits for what is applied and not healthy",
      isReady,
      { assigned: waiting, isReady: false },
      "waits",
    ],
    [
      "that asks for Ready waits for this assignment's digest",
      isReady,
      { isApplied: false },
      "waits",
    ],
    ["sees both sides", isSameVersion, {}, "met"],
    [
      "sees that both sides differ",
      isSameVersion,
      { assigned: bundleOf(labelled("common", "v1")) },
      "waits",
    ],
    [
      "takes the place of the other conditions, as in Flux",
      isSameVersion,
      { assigned: waiting, isReady: false, areChecksReady: false },
      "met",
    ],
    [
      "sees a generation that is observed once it is applied",
      "dep.metadata.generation == dep.status.observedGeneration",
      {},
      "met",
    ],
    [
      "sees a generation that is not observed before",
      "dep.metadata.generation == dep.status.observedGeneration",
      { isApplied: false },
      "waits",
    ],
    [
      "sees the revision",
      "dep.status.lastAppliedRevision == self.status.lastAttemptedRevision",
      {},
      "met",
    ],
    ["sees what is written", "dep.spec.path == './common'", {}, "met"],
    ["that does not hold is waited for", "false", {}, "waits"],
  ] as const)("%s", (_title, readyExpr, dep, kind) => {
    expect(verdictOf(readyExpr, dep).kind).toBe(kind);
  });

  it("without an answer is waited for, and says why", () => {
    expect(verdictOf("dep.metadata.annotations['x'] == 'y'")).toEqual({
      kind: "waits",
      reason: "DependencyNotReady",
      message: `waits for ${name}: readyExpr: no such key: annotations`,
    });
  });

  it("says that it does not hold", () => {
    expect(verdictOf("false")).toMatchObject({
      message: `waits for ${name}, by its readyExpr`,
    });
  });

  it("that would run for ages is stopped, and waited for", () => {
    const text = "a".repeat(60);
    const endless = labelled("backend", `${text}!`);
    expect(
      verdictOf(
        "self.metadata.labels['version'].matches('^(a+)+$')",
        {},
        endless,
      ),
    ).toMatchObject({ message: expect.stringContaining("takes longer than") });
  });

  it("is not asked about a bundle that is not there", () => {
    const asking = bundleOf({
      dependsOn: [{ bundle: name, readyExpr: "true" }],
    });
    expect(checkDependencies(asking, () => undefined)).toMatchObject({
      reason: "DependencyNotFound",
    });
  });
});
