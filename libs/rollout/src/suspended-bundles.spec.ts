import { rootOf } from "@wheelhouse/assignment";
import { describe, expect, it } from "vitest";
import {
  exampleBundle,
  exampleCompiled as exampleTarget,
} from "./compiled-target.fixture.ts";
import { suspendBundles, targetOf, withDecision } from "./suspended-bundles.ts";

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

  it("are frozen and freed alone, and said to be so to the rollout", () => {
    const target = exampleTarget("prod-eu-1", "a");
    const issued = {
      cluster: "prod-eu-1",
      bundle: name,
      bundles: target.bundles,
    };
    const suspensions = [suspension("prod-eu-1", name)];
    const frozen = withDecision(issued, target, suspensions);
    expect(rootOf(frozen)).toBe(targetOf(target, suspensions).root);
    const freed = withDecision({ ...issued, bundles: frozen }, target, []);
    expect(rootOf(freed)).toBe(rootOf(target.bundles));
    const [seen] = targetOf(target, suspensions).bundles;
    expect(seen).toMatchObject({ suspended: true, held: false });
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
