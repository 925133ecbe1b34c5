import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCommand, startAnsweringHub } from "./command-under-test.ts";

describe("reconcile", () => {
  let problem: string | null;
  let looks: number;
  let commit: string;
  let hub: Awaited<ReturnType<typeof startAnsweringHub>>;

  beforeEach(async () => {
    problem = null;
    looks = 0;
    commit = "4f2c91d0";
    hub = await startAnsweringHub({
      "POST /api/v1/reconcile": () => {
        looks += 1;
        return [202, undefined];
      },
      "GET /api/v1/fleet": () => {
        const git = { problem, lastPolledAt: `look ${looks}` };
        const now = looks === 0 ? "0eb121be" : commit;
        const head = { branch: "main", commit: now };
        return [200, { git, head, refused: null }];
      },
    });
  });
  afterEach(() => hub.stop());

  it("of the fleet repo says what is there, and whether it is new", async () => {
    expect(await runCommand(hub, ["reconcile"])).toEqual({
      ...{ out: "fleet repo: main@4f2c91d0 (new)\n", err: "", code: 0 },
    });
    const { out } = await runCommand(hub, ["reconcile"]);
    expect(out).toBe("fleet repo: main@4f2c91d0 (unchanged)\n");
  });

  it("of a fleet repo that cannot be asked ends with 3", async () => {
    problem = "connection refused. Look at the Git server";
    const { code, out, err } = await runCommand(hub, ["reconcile"]);
    expect([code, out]).toEqual([3, ""]);
    expect(err).toContain(problem);
  });

  it("says nothing of Git where a cluster is asked", async () => {
    problem = "connection refused";
    const { out, err } = await runCommand(hub, ["reconcile", "prod-eu-1"]);
    expect([out, err]).toEqual(["prod-eu-1: asked\n", ""]);
  });
});

describe.each([
  [
    "suspend",
    {
      cluster: "suspended: nothing new until resume, and healed at what it has",
      bundle: "suspended: neither applied nor healed until resume",
    },
  ],
  ["resume", { cluster: "resumed", bundle: "resumed" }],
])("%s", (verb, done) => {
  it.each([
    [["prod-eu-1"], "prod-eu-1", { cluster: "prod-eu-1" }],
    [
      ["prod-eu-1/webapp"],
      "prod-eu-1/webapp",
      { cluster: "prod-eu-1", bundle: "webapp" },
    ],
    [
      ["prod-eu-1", "webapp"],
      "prod-eu-1/webapp",
      { cluster: "prod-eu-1", bundle: "webapp" },
    ],
  ])("takes %j", async (target, named, body) => {
    const route = `POST /api/v1/${verb}`;
    const hub = await startAnsweringHub({ [route]: () => [200, null] });
    const { code, out } = await runCommand(hub, [verb, ...target]);
    await hub.stop();
    const now = "bundle" in body ? done.bundle : done.cluster;
    expect([code, out]).toEqual([0, `${named} ${now}\n`]);
    expect(hub.asked).toEqual([{ route, body }]);
  });

  it("asks nothing for half a target", async () => {
    const hub = await startAnsweringHub({});
    const { code, err } = await runCommand(hub, [verb, "prod-eu-1/"]);
    await hub.stop();
    expect([code, hub.asked]).toEqual([2, []]);
    expect(err).toContain("give CLUSTER, or CLUSTER/BUNDLE");
  });
});

it("suspend --help tells a cluster from a bundle", async () => {
  const { out } = await runCommand({ url: "" }, ["suspend", "--help"]);
  const help = out.replaceAll(/\s+/g, " ");
  expect(help).toContain(
    "a cluster: nothing new is issued to it, and it is healed",
  );
  expect(help).toContain("a bundle: neither applied nor healed");
});
