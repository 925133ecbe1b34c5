import { type BundleSpec } from "@wheelhouse/assignment";
import { describe, expect, it } from "vitest";
import {
  Flags,
  type Wish,
  applied,
  assignmentOf,
  bundle,
  bundleCheck,
  flag,
  idle,
  nameOf,
  template,
  within,
} from "./flag-cluster.fixture.ts";

/** How `one` comes to be judged by what was live before its digest was applied, and is let go on. */
interface Delay {
  /** What `one` is at a commit. */
  readonly one?: (commit: number) => Wish;
  readonly before: (flags: Flags) => void;
  /** Gives what is to be looked at again. */
  readonly after: (flags: Flags) => "zero" | "one";
}

const delays: Readonly<Record<string, Delay>> = {
  "waited for another": {
    one: () => ({ after: ["zero"] }),
    before: () => undefined,
    after: ({ green }) => {
      green.add("zero");
      return "zero";
    },
  },
  "was held": {
    one: () => ({ artifact: template }),
    before: (flags) => (flags.hasLateValues = false),
    after: (flags) => {
      flags.hasLateValues = true;
      return "one";
    },
  },
  "was refused": {
    one: (commit) => ({ namespaces: commit === 1 ? [] : ["shop"] }),
    before: (flags) => (flags.refusesNamespaces = true),
    after: (flags) => {
      flags.refusesNamespaces = false;
      return "one";
    },
  },
};

/** Up to the moment at which `one` is applied at its second digest, and its health is being read. */
async function upToTheRead(
  { one: wishOf = () => ({}), before, after }: Delay,
  dependants: readonly BundleSpec[],
) {
  const flags = new Flags();
  const reconciler = flags.start();
  const one = (commit: number) =>
    bundle("one", commit, { ...wishOf(commit), checks: [flag("one")] });
  const zero = (commit: number) =>
    bundle("zero", commit, { checks: commit === 1 ? [] : [flag("zero")] });
  flags.green.add("one");
  await reconciler.assign(assignmentOf(1, [zero(1), one(1)]));
  await applied(flags, zero(1), one(1));
  await idle(reconciler);
  before(flags);
  await reconciler.assign(assignmentOf(2, [zero(2), one(2), ...dependants]));
  await idle(reconciler);
  expect(flags.isApplied(one(2))).toBe(false);
  const [report] = reconciler
    .facts()
    .bundles.filter(({ bundle: name }) => name === nameOf("one"));
  // For people: what is live is Current, though it is not what shall be.
  expect(report).toMatchObject({ ready: false, status: "Current" });
  flags.asked.clear();
  flags.slow.add("one");
  reconciler.reconcileNow(nameOf(after(flags)));
  await applied(flags, one(2));
  await expect.poll(() => flags.asked.has("one"), within).toBe(true);
  return { flags, reconciler };
}

describe.each(Object.entries(delays))(
  "a bundle that %s under its new digest",
  (_title, delay) => {
    const two = bundle("two", 2, { after: ["one"] });
    const three = bundle("three", 2, { checks: [bundleCheck("one")] });
    const four = bundle("four", 2, { after: ["three"] });

    it("is not Ready by the health of the one before (S2)", async () => {
      const { flags, reconciler } = await upToTheRead(delay, [two]);
      reconciler.reconcileNow(two.name);
      flags.green.delete("one");
      flags.answer();
      await idle(reconciler);
      expect(flags.isApplied(two)).toBe(false);
      flags.green.add("one");
      reconciler.reconcileNow(nameOf("one"));
      await applied(flags, two);
      await reconciler.stop();
    });

    it("makes no health check green by the health of the one before", async () => {
      const { flags, reconciler } = await upToTheRead(delay, [three, four]);
      reconciler.reconcileNow(three.name);
      flags.green.delete("one");
      flags.answer();
      await idle(reconciler);
      expect(flags.isApplied(three)).toBe(true);
      expect(flags.isApplied(four)).toBe(false);
      flags.green.add("one");
      reconciler.reconcileNow(nameOf("one"));
      await applied(flags, four);
      await reconciler.stop();
    });
  },
);

describe("two bundles recorded by one write", () => {
  it("are each waited for by what depends on both, whichever is told first (S2)", async () => {
    const flags = new Flags();
    const reconciler = flags.start();
    const first = bundle("a", 1);
    const second = bundle("a", 2, { checks: [flag("a")] });
    const b = (commit: number) =>
      bundle("b", commit, { after: ["a"], checks: [flag("b")] });
    const d = (commit: number) => bundle("d", commit, { after: ["a"] });
    const c = bundle("c", 2, { after: ["b", "d"] });
    flags.green.add("b");
    await reconciler.assign(assignmentOf(1, [first, b(1), d(1)]));
    await applied(flags, first, b(1), d(1));
    await idle(reconciler);
    await reconciler.assign(assignmentOf(2, [second, b(2), c, d(2)]));
    await idle(reconciler);
    flags.isGathering = true;
    flags.green.add("a");
    reconciler.reconcileNow(second.name);
    await expect.poll(() => flags.gathered, within).toBe(2);
    flags.isGathering = false;
    const [tellD, tellB] = flags.writeBatch(["d", "b"]);
    flags.green.delete("b");
    tellD?.();
    await expect
      .poll(
        () =>
          reconciler
            .facts()
            .bundles.some(
              ({ bundle: name, ready }) => name === nameOf("d") && ready,
            ),
        within,
      )
      .toBe(true);
    tellB?.();
    await idle(reconciler);
    expect(flags.isApplied(c)).toBe(false);
    await reconciler.stop();
  });
});

