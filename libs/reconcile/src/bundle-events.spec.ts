import { type KubeObject } from "@wheelhouse/kube-object";
import { describe, expect, it } from "vitest";
import { lastTroubles } from "./bundle-events.ts";

const webapp = "Kustomization/flux-system/webapp";

const event = (
  reason: string,
  at: string,
  { bundle = webapp, component = "wheelhouse-spoke" } = {},
): KubeObject => ({
  apiVersion: "v1",
  kind: "Event",
  metadata: { name: `wheelhouse.${reason}.${at}` },
  involvedObject: { fieldPath: bundle },
  source: { component },
  ...{ reason, message: `${bundle}: words of ${at}` },
  lastTimestamp: at,
});

describe("what stopped a bundle last", () => {
  it("is told by its newest event, in whatever order they come", () => {
    const troubles = lastTroubles([
      event("Failed", "2026-01-01T00:00:02Z"),
      event("Applied", "2026-01-01T00:00:01Z"),
      event("Held", "2026-01-01T00:00:03Z", { bundle: "Kustomization/a/b" }),
    ]);
    expect([...troubles]).toEqual([
      [
        webapp,
        {
          reason: "Failed",
          message: "words of 2026-01-01T00:00:02Z",
          at: "2026-01-01T00:00:02Z",
        },
      ],
      ["Kustomization/a/b", expect.objectContaining({ reason: "Held" })],
    ]);
  });

  it("is nothing once it was applied", () => {
    const troubles = lastTroubles([
      event("Applied", "2026-01-01T00:00:03Z"),
      event("Failed", "2026-01-01T00:00:02Z"),
    ]);
    expect(troubles.size).toBe(0);
  });

  it("is not told by an event of another program, of an object, or without words", () => {
    const { message, ...silent } = event("Failed", "2026-01-01T00:00:02Z");
    expect(message).toBeDefined();
    const troubles = lastTroubles([
      event("Failed", "2026-01-01T00:00:01Z", { component: "kubelet" }),
      event("Adopted", "2026-01-01T00:00:01Z"),
      silent as KubeObject,
    ]);
    expect(troubles.size).toBe(0);
  });
});
