import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCommand, startAnsweringHub } from "./command-under-test.ts";

describe("reconcile", () => {
  let problem: string | null;
  let hub: Awaited<ReturnType<typeof startAnsweringHub>>;

  beforeEach(async () => {
    problem = null;
    hub = await startAnsweringHub({
      "POST /api/v1/reconcile": () => [202, undefined],
      "GET /api/v1/fleet": () => [200, { git: { problem } }],
    });
  });
  afterEach(() => hub.stop());

  it("says of a fleet repo that cannot be polled that the last poll failed", async () => {
    const well = await runCommand(hub, ["reconcile"]);
    expect(well).toEqual({
      ...{ out: "fleet repo: asked\n", err: "", code: 0 },
    });
    problem = "connection refused. Look at the Git server";
    const { err } = await runCommand(hub, ["reconcile"]);
    expect(err).toBe(
      "! the last poll failed: connection refused. Look at the Git server\n",
    );
  });

  it("says nothing of Git where a cluster is asked", async () => {
    problem = "connection refused";
    const { out, err } = await runCommand(hub, ["reconcile", "prod-eu-1"]);
    expect([out, err]).toEqual(["prod-eu-1: asked\n", ""]);
  });
});
