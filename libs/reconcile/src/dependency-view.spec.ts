import {
  type Digest,
  type HealthCheck,
  createEnvelope,
  digestOf,
} from "@wheelhouse/assignment";
import { type BundleRecord } from "@wheelhouse/kube-apply";
import { objectKey } from "@wheelhouse/kube-object";
import { exampleBundleSpec } from "@wheelhouse/testing";
import { describe, expect, it } from "vitest";
import { type AssignmentPlan, planAssignment } from "./assignment-plan.ts";
import { computeBundleHealth } from "./bundle-health.ts";
import { type BundleState, unknownState } from "./bundle-state.ts";
import { DependencyView } from "./dependency-view.ts";

const nameOf = (short: string) => `Kustomization/flux-system/${short}`;
const [one, two] = [nameOf("one"), nameOf("two")];
const [old, fresh] = [digestOf("old"), digestOf("new")];
const revision = { commit: "4".repeat(40), lock: digestOf("no sources") };

const checkOf = (short: string): HealthCheck => ({
  ...{ apiVersion: "kustomize.toolkit.fluxcd.io/v1", kind: "Kustomization" },
  ...{ namespace: "flux-system", name: short },
});

/** An assignment in which `two` depends on `one`, or checks it, and `one` checks `two` where the checks go round. */
function planOf(
  digests: Readonly<Record<"one" | "two", Digest>>,
  link: "depends" | "checks" | "circle" = "depends",
): AssignmentPlan {
  const toTwo = link === "circle" ? [checkOf("two")] : [];
  const toOne = link === "depends" ? [] : [checkOf("one")];
  const dependsOn = link === "depends" ? [{ bundle: one }] : [];
  const specs = [
    exampleBundleSpec({ name: one, healthChecks: toTwo }),
    exampleBundleSpec({ name: two, dependsOn, healthChecks: toOne }),
  ];
  const [first, second] = specs.map((spec, index) => ({
    ...{ spec, revision, digest: digests[index === 0 ? "one" : "two"] },
  }));
  const bundles = [first, second].flatMap((bundle) => bundle ?? []);
  const envelope = createEnvelope({
    ...{ fleet: "demo", cluster: "prod-eu-1", audience: "uid", revision },
    ...{ epoch: 1, seq: 1, issuedAt: "2026-01-01T00:00:00Z" },
    ...{ bundles, allowDelete: [] },
  });
  return planAssignment(envelope, new Map(), objectKey);
}

/** A view over records and states that a test changes. */
function viewOf() {
  const records = new Map<string, BundleRecord>();
  const states = new Map<string, BundleState>();
  const view = new DependencyView({
    records,
    stateOf: (name) => states.get(name) ?? unknownState,
  });
  const apply = (
    name: string,
    applied: Digest,
    more: Partial<BundleRecord> = {},
  ) =>
    records.set(name, {
      ...{ applied, artifact: null, appliedAt: "2026-01-01T00:00:00Z" },
      ...{ prune: true, deletionPolicy: "Delete" as const, ...more },
    });
  const judge = (plan: AssignmentPlan, name: string, late?: string) => {
    const health = {
      ...computeBundleHealth([], [], 0),
      basis: view.basisOf(plan, name),
    };
    const facts =
      late === undefined
        ? {}
        : { late: { fingerprint: late, macNotVerifiable: false } };
    states.set(name, { ...unknownState, health, ...facts });
  };
  return { view, apply, judge };
}

const ready = { isApplied: true, isReady: true, areChecksReady: true };
const unjudged = { isApplied: true, isReady: false, areChecksReady: false };
const unapplied = { ...unjudged, isApplied: false };

