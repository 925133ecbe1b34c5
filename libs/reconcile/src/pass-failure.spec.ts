import { KubeError } from "@wheelhouse/kube-apply";
import { describe, expect, it } from "vitest";
import { type HealthVerdict, unknownState } from "./bundle-state.ts";
import {
  holdsAfterFailure,
  isTold,
  obstacleOfFailure,
  stateAfterFailure,
} from "./pass-failure.ts";

const away = new KubeError("unreachable", "ConfigMap/x: no way there");

describe("what a pass threw", () => {
  it("is final only where neither time nor the next read mends it", () => {
    const isFinal = (reason: KubeError["reason"]) =>
      obstacleOfFailure(new KubeError(reason, "why")).isFinal;
    expect((["denied", "forbidden", "invalid"] as const).map(isFinal)).toEqual([
      true,
      true,
      true,
    ]);
    expect(
      (["timeout", "stale", "alreadyExists", "conflict"] as const).map(isFinal),
    ).toEqual([false, false, false, false]);
  });

  it("has bounded words, and none of an error that is no refusal", () => {
    const long = new KubeError("denied", "x".repeat(5_000));
    expect(obstacleOfFailure(long).message).toHaveLength(1_024);
    expect(obstacleOfFailure(new Error("canary"))).toEqual({
      reason: "PassFailed",
      message: "a pass ended by an error of the spoke: see its log",
      isFinal: true,
    });
  });
});

describe("the state after it", () => {
  const health: HealthVerdict = {
    ...{ status: "Current" as const, total: 1, ready: 1, notes: [] },
    ...{ isReady: true, areChecksReady: true, isWhole: true, basis: "" },
  };
  const before = { ...unknownState, isAppliedNow: true, health };

  it("keeps what was seen last, and nothing of it counts as Ready", () => {
    const state = stateAfterFailure(before, away, 5);
    expect(state).toMatchObject({
      health: { status: "Current", isReady: false, areChecksReady: false },
      obstacle: { reason: "Unreachable" },
      ...{ isAppliedNow: false, notReadySinceMs: 5, failures: 1 },
    });
  });

  it("counts its time from the first failure on", () => {
    const first = stateAfterFailure(before, away, 5);
    expect(stateAfterFailure(first, away, 9)).toMatchObject({
      notReadySinceMs: 5,
      failures: 2,
    });
  });
});

describe("deletions after it", () => {
  const idOf = (name: string) => ({
    ...{ group: "", kind: "ConfigMap", namespace: "shop", name },
  });
  const bundle = "Kustomization/flux-system/shop";

  it("are held as before, by what was thrown, or no more where they are no candidates", () => {
    const earlier = ["a", "b", "left"].map((name) => ({
      ...{ object: idOf(name), bundle, message: "earlier" },
      reason: name === "b" ? "PruneFailed" : "OverBudget",
    }));
    const candidates = ["a", "b", "c"].map((name) => ({
      ...{ object: idOf(name), bundle },
    }));
    const holds = holdsAfterFailure(
      candidates,
      earlier,
      obstacleOfFailure(away),
    );
    expect(
      holds.map(({ object, reason }) => `${object.name} ${reason}`),
    ).toEqual(["a OverBudget", "b PruneFailed", "c PruneFailed"]);
    expect(holds[1]?.message).toContain("no way there");
  });

  it("are told of at once, or once time alone has not mended it", () => {
    const passing = obstacleOfFailure(away);
    expect([isTold(passing, 4), isTold(passing, 5)]).toEqual([false, true]);
    const final = obstacleOfFailure(new KubeError("denied", "why"));
    expect(isTold(final, 1)).toBe(true);
  });
});
