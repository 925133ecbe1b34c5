import { bundleDigest, rootOf } from "@wheelhouse/assignment";
import { describe, expect, it } from "vitest";
import { exampleBundle, exampleCompiled } from "./compiled-target.fixture.ts";
import {
  decidedBundles,
  suspendBundles,
  targetOf,
  undecidedBundles,
  withDecision,
} from "./suspended-bundles.ts";

const suspension = (cluster: string, bundle: string | null) => ({
  cluster,
  bundle,
  actor: "operator-1",
  at: "2026-01-01T00:00:00.000Z",
});
const name = exampleBundle("a").spec.name;

describe("suspended bundles", () => {
  it("are frozen in their cluster alone, and change its root", () => {
    const target = exampleCompiled("prod-eu-1", "a");
    const rootWith = (...suspensions: ReturnType<typeof suspension>[]) =>
      targetOf(target, suspensions, []).root;
    expect(rootWith(suspension("prod-eu-1", name))).not.toBe(target.root);
    expect(rootWith(suspension("prod-us-1", name))).toBe(target.root);
    expect(rootWith()).toBe(target.root);
  });

  it("leave the bundles as they are where the whole cluster is suspended", () => {
    const bundles = [exampleBundle("a")];
    const same = suspendBundles("c", bundles, [suspension("c", null)]);
    expect(rootOf(same)).toBe(rootOf(bundles));
  });

  it("are frozen and freed alone, and said to be so to the rollout", () => {
    const target = exampleCompiled("prod-eu-1", "a");
    const issued = {
      cluster: "prod-eu-1",
      bundle: name,
      bundles: target.bundles,
    };
    const suspensions = [suspension("prod-eu-1", name)];
    const frozen = withDecision(issued, target, suspensions);
    expect(rootOf(frozen)).toBe(targetOf(target, suspensions, []).root);
    const freed = withDecision({ ...issued, bundles: frozen }, target, []);
    expect(rootOf(freed)).toBe(rootOf(target.bundles));
    const [seen] = targetOf(target, suspensions, []).bundles;
    expect(seen).toMatchObject({ suspended: true, held: false });
  });

  const elsewhere = exampleBundle("b", { name: "Kustomization/a/other" });
  const [was] = exampleCompiled("prod-eu-1", "a").bundles;
  const gone = exampleCompiled("prod-eu-1", "b", [elsewhere]);
  const frozenHere = [suspension("prod-eu-1", name)];

  it("stay as they were issued last when Git has them no more, and say since when", () => {
    const issued = [was!, elsewhere];
    const once = decidedBundles(gone, frozenHere, issued);
    const kept = once.find(({ spec }) => spec.name === name);
    const { commit } = gone.revision;
    const spec = { ...was!.spec, suspend: true, removedIn: commit };
    const { revision } = was!;
    expect(kept).toEqual({ spec, revision, digest: bundleDigest(spec) });
    expect(once).toContain(elsewhere);
    const target = targetOf(gone, frozenHere, issued);
    expect(target.root).toBe(rootOf(once));
    expect(target.bundles).toContainEqual(
      expect.objectContaining({ name, suspended: true }),
    );
  });

  it("change no more while Git has them no more, and nobody resumes them", () => {
    const once = decidedBundles(gone, frozenHere, [was!, elsewhere]);
    const later = exampleCompiled("prod-eu-1", "c", [elsewhere]);
    const twice = decidedBundles(later, frozenHere, once);
    expect(rootOf(twice)).toBe(rootOf(once));
    expect(decidedBundles(later, [], once)).toEqual([elsewhere]);
    const back = exampleCompiled("prod-eu-1", "d", [was!, elsewhere]);
    const [again] = decidedBundles(back, frozenHere, once);
    expect(again?.spec.removedIn).toBeUndefined();
    expect(again?.spec.suspend).toBe(true);
  });

  it("leave with Git where nobody froze them, or in another cluster alone, or a suspended cluster's", () => {
    for (const suspensions of [
      [],
      [suspension("prod-us-1", name)],
      [suspension("prod-eu-1", null)],
    ]) {
      const left = decidedBundles(gone, suspensions, [was!, elsewhere]);
      expect(left).toEqual([elsewhere]);
    }
  });

  it("block no deletion of others: one that was held is not held for what Git has no more", () => {
    const held = { reason: "ParentHeld", message: "" };
    const bundles = [exampleBundle("a", { held }), elsewhere];
    const kept = decidedBundles(gone, frozenHere, bundles).at(-1);
    expect(kept?.spec.held).toBeNull();
    const unbuilt = exampleBundle("a", { held, artifact: null });
    const empty = decidedBundles(gone, frozenHere, [unbuilt]).at(-1);
    expect(empty?.spec.held).toEqual(held);
  });

  it("are as Git had them for what cannot be built any more", () => {
    const target = exampleCompiled("prod-eu-1", "a", [was!, elsewhere]);
    const frozen = decidedBundles(target, frozenHere, []);
    expect(undecidedBundles(frozen, target)).toEqual([was, elsewhere]);
    expect(undecidedBundles(frozen, null)).toEqual(frozen);
    const kept = decidedBundles(gone, frozenHere, frozen);
    expect(undecidedBundles(kept, gone)).toEqual([elsewhere]);
  });

  it("are not frozen twice", () => {
    const once = suspendBundles(
      "c",
      [exampleBundle("a")],
      [suspension("c", name)],
    );
    const twice = suspendBundles("c", once, [suspension("c", name)]);
    expect(rootOf(twice)).toBe(rootOf(once));
  });
});
