import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { configMap } from "./objects.ts";
import { useSpokeProcesses } from "./spoke-processes.ts";
import { tools, useCluster, within } from "./test-cluster.ts";

const maps = "/api/v1/namespaces/default/configmaps";
const merge = "application/merge-patch+json";

describe.skipIf(tools === null)("the spoke as a process", () => {
  const cluster = useCluster();
  const { folder, start, startHub, invite, issue, whenReported } =
    useSpokeProcesses(cluster);

  const whenData = (name: string, data: Readonly<Record<string, string>>) =>
    vi.waitFor(
      async () =>
        expect((await cluster.get(`${maps}/${name}`))?.["data"]).toEqual(data),
      within,
    );

  /** How many writes there are once healing has also written down what it did. */
  const countWhenQuiet = async (): Promise<number> => {
    let count = -1;
    await vi.waitFor(
      async () => {
        const before = count;
        count = (await cluster.writes()).length;
        expect(count).toBe(before);
      },
      { timeout: 60_000, interval: 1_000 },
    );
    return count;
  };

  it("joins, applies what it is assigned, heals without its hub, and comes back with no write", async () => {
    const uid = "uid-a";
    const hub = await startHub();
    const spoke = start(["--join-file", await invite(hub, uid)]);
    await vi.waitFor(() => expect(hub.observer.hellos).toHaveLength(1), within);
    issue(hub, uid, 1, [configMap("s1")]);
    await whenReported(hub, 1);

    await hub.stop();
    await cluster.send("PATCH", `${maps}/s1`, { data: { key: "x" } }, merge);
    await whenData("s1", { key: "value" });

    const before = await countWhenQuiet();
    const again = await startHub(hub);
    await vi.waitFor(
      () => expect(again.observer.reports.length).toBeGreaterThan(0),
      { timeout: 60_000, interval: 50 },
    );
    const writes = (await cluster.writes())
      .slice(before)
      .filter(({ objectRef }) => objectRef?.resource !== "events");
    expect(writes).toEqual([]);

    spoke.child.kill("SIGTERM");
    expect(await spoke.ended).toEqual({ code: 0, signal: null });
    const token = JSON.parse(
      await readFile(join(folder(), `${uid}.json`), "utf8"),
    ) as { token: string };
    expect(spoke.output()).not.toContain(token.token);
    expect(spoke.output()).not.toContain("PRIVATE KEY");
  });

  it("shows its state from the cluster alone", async () => {
    const uid = "uid-b";
    const hub = await startHub();
    const spoke = start(["--join-file", await invite(hub, uid)]);
    await vi.waitFor(() => expect(hub.observer.hellos).toHaveLength(1), within);
    issue(hub, uid, 3, [configMap("s2")]);
    await whenReported(hub, 3);
    spoke.child.kill("SIGTERM");
    await spoke.ended;
    await hub.stop();

    const json = start(["status", "-o", "json"]);
    expect(await json.ended).toEqual({ code: 0, signal: null });
    expect(JSON.parse(json.output())).toMatchObject({
      cluster: "prod-eu-1",
      uid,
      assignment: { epoch: 1, seq: 3 },
      bundles: [
        {
          bundle: "Kustomization/flux-system/webapp",
          verdict: "Converged",
          ready: 1,
        },
      ],
      problems: [],
    });
    const table = start(["status"]);
    await table.ended;
    expect(table.output()).toMatch(
      /^CLUSTER {2}prod-eu-1 .*\nBUNDLE +VERDICT +READY +APPLIED +AGE +NOTE\nKustomization\/flux-system\/webapp +\+ Converged +1\/1/,
    );
  });

  it("is killed in the middle, and ends up where it should without a second token", async () => {
    const uid = "uid-c";
    const hub = await startHub();
    const dying = start(["--join-file", await invite(hub, uid)], {
      WHEELHOUSE_FAILPOINT: "object.afterApply",
    });
    await vi.waitFor(() => expect(hub.observer.hellos).toHaveLength(1), within);
    issue(hub, uid, 1, [configMap("s3")]);
    expect(await dying.ended).toEqual({ code: null, signal: "SIGKILL" });
    start([]);
    await whenReported(hub, 1);
    expect(await cluster.get(`${maps}/s3`)).toBeDefined();
  });

  it("joins anew with the join of another uid, and ignores one of its own", async () => {
    const hub = await startHub();
    const first = start(["--join-file", await invite(hub, "uid-d")]);
    await vi.waitFor(() => expect(hub.observer.hellos).toHaveLength(1), within);
    issue(hub, "uid-d", 5, [configMap("s4")]);
    await whenReported(hub, 5);
    first.child.kill("SIGTERM");
    await first.ended;

    const file = await invite(hub, "uid-e");
    const second = start(["--join-file", file]);
    await vi.waitFor(() => expect(hub.observer.hellos).toHaveLength(2), within);
    issue(hub, "uid-e", 1, [configMap("s4"), configMap("s5")]);
    await vi.waitFor(
      async () => expect(await cluster.get(`${maps}/s5`)).toBeDefined(),
      within,
    );
    second.child.kill("SIGTERM");
    await second.ended;

    const third = start(["--join-file", file]);
    await vi.waitFor(() => expect(hub.observer.hellos).toHaveLength(3), within);
    expect(third.output()).toContain("the join is ignored");
  });

  it("refuses the join of another cluster before its token is spent, until it is told whom it replaces", async () => {
    const hub = await startHub();
    const first = start(["--join-file", await invite(hub, "uid-f")]);
    await vi.waitFor(() => expect(hub.observer.hellos).toHaveLength(1), within);
    issue(hub, "uid-f", 1, [configMap("s6")]);
    await whenReported(hub, 1);
    first.child.kill("SIGTERM");
    await first.ended;

    const before = await countWhenQuiet();
    const other = ["--join-file", await invite(hub, "uid-g", "prod-us-1")];
    const wrong = start(other);
    expect(await wrong.ended).toEqual({ code: 3, signal: null });
    expect(wrong.output()).toMatch(
      /the cluster at https?:\S+ already is prod-eu-1 of fleet \S+, and the join is for cluster prod-us-1 of fleet .*the token is not spent.*--replace-identity prod-eu-1/,
    );
    expect(await countWhenQuiet()).toBe(before);

    const misnamed = start([...other, "--replace-identity", "staging-1"]);
    expect(await misnamed.ended).toEqual({ code: 3, signal: null });
    start([...other, "--replace-identity", "prod-eu-1"]);
    await vi.waitFor(() => expect(hub.observer.hellos).toHaveLength(2), within);
  });

  it("says what it lacks when it has not joined", async () => {
    const spoke = start([]);
    expect(await spoke.ended).toEqual({ code: 3, signal: null });
    expect(spoke.output()).toMatch(
      /^x this cluster has not joined a fleet\n.*cluster add NAME --join-file FILE\n.*spoke --join-file FILE/m,
    );
  });

  it("is refused with a token that was used, and keeps nothing going", async () => {
    const uid = "uid-d";
    const hub = await startHub();
    const file = await invite(hub, uid);
    for (const token of hub.registry.tokens.values()) token.isUsed = true;
    const spoke = start(["--join-file", file]);
    expect(await spoke.ended).toEqual({ code: 3, signal: null });
    expect(spoke.output()).toMatch(
      /^x join refused: .*used; .*`wheelhouse cluster repoint NAME`/m,
    );
  });
});
