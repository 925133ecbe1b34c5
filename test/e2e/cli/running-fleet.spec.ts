import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { askKube } from "@wheelhouse/local-fleet";
import { type DriftView, type JoinView } from "@wheelhouse/rest-api";
import { waitUntil } from "@wheelhouse/testing";
import { parse } from "yaml";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RealHub, startRealHub } from "../page/real-hub.ts";
import { type CommandEnd, runWheelhouse } from "./run-wheelhouse.ts";

/** Ends only a wait for what never comes. */
const patienceMs = 180_000;
const name = "staging-1";

/** Every listing: its arguments, the first line of its table, and a part of its JSON. */
const listings: readonly (readonly [
  args: readonly string[],
  firstLine: string | RegExp,
  json: unknown,
])[] = [
  [
    ["status"],
    /^REVISION {2}main@[0-9a-f]{8} {2}"/,
    { fleet: "demo", git: { problem: null }, refused: null },
  ],
  [["status", name], /^BUNDLE +VERDICT +OBJECTS +COMMIT +AGE/, { name }],
  [
    ["cluster", "list"],
    /^CLUSTER +WAVE +VERDICT +BUNDLES +COMMIT +ROOT +AGE/,
    [{ name: "prod-eu-1" }, { name: "prod-us-1" }, { name }],
  ],
  [
    ["drift"],
    /^CLUSTER +OBJECT +FIELD +WANTED +FOUND +WRITER +SINCE +TIMES +STATE$/,
    [{ cluster: name, writer: "kubectl-edit" }],
  ],
  [["drift", name], /^CLUSTER +OBJECT/, [{ cluster: name }]],
  [["drift", "prod-eu-1"], "no drift", []],
  [["prune", "list"], "no deletion is held", []],
  [["rollout", "status"], /^default {2}main@/, [{ name: "default" }]],
  [
    ["rollout", "status", "default"],
    /^default {2}main@/,
    { name: "default", generation: 1 },
  ],
  [
    ["token", "list"],
    /^NAME +ROLE +AGE +EXPIRES$/,
    [{ name: "admin", role: "admin" }],
  ],
];

