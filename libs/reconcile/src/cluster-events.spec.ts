import { type ApplyPort, KubeError } from "@wheelhouse/kube-apply";
import { ManualClock } from "@wheelhouse/testing";
import { expect, it } from "vitest";
import { ClusterEvents } from "./cluster-events.ts";

it.each([
  ["a refusal", new KubeError("forbidden", "no such right")],
  ["a bug", new TypeError("no such right")],
])(
  "logs what an event could not be written for, and no more: %s",
  async (_, error) => {
    const logged: unknown[] = [];
    const events = new ClusterEvents({
      port: { create: () => Promise.reject(error) } as unknown as ApplyPort,
      clock: new ManualClock(0),
      log: (...line) => logged.push(line),
    });
    const bundle = "Kustomization/flux-system/shop";
    events.emit({
      kind: "Normal",
      reason: "Applied",
      bundle,
      message: "applied",
    });
    await expect
      .poll(() => logged)
      .toEqual([["warn", "event not written", { why: "no such right" }]]);
  },
);
