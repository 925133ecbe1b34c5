import { rootOf } from "@wheelhouse/assignment";
import { exampleBundle, exampleTarget } from "@wheelhouse/testing";
import { describe, expect, it } from "vitest";
import { suspendBundles, targetOf } from "./suspended-bundles.ts";

const suspension = (cluster: string, bundle: string | null) => ({
  cluster,
  bundle,
  actor: "operator-1",
  at: "2026-01-01T00:00:00.000Z",
});
const name = exampleBundle("a").spec.name;

describe("suspended bundles", () => {
  it("are frozen in their cluster alone, and change its root", () => {
    const target = exampleTarget("prod-eu-1", "a");
    const frozen = targetOf(target, [suspension("prod-eu-1", name)]);
    expect(frozen.root).not.toBe(target.root);
    expect(targetOf(target, [suspension("prod-us-1", name)]).root).toBe(
      target.root,
    );
    expect(targetOf(target, []).root).toBe(target.root);
  });

  it("leave the bundles as they are where the whole cluster is suspended", () => {
    const bundles = [exampleBundle("a")];
    const same = suspendBundles("c", bundles, [suspension("c", null)]);
    expect(rootOf(same)).toBe(rootOf(bundles));
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