describe("the command line and a running fleet", () => {
  let hub: RealHub;
  let config: string;

  const run = (
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<CommandEnd> =>
    runWheelhouse(args, {
      env: {
        WHEELHOUSE_CONFIG: config,
        WHEELHOUSE_SERVER: undefined,
        WHEELHOUSE_TOKEN: undefined,
        WHEELHOUSE_CALLED_AS: "wheelhouse",
        ...env,
      },
    });
  const login = () => {
    const { directory, server } = hub.fleet;
    const file = join(directory, "hub/admin-token");
    return run(["login", server, "--token-file", file]);
  };
  const converged = async () => {
    const { verdict, assignment } = await hub.fleet.client.cluster(name);
    return verdict === "Converged" && assignment?.confirmed === true;
  };

  beforeAll(async () => {
    hub = await startRealHub({});
    config = join(hub.fleet.directory, "cli/config");
    expect((await login()).code).toBe(0);
    const joinFile = join(hub.fleet.directory, "staging-1.json");
    const added = await run(["cluster", "add", name, "--join-file", joinFile]);
    expect([added.code, added.err]).toEqual([0, ""]);
    expect(added.out).toContain(
      `cluster/${name} added; it waits for its spoke`,
    );
    expect(statSync(joinFile).mode & 0o777).toBe(0o600);
    const invitation = JSON.parse(readFileSync(joinFile, "utf8")) as JoinView;
    const cluster = await hub.fleet.startCluster(invitation);
    await waitUntil("the first rollout", converged, patienceMs);
    const path = "/api/v1/namespaces/webapp/services/backend";
    const spec = { selector: { app: "edited" } };
    await askKube(cluster.access, path, { spec });
    const isHealed = ({ state }: DriftView) => state === "healed";
    await waitUntil(
      "the edit is healed",
      async () => (await hub.fleet.client.drift()).some(isHealed),
      patienceMs,
    );
    await waitUntil("all is well again", converged, patienceMs);
  });
  afterAll(() => hub?.stop());

  it("logs in with a token from a file, and keeps it to itself", async () => {
    const { code, out, err } = await login();
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain(`logged in to ${hub.fleet.server} as admin (admin)`);
    expect(statSync(config).mode & 0o777).toBe(0o600);
    const other = await runWheelhouse(["login", hub.fleet.server], {
      env: { WHEELHOUSE_CONFIG: `${config}-none` },
      input: "not-a-token\n",
    });
    expect([other.code, other.out]).toEqual([3, ""]);
    expect(other.err).toContain("the hub does not take this token");
  });

  it.each(listings)(
    "%j prints a table, JSON, YAML and names",
    async (args, firstLine, json) => {
      const [table, asJson, asYaml, names] = await Promise.all(
        ["table", "json", "yaml", "name"].map((format) =>
          run([...args, "-o", format]),
        ),
      );
      for (const end of [table, asJson, asYaml, names]) {
        expect([end?.code, end?.err]).toEqual([0, ""]);
      }
      expect(table?.out.split("\n")[0]).toMatch(firstLine);
      expect(JSON.parse(asJson?.out ?? "")).toMatchObject(json as object);
      expect(parse(asYaml?.out ?? "")).toMatchObject(json as object);
      expect(names?.out).toMatch(/^(\S+\n)*$/);
    },
  );

  it.each([
    [["status", "staging-2"], "Cluster staging-2 does not exist", name],
    [["drift", "staging-2"], "Cluster staging-2 does not exist", name],
    [["reconcile", "staging-2"], "Cluster staging-2 does not exist", name],
    [["suspend", "staging-2"], "Cluster staging-2 does not exist", name],
    [["resume", "staging-2"], "Cluster staging-2 does not exist", name],
    [
      ["reconcile", name, "webapp"],
      `Bundle webapp in ${name} does not exist`,
      "Kustomization/flux-system/webapp-backend",
    ],
    [
      ["suspend", `${name}/webapp`],
      `Bundle webapp in ${name} does not exist`,
      "Kustomization/flux-system/webapp-backend",
    ],
    [["rollout", "status", "defualt"], "Rollout defualt", "default"],
    [["token", "delete", "ci"], "Token ci does not exist", "admin"],
  ])("%j is refused, with what there is", async (args, words, known) => {
    const { code, out, err } = await run(args);
    expect([code, out]).toEqual([3, ""]);
    expect(err).toContain(words);
    expect(err).toContain(known);
  });

  it("ends with 1 for whoever asks whether all is well, and it is not", async () => {
    expect((await run(["status", name, "--exit-code"])).code).toBe(0);
    // Two clusters of the fleet never joined.
    expect((await run(["status", "--exit-code"])).code).toBe(1);
    expect((await run(["drift", "--exit-code"])).code).toBe(0);
  });

  it("compares the repository and a cluster when asked to", async () => {
    const { code, out } = await run(["reconcile"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^fleet repo: main@[0-9a-f]{8} \(unchanged\)\n$/);
    for (const target of [[name], [`${name}/webapp-backend`]]) {
      const { code, out } = await run(["reconcile", ...target]);
      expect([code, out]).toEqual([0, `${target[0]}: asked\n`]);
    }
  });

  it("suspends a bundle, says so, and lets it go on", async () => {
    const target = `${name}/webapp-backend`;
    const suspended = await run(["suspend", name, "webapp-backend"]);
    expect(suspended).toEqual({
      ...{
        code: 0,
        out: `${target} suspended: neither applied nor healed until resume\n`,
        err: "",
      },
    });
    const isHeld = async () =>
      (await run(["status", name])).out.includes("= Held");
    await waitUntil("the bundle is held", isHeld, patienceMs);
    const { out } = await run(["status", name]);
    expect(out).toContain(`wheelhouse resume ${name}/webapp-backend`);
    expect((await run(["resume", target])).out).toBe(`${target} resumed\n`);
    await waitUntil("all is well again", converged, patienceMs);
  });

  it("makes a token that may what its role may, until it is deleted", async () => {
    const made = await run(["token", "create", "ci", "--role", "viewer"]);
    expect(made.code).toBe(0);
    expect(made.err).toContain("token/ci (viewer) until ");
    expect(made.out).toMatch(/^\S+\n$/);
    const asViewer = { WHEELHOUSE_TOKEN: made.out.trim() };
    expect((await run(["status"], asViewer)).code).toBe(0);
    const refused = await run(["suspend", name], asViewer);
    expect([refused.code, refused.out]).toEqual([3, ""]);
    expect(refused.err).toContain("ci is viewer; this needs operator");
    const again = await run(["token", "create", "ci", "--role", "viewer"]);
    expect([again.code, again.out]).toEqual([3, ""]);
    const deleted = await run(["token", "delete", "ci"]);
    expect([deleted.code, deleted.out]).toEqual([0, "token/ci deleted\n"]);
    const ended = await run(["status"], asViewer);
    expect([ended.code, ended.out]).toEqual([3, ""]);
    expect(ended.err).toContain(
      `wheelhouse login ${hub.fleet.server} --token-file FILE`,
    );
  });

  it("waits for a rollout, and for nothing where it is over", async () => {
    const { code, out } = await run(["rollout", "status", "-w"]);
    expect(code).toBe(0);
    expect(out).toContain("Completed");
  });

  it("refuses a label that Kubernetes would", async () => {
    const { url, token } = { url: hub.fleet.server, token: hub.fleet.token };
    const answer = await fetch(new URL("/api/v1/clusters", url), {
      method: "POST",
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({ name: "edge-1", labels: { env: "b/d" } }),
    });
    expect(answer.status).toBe(400);
    const args = ["cluster", "add", "edge-1", "--label", "env=b/d"];
    expect((await run(args)).code).toBe(2);
  });

  it("forgets the hub at logout", async () => {
    const { code, out } = await run(["logout"]);
    expect(code).toBe(0);
    expect(out).toContain(`logged out of ${hub.fleet.server}`);
    expect(readFileSync(config, "utf8")).not.toContain(hub.fleet.token);
    const { code: next, err } = await run(["status"]);
    expect(next).toBe(3);
    expect(err).toContain("not logged in to a hub");
    expect((await login()).code).toBe(0);
  });

  it("says that the hub is gone", async () => {
    await hub.fleet.killHub();
    const { code, out, err } = await run(["status"]);
    expect([code, out]).toEqual([3, ""]);
    expect(err).toContain(`hub at ${hub.fleet.server} cannot be reached`);
    await hub.fleet.startHub();
    expect((await run(["status"])).code).toBe(0);
  });
});
