import { rootOf } from "@wheelhouse/assignment";
import { describe, expect, it } from "vitest";
import { exampleBundle, exampleCompiled } from "./compiled-target.fixture.ts";
import {
  deletionsFor,
  planIssue,
  planReissue,
  planReplacement,
  releasedBundles,
} from "./next-issue.ts";

const name = exampleBundle("a").spec.name;

describe("the deletions that an assignment allows", () => {
  const object = (named: string) => ({
    ...{ group: "", kind: "ConfigMap", namespace: "shop", name: named },
  });
  const approval = (cluster: string, key: string) => ({
    ...{ cluster, key, object: object(key) },
  });

  it("are those approved for its own cluster, and no other's", () => {
    const approvals = [
      approval("prod-eu-1", "a"),
      approval("prod-us-1", "b"),
      approval("prod-eu-1", "c"),
    ];
    expect(deletionsFor("prod-eu-1", approvals).map((o) => o.name)).toEqual([
      "a",
      "c",
    ]);
    expect(deletionsFor("edge-1", approvals)).toEqual([]);
  });
});

describe("what a step issues", () => {
  const target = exampleCompiled("c", "a");

  it("is the target, with what people froze in it", () => {
    const frozen = planIssue(target, [{ cluster: "c", bundle: name }], null);
    expect(frozen?.bundles[0]?.spec.suspend).toBe(true);
    expect(frozen?.revision).toEqual(target.revision);
    expect(planIssue(target, [], null)?.bundles).toEqual(target.bundles);
  });

  it("is nothing where its root is issued already, or there is no target", () => {
    expect(planIssue(target, [], target)).toBeNull();
    const suspensions = [{ cluster: "c", bundle: name }];
    expect(planIssue(target, suspensions, target)).not.toBeNull();
    expect(planIssue(null, [], null)).toBeNull();
  });
});

describe("what an assignment releases", () => {
  const others = [exampleBundle("b", { name: "Kustomization/a/other" })];
  const gone = exampleCompiled("c", "b", others);
  const target = exampleCompiled("c", "a", [exampleBundle("a"), ...others]);
  const suspensions = [{ cluster: "c", bundle: name }];
  const kept = planIssue(gone, suspensions, target)?.bundles ?? [];
  const last = { epoch: 1, seq: 7, bundles: kept };
  const sources = {
    ...{ cluster: "c", bundles: others, last },
    ...{ suspensions: [], acknowledgedFloor: null },
  };

  it("is what leaves now that nobody suspends it any more, and nothing else", () => {
    expect(releasedBundles(sources)).toEqual([name]);
    expect(releasedBundles({ ...sources, suspensions })).toEqual([]);
    expect(releasedBundles({ ...sources, bundles: kept })).toEqual([]);
    expect(releasedBundles({ ...sources, last: null })).toEqual([]);
    const elsewhere = [{ cluster: "d", bundle: name }];
    const more = { ...sources, suspensions: elsewhere };
    expect(releasedBundles(more)).toEqual([name]);
  });

  it("is never what Git suspended, and what then left", () => {
    const spec = { suspend: true };
    const bundles = [exampleBundle("a", spec), ...others];
    const more = { ...sources, last: { ...last, bundles } };
    expect(releasedBundles(more)).toEqual([]);
  });

  it("is named until its spoke has acknowledged it, and not once Git has the bundle again", () => {
    const before = { epoch: 1, seq: 8, bundles: others, released: [name] };
    const more = { ...sources, last: before };
    expect(releasedBundles(more)).toEqual([name]);
    const early = { ...more, acknowledgedFloor: { epoch: 1, seq: 7 } };
    expect(releasedBundles(early)).toEqual([name]);
    const late = { ...more, acknowledgedFloor: { epoch: 1, seq: 8 } };
    expect(releasedBundles(late)).toEqual([]);
    const { bundles } = target;
    expect(releasedBundles({ ...more, bundles })).toEqual([]);
  });
});

describe("what a person's decision issues", () => {
  const target = exampleCompiled("c", "a");

  it("is the same once more, for the deletions that it allows", () => {
    const again = planReissue(target, null, null, []);
    expect(again).toEqual({
      bundles: target.bundles,
      revision: target.revision,
    });
  });

  it("is the one bundle as people decided, and nothing where that changes nothing", () => {
    const suspensions = [{ cluster: "c", bundle: name }];
    const frozen = planReissue(target, name, target, suspensions);
    expect(frozen?.bundles[0]?.spec.suspend).toBe(true);
    const bundles = frozen?.bundles ?? [];
    const last = { ...target, bundles, root: rootOf(bundles) };
    expect(planReissue(last, name, target, suspensions)).toBeNull();
    const freed = planReissue(last, name, target, []);
    expect(rootOf(freed?.bundles ?? [])).toBe(target.root);
  });

  it("lets go, once it is resumed, what only its suspension kept", () => {
    const suspensions = [{ cluster: "c", bundle: name }];
    const gone = exampleCompiled("c", "b", []);
    const kept = planIssue(gone, suspensions, target);
    const bundles = kept?.bundles ?? [];
    const last = { ...gone, bundles, root: rootOf(bundles) };
    expect(planReissue(last, name, gone, suspensions)).toBeNull();
    expect(planReissue(last, name, null, suspensions)).toBeNull();
    expect(planReissue(last, name, gone, [])?.bundles).toEqual([]);
    expect(planReissue(last, name, null, [])?.bundles).toEqual([]);
  });
});

describe("what a cluster in another's place is issued", () => {
  const due = {
    ...{ isRepointed: true, hasJoined: true },
    ...{ isConnected: true, hasAssignment: false },
  };
  const { bundles, revision } = exampleCompiled("c", "a");
  const last = { bundles, revision };

  it("is what its name was last confirmed at", () => {
    expect(planReplacement(due, last)).toEqual(last);
  });

  it.each([
    ["it took nobody's place", { isRepointed: false }],
    ["it has not joined", { hasJoined: false }],
    ["it is not here", { isConnected: false }],
    ["it has something already", { hasAssignment: true }],
  ])("is nothing while %s", (_, change) => {
    expect(planReplacement({ ...due, ...change }, last)).toBeNull();
  });

  it("is nothing where nothing was ever confirmed", () => {
    expect(planReplacement(due, null)).toBeNull();
  });
});
