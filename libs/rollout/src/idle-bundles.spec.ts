import { describe, expect, it } from "vitest";
import {
  ExampleFleet,
  type Contents,
  type Trouble,
  exampleRollout,
  exampleWave,
} from "./example-fleet.fixture.ts";

/** One cluster that was given contents, and reports trouble with some of them. */
function given(
  contents: readonly Contents[],
  trouble: Readonly<Record<string, Trouble>>,
): ExampleFleet {
  const fleet = new ExampleFleet(exampleRollout([exampleWave()]));
  fleet.join("a");
  const [last, ...before] = [...contents].reverse();
  before.reverse().forEach((one, index) => {
    fleet.commit(index + 1, one);
    fleet.settle();
  });
  fleet.commit(contents.length, last ?? {});
  fleet.step();
  fleet.deliver("a", trouble);
  fleet.step();
  return fleet;
}

const notApplied: Trouble = { applied: false, message: "not applied" };

describe("a suspended bundle", () => {
  it("does not keep a gate shut, nor makes its cluster unavailable", () => {
    const before = { app: "1", page: "1" };
    const fleet = given([before, { ...before, app: "suspended 1" }], {
      app: notApplied,
    });
    expect(fleet.get("a").confirmed).toBe(true);
    expect(fleet.state?.phase).toBe("Completed");
    expect(fleet.reasons).toContainEqual(
      expect.objectContaining({
        reason: "Excused",
        message: expect.stringContaining("app: suspended") as string,
      }),
    );
  });

  it("is waited for again once it is resumed", () => {
    const suspended = { app: "suspended 1", other: "1" };
    const fleet = given([suspended, { app: "2", other: "1" }], {
      app: notApplied,
    });
    expect(fleet.get("a").confirmed).toBe(false);
    fleet.deliver("a");
    fleet.step();
    expect(fleet.get("a").confirmed).toBe(true);
  });
});

describe("a bundle held without an artifact", () => {
  const first = { base: "held", app: "1", page: "1", other: "1" };
  const waiting = { base: notApplied, app: notApplied, page: notApplied };

  it("lets the rest of a first target confirm, also past what waits for it", () => {
    const fleet = given([first], waiting);
    expect(fleet.get("a").confirmed).toBe(true);
    const [excused] = fleet.reasons.filter((r) => r.reason === "Excused");
    expect(excused?.message).toBe(
      "excused, base: held; app: waits for base, which is held; " +
        "page: waits for app, which waits too",
    );
  });

  it("excuses nothing else", () => {
    const fleet = given([first], { ...waiting, other: notApplied });
    expect(fleet.get("a").confirmed).toBe(false);
  });

  it("does not excuse a dependant that was applied, or fails", () => {
    const applied = { ...waiting, page: { message: "0 of 1 available" } };
    expect(given([first], applied).get("a").confirmed).toBe(false);
    const failed = { ...waiting, page: { ...notApplied, failed: true } };
    expect(given([first], failed).get("a").confirmed).toBe(false);
  });
});
