import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type StatusReport } from "@wheelhouse/protocol";
import { waitUntil } from "@wheelhouse/testing";
import { createKeys } from "./harness/fleet.ts";
import { dial, helloOf, soon } from "./harness/raw-link.ts";
import { type TestHub, startTestHub } from "./harness/test-hub.ts";
import {
  type TestSpoke,
  bundleReport,
  joinSpoke,
} from "./harness/test-spoke.ts";

const uid = "00000000-0000-4000-8000-000000000001";

describe("reports", () => {
  let hub: TestHub;
  let spoke: TestSpoke;

  beforeEach(async () => {
    const { keys } = await createKeys(Date.now());
    hub = await startTestHub({ keys, heartbeatMs: 1_000 });
    spoke = await joinSpoke(hub, "prod-eu-1", uid);
  });

  afterEach(async () => {
    await spoke.stop();
    await hub.stop();
  });

  const reported = () => hub.observer.reports.at(-1)?.state;
  const names = () => [...(reported()?.bundles.keys() ?? [])];
  const isTold = (name: string, message: string) =>
    waitUntil(message, () => hub.observer.messageOf(name) === message);

  it("are full first, and then what changed", async () => {
    spoke.report("web", "one");
    spoke.report("db", "one");
    spoke.start(hub.port);
    await isTold("web", "one");
    spoke.report("web", "two");
    await isTold("web", "two");
    expect(hub.observer.messageOf("db")).toBe("one");
    spoke.drop("db");
    await waitUntil("dropped", () => names().length === 1);
  });

  it("are not sent when nothing changed", async () => {
    spoke.report("web", "one");
    spoke.start(hub.port);
    await isTold("web", "one");
    const before = hub.observer.reports.length;
    spoke.session?.reportChanged();
    spoke.report("web", "one");
    await waitUntil("heartbeat", () => hub.observer.heartbeats > 0);
    expect(hub.observer.reports).toHaveLength(before);
  });

  it("that come close together are sent together", async () => {
    spoke.start(hub.port);
    await waitUntil("ready", () => hub.observer.reports.length > 0);
    const before = hub.observer.reports.length;
    for (let step = 1; step <= 200; step += 1) {
      spoke.report("web", `step ${step}`);
    }
    await isTold("web", "step 200");
    expect(hub.observer.reports.length - before).toBeLessThanOrEqual(3);
  });

  it("carry drift and holds, whole, where they changed", async () => {
    const object = { group: "", kind: "ConfigMap", namespace: "a", name: "b" };
    const bundle = "Kustomization/flux-system/web";
    const at = "2026-01-01T00:00:00Z";
    spoke.start(hub.port);
    await waitUntil("ready", () => hub.observer.reports.length > 0);
    spoke.reports = {
      ...spoke.reports,
      drift: [
        {
          object,
          bundle,
          fields: [{ path: "data.a", wanted: '"1"', found: null }],
          missing: false,
          writer: null,
          firstSeen: at,
          lastSeen: at,
          times: 2,
          state: "healed",
          message: "",
        },
      ],
      pruneHolds: [
        { object, bundle, reason: "OverBudget", message: "11 of 10" },
      ],
    };
    spoke.session?.reportChanged();
    await waitUntil("told", () => reported()?.drift.length === 1);
    expect(reported()?.drift).toEqual(spoke.reports.drift);
    expect(reported()?.pruneHolds).toEqual(spoke.reports.pruneHolds);
    spoke.report("web", "still there");
    await isTold("web", "still there");
    expect(reported()?.drift).toHaveLength(1);
  });

  it("of a thousand long bundles arrive in messages that fit", async () => {
    const bundles = new Map(
      Array.from({ length: 1_000 }, (_, index) => {
        const report = {
          ...bundleReport(`b-${index}`, "m".repeat(1_024)),
          notes: Array.from({ length: 10 }, () => ({
            object: { group: "", kind: "Pod", namespace: "a", name: "b" },
            status: "Failed" as const,
            message: "n".repeat(1_024),
          })),
        };
        return [report.bundle, report] as const;
      }),
    );
    spoke.reports = { ...spoke.reports, bundles };
    spoke.start(hub.port);
    await waitUntil("all", () => names().length === 1_000);
  });

  it("are cut where a person's text is too long, and refused where a name is", async () => {
    spoke.report("web", "m".repeat(5_000));
    spoke.start(hub.port);
    await waitUntil("told", () => names().length === 1);
    expect(hub.observer.messageOf("web")).toHaveLength(1_024);
    spoke.report("n".repeat(600), "one");
    await waitUntil("cut", () =>
      spoke.log.some(({ reason }) => reason === "Malformed"),
    );
  });

  it("are full again for a hub that started anew", async () => {
    spoke.report("web", "one");
    spoke.report("db", "one");
    spoke.start(hub.port);
    await isTold("web", "one");
    await hub.stop();
    const { registry, keys, port } = hub;
    hub = await startTestHub({ registry, keys, port });
    await isTold("web", "one");
    expect(names()).toHaveLength(2);
  });

  describe("by hand", () => {
    const bundles = (message: string) => [bundleReport("web", message)];
    const report = (
      counter: number,
      change: Partial<StatusReport> = {},
    ): StatusReport => ({
      kind: "statusReport",
      counter,
      full: counter === 1,
      assignment: null,
      bundles: bundles(`report ${counter}`),
      dropped: [],
      ...change,
    });

    const open = () => {
      const call = dial(hub, {
        chain: spoke.chain,
        privateKey: spoke.key.privateKey,
      }).control(soon());
      const received: string[] = [];
      const reading = (async () => {
        try {
          for await (const message of call.messages)
            received.push(message.kind);
        } catch {
          // The test cancels the call when it has seen enough.
        }
      })();
      call.send(helloOf(spoke));
      return { call, received, reading };
    };

    beforeEach(() => spoke.start(hub.port));

    it("that skip a number are answered by asking for a full one", async () => {
      await spoke.stop();
      const { call, received, reading } = open();
      call.send(report(1));
      await isTold("web", "report 1");
      call.send(report(3));
      await waitUntil("asked", () => received.includes("reportRequest"));
      expect(hub.observer.messageOf("web")).toBe("report 1");
      call.send(report(4, { full: true }));
      await isTold("web", "report 4");
      call.cancel();
      await reading;
    });

    it("that come twice change nothing", async () => {
      await spoke.stop();
      const { call, reading } = open();
      call.send(report(1));
      call.send(report(2));
      call.send(report(1));
      call.send(report(2, { bundles: bundles("a liar") }));
      call.send(report(3, { bundles: [bundleReport("db", "last")] }));
      await isTold("db", "last");
      expect(hub.observer.messageOf("web")).toBe("report 2");
      call.cancel();
      await reading;
    });

    it("that got lost are found out by a heartbeat", async () => {
      await spoke.stop();
      const { call, received, reading } = open();
      call.send(report(1));
      call.send({
        kind: "heartbeat",
        counter: 1,
        acknowledged: null,
        reportCounter: 2,
      });
      await waitUntil("asked", () => received.includes("reportRequest"));
      call.cancel();
      await reading;
    });
  });
});