describe("what depends on a bundle that is as it was", () => {
  const one = bundle("one", 1, { checks: [flag("one")] });
  const two = bundle("two", 2, { after: ["one"] });

  it("goes on at once, without another look at it", async () => {
    const flags = new Flags();
    const reconciler = flags.start();
    flags.green.add("one");
    await reconciler.assign(assignmentOf(1, [one]));
    await applied(flags, one);
    await idle(reconciler);
    flags.asked.clear();
    flags.slow.add("one");
    await reconciler.assign(assignmentOf(2, [one, two]));
    await applied(flags, two);
    expect(flags.asked).toEqual(new Set());
    await reconciler.stop();
  });

  it("goes on after a restart, once that one is judged", async () => {
    const flags = new Flags();
    const before = flags.start();
    flags.green.add("one");
    await before.assign(assignmentOf(1, [one]));
    await applied(flags, one);
    await before.stop();
    flags.slow.add("one");
    flags.asked.clear();
    const reconciler = flags.start();
    await reconciler.assign(assignmentOf(2, [one, two]));
    await expect.poll(() => flags.asked.has("one"), within).toBe(true);
    expect(flags.isApplied(two)).toBe(false);
    flags.answer();
    await applied(flags, two);
    await reconciler.stop();
  });
});

describe("a bundle with late values", () => {
  it("that is applied with other ones is waited for, and then gone on from", async () => {
    const flags = new Flags();
    const reconciler = flags.start();
    const one = bundle("one", 1, { artifact: template, checks: [flag("one")] });
    const zero = bundle("zero", 2, { checks: [flag("zero")] });
    const two = bundle("two", 2, { after: ["one", "zero"] });
    flags.green.add("one");
    await reconciler.assign(assignmentOf(1, [one]));
    await applied(flags, one);
    await idle(reconciler);
    await reconciler.assign(assignmentOf(2, [one, two, zero]));
    await idle(reconciler);
    flags.lateValue = "f2";
    flags.slow.add("one");
    flags.asked.clear();
    reconciler.reconcileNow(one.name);
    await expect.poll(() => flags.asked.has("one"), within).toBe(true);
    flags.green.add("zero");
    reconciler.reconcileNow(zero.name);
    await expect
      .poll(
        () =>
          reconciler
            .facts()
            .bundles.find(({ bundle: name }) => name === two.name)?.message,
        within,
      )
      .toContain("waits for Kustomization/flux-system/one");
    expect(flags.isApplied(two)).toBe(false);
    flags.answer();
    await applied(flags, two);
    await reconciler.stop();
  });
});

describe("a bundle that is as it was, and checks one that is not", () => {
  const one = (commit: number) =>
    bundle("one", commit, { checks: [flag("one")] });
  const two = bundle("two", 1, { checks: [bundleCheck("one")] });
  const three = bundle("three", 1, { checks: [bundleCheck("two")] });
  const four = bundle("four", 2, { after: ["three"] });

  it.each([
    ["is in the assignment", [one(2)]],
    ["has left it", []],
  ])(
    "is Ready only by what that one is in this assignment: it %s (S2)",
    async (_title, changed) => {
      const flags = new Flags();
      const reconciler = flags.start();
      flags.green.add("one");
      await reconciler.assign(assignmentOf(1, [one(1), two, three]));
      await applied(flags, one(1), two, three);
      await idle(reconciler);
      flags.slow.add("one");
      flags.green.delete("one");
      await reconciler.assign(assignmentOf(2, [...changed, two, three, four]));
      flags.answer();
      await idle(reconciler);
      expect(flags.isApplied(four)).toBe(false);
      // Whatever it is now that the check names, it is there.
      flags.green.add("one");
      for (const { name } of changed) reconciler.reconcileNow(name);
      reconciler.reconcileNow(two.name);
      await applied(flags, four);
      await reconciler.stop();
    },
  );

  it("is judged again where that one has left, and what depends on it goes on", async () => {
    const flags = new Flags();
    const reconciler = flags.start();
    flags.green.add("one");
    await reconciler.assign(assignmentOf(1, [one(1), two, three]));
    await applied(flags, one(1), two, three);
    await idle(reconciler);
    // An object of the cluster stands where the bundle was, and is there.
    await reconciler.assign(assignmentOf(2, [two, three, four]));
    await applied(flags, four);
    await reconciler.stop();
  });
});
