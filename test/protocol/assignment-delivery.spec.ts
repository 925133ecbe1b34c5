import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { waitUntil } from "@wheelhouse/testing";
import { createAssignment, createKeys } from "./harness/fleet.ts";
import { type TestHub, startTestHub } from "./harness/test-hub.ts";
import { type TestSpoke, joinSpoke } from "./harness/test-spoke.ts";

const uid = "00000000-0000-4000-8000-000000000001";

describe("the delivery of an assignment", () => {
  let hub: TestHub;
  let spoke: TestSpoke;

  beforeEach(async () => {
    const { keys } = await createKeys(Date.now());
    hub = await startTestHub({ keys });
    spoke = await joinSpoke(hub, "prod-eu-1", uid);
  });

  afterEach(async () => {
    await spoke.stop();
    await hub.stop();
  });

  it("goes from offer to acknowledgement, with its artifacts durable", async () => {
    const first = createAssignment(hub.keys, spoke, 1, { web: "a", db: "b" });
    hub.assignments.issue(uid, first);
    spoke.start(hub.port);
    await waitUntil("acknowledged", () => hub.observer.acknowledged.length > 0);
    expect(hub.observer.acknowledged).toEqual([first.mark]);
    expect(spoke.store.acknowledged?.mark).toEqual(first.mark);
    expect(spoke.store.artifacts.size).toBe(2);
    expect(spoke.taken).toEqual([first.envelope]);
  });
});
