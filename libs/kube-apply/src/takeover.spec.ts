import { type KubeObject } from "@wheelhouse/kube-object";
import { describe, expect, it } from "vitest";
import { policyOf } from "./flux-annotations.ts";
import { type TakeoverEvidence, decideTakeover } from "./takeover.ts";

const lastApplied: KubeObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "default" },
  spec: { replicas: 2 },
};

const replicas = { manager: "kubectl-edit", field: ".spec.replicas" };
const paused = { manager: "kubectl-edit", field: ".spec.paused" };
const stranger = { manager: "some-operator", field: ".spec.paused" };

const evidence: TakeoverEvidence = {
  conflicts: [replicas],
  force: false,
  policy: policyOf(lastApplied),
  driftMode: "enabled",
  lastApplied,
  mayAdopt: false,
};

describe("taking fields over", () => {
  it.each([
    ["a field that we applied last", {}, "take"],
    ["a field that we never applied", { conflicts: [paused] }, "hold"],
    ["one of each", { conflicts: [replicas, paused] }, "hold"],
    ["an object that we never applied", { lastApplied: undefined }, "hold"],
    ["drift that is only reported", { driftMode: "warn" }, "hold"],
    ["drift that is not looked at", { driftMode: "disabled" }, "hold"],
    ["force", { conflicts: [paused], force: true }, "take"],
    [
      "an object that says Override",
      {
        conflicts: [paused],
        policy: { ...evidence.policy, ssa: "Override" },
      },
      "take",
    ],
    [
      "kubectl's field, with adoption",
      { conflicts: [paused], mayAdopt: true },
      "take",
    ],
    [
      "an operator's field, with adoption",
      { conflicts: [paused, stranger], mayAdopt: true },
      "hold",
    ],
    ["a conflict without fields", { conflicts: [] }, "hold"],
  ] as const)("%s", (_title, more, kind) => {
    expect(decideTakeover({ ...evidence, ...more }).kind).toBe(kind);
  });

  it("names managers and fields where it holds", () => {
    const conflicts = [paused, stranger];
    expect(decideTakeover({ ...evidence, conflicts })).toEqual({
      kind: "hold",
      message: "kubectl-edit owns spec.paused; some-operator owns spec.paused",
    });
  });
});
