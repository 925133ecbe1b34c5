import { type ObjectResult } from "@wheelhouse/kube-apply";
import { describe, expect, it } from "vitest";
import { obstacleOf } from "./bundle-obstacle.ts";

const refused = (message: string) =>
  ({
    desired: {
      id: { group: "apps", kind: "Deployment", namespace: "w", name: "shop" },
    },
    outcome: {
      kind: "refused",
      reason: "Invalid",
      message,
      isTransient: false,
    },
  }) as unknown as ObjectResult;

describe("the obstacle of a bundle", () => {
  it.each([
    ["a request's error, which names it", "Deployment/w/shop: mistyped"],
    ["words that do not", "mistyped"],
  ])("names the object once for %s", (_, message) => {
    expect(obstacleOf([refused(message)])?.message).toBe(
      "Deployment/w/shop: mistyped",
    );
  });
});