describe("what others see of a bundle", () => {
  const before = planOf({ one: old, two: old });
  const plan = planOf({ one: fresh, two: old });

  it("is Ready by a look at what is applied now", () => {
    const { view, apply, judge } = viewOf();
    expect(view.stateOf(plan, one)).toMatchObject(unapplied);
    apply(one, fresh);
    expect(view.stateOf(plan, one)).toMatchObject(unjudged);
    judge(plan, one);
    expect(view.stateOf(plan, one)).toMatchObject(ready);
    expect(view.stateOf(plan, nameOf("other"))).toBeUndefined();
  });

  it("is not Ready by a look at what was applied before, though it was under the new digest", () => {
    const { view, apply, judge } = viewOf();
    apply(one, old);
    judge(plan, one);
    expect(view.stateOf(plan, one)).toMatchObject(unapplied);
    apply(one, fresh);
    expect(view.stateOf(plan, one)).toMatchObject(unjudged);
  });

  it("is not Ready by a look at an earlier application of the same digest", () => {
    const { view, apply, judge } = viewOf();
    apply(one, fresh);
    judge(plan, one);
    apply(one, old);
    apply(one, fresh, { appliedAt: "2026-01-01T00:01:00Z" });
    expect(view.stateOf(plan, one)).toMatchObject(unjudged);
  });

  it("is not applied with other late values than the newest, nor Ready by a look before those", () => {
    const { view, apply, judge } = viewOf();
    apply(one, fresh, { late: "first" });
    judge(plan, one, "second");
    expect(view.stateOf(plan, one)).toMatchObject(unapplied);
    apply(one, fresh, { late: "second" });
    expect(view.stateOf(plan, one)).toMatchObject(unjudged);
    judge(plan, one, "second");
    expect(view.stateOf(plan, one)).toMatchObject(ready);
  });

  it("stays as it is where another assignment has it unchanged, or a person suspends it", () => {
    const { view, apply, judge } = viewOf();
    apply(two, old);
    judge(before, two);
    expect(view.stateOf(plan, two)).toMatchObject(ready);
    apply(two, old, { isSuspended: true });
    expect(view.stateOf(plan, two)).toMatchObject(ready);
  });

  it("is Ready only while what it checks is what it was judged by", () => {
    const { view, apply, judge } = viewOf();
    const [checking, changed] = [
      planOf({ one: old, two: old }, "checks"),
      planOf({ one: fresh, two: old }, "checks"),
    ];
    apply(one, old);
    apply(two, old);
    judge(checking, two);
    expect(view.stateOf(checking, two)).toMatchObject(ready);
    expect(view.stateOf(changed, two)).toMatchObject(unjudged);
    judge(changed, two);
    apply(one, fresh);
    expect(view.stateOf(changed, two)).toMatchObject(unjudged);
  });

  it("has an end where checks go round", () => {
    const { view, apply, judge } = viewOf();
    const circle = planOf({ one: old, two: old }, "circle");
    apply(one, old);
    judge(circle, one);
    expect(view.stateOf(circle, one)).toMatchObject(ready);
    apply(two, old);
    expect(view.stateOf(circle, one)).toMatchObject(unjudged);
  });
});

describe("what a bundle waits for", () => {
  const plan = planOf({ one: fresh, two: fresh });
  const bundle = (name: string) => {
    const planned = plan.bundles.get(name);
    if (planned === undefined) throw new Error(name);
    return planned;
  };

  it("is what it depends on, until that is Ready, and nothing once it is applied", () => {
    const { view, apply, judge } = viewOf();
    expect(view.waitsFor(plan, bundle(two))).toBe(`waits for ${one}`);
    apply(one, fresh);
    judge(plan, one);
    expect(view.waitsFor(plan, bundle(two))).toBeUndefined();
    apply(one, old);
    expect(view.waitsFor(plan, bundle(two))).toBe(`waits for ${one}`);
    apply(two, fresh);
    expect(view.waitsFor(plan, bundle(two))).toBeUndefined();
  });

  it("does not concern other late values: those are applied at once", () => {
    const { view, apply } = viewOf();
    apply(two, fresh, { late: "first" });
    expect(view.isToApply(bundle(two), "second")).toBe(true);
    expect(view.isToApply(bundle(two), "first")).toBe(false);
    expect(view.isToApply(bundle(two))).toBe(false);
    expect(view.isToApply(bundle(one))).toBe(true);
    expect(view.waitsFor(plan, bundle(two))).toBeUndefined();
  });
});
