import { type FleetView } from "@wheelhouse/rest-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { runCommand, startAnsweringHub } from "./command-under-test.ts";

const fleet: FleetView = {
  fleet: "main",
  hubVersion: "0.1.0",
  now: "2026-03-01T12:00:00Z",
  epoch: 1,
  git: { url: "/repo", branch: "main", lastPolledAt: null, problem: null },
  head: null,
  refused: null,
  rollouts: [],
  clusters: [],
  drift: [],
  prunes: [],
  problems: [],
  notices: [],
};

describe("a fleet with nothing in it yet", () => {
  let hub: Awaited<ReturnType<typeof startAnsweringHub>>;

  beforeAll(async () => {
    hub = await startAnsweringHub({
      "GET /api/v1/fleet": () => [200, fleet],
      "GET /api/v1/rollouts": () => [200, []],
      "GET /api/v1/prunes": () => [200, []],
      "GET /api/v1/tokens": () => [200, []],
    });
  });
  afterAll(() => hub.stop());

  it.each([
    [["status"], "REVISION  none yet: asking /repo main\n", fleet],
    [["status"], "add one with  wheelhouse cluster add NAME\n", fleet],
    [["cluster", "list"], "no clusters yet: add one with", []],
    [["drift"], "no drift\n", []],
    [["prune", "list"], "no deletion is held\n", []],
    [["rollout", "status"], "no rollout yet\n", []],
    [["token", "list"], "NAME  ROLE  AGE  EXPIRES\n", []],
  ])(
    "%j says so in words, and in full in JSON and YAML",
    async (args, words, value) => {
      const table = await runCommand(hub, args);
      expect([table.code, table.err]).toEqual([0, ""]);
      expect(table.out).toContain(words);
      const json = await runCommand(hub, [...args, "-o", "json"]);
      expect(JSON.parse(json.out)).toEqual(value);
      const yaml = await runCommand(hub, [...args, "-o", "yaml"]);
      expect(parse(yaml.out)).toEqual(value);
      const names = await runCommand(hub, [...args, "-o", "name"]);
      expect([names.code, names.out]).toEqual([0, ""]);
    },
  );

  it.each([[["status", "prod-eu-1"]], [["drift", "prod-eu-1"]]])(
    "%j is refused, and says how a cluster comes into it",
    async (args) => {
      const { code, out, err } = await runCommand(hub, args);
      expect([code, out]).toEqual([3, ""]);
      expect(err).toContain("Cluster prod-eu-1 does not exist");
      expect(err).toContain("add one: wheelhouse cluster add NAME");
    },
  );
});

describe("status without titles", () => {
  it("prints the rows alone, and what people are told beside them", async () => {
    const view = { ...fleet, notices: ["the delegation ends soon"] };
    const hub = await startAnsweringHub({
      "GET /api/v1/fleet": () => [200, view],
    });
    const { out, err } = await runCommand(hub, ["status", "--no-headers"]);
    const json = await runCommand(hub, [
      ...["status", "--no-headers", "-o", "json"],
    ]);
    await hub.stop();
    expect(out).not.toContain("delegation");
    expect(err).toBe("! the delegation ends soon\n");
    expect(json.err).toBe("");
  });
});
