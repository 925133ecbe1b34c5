import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Artifact, encodeObjects } from "@wheelhouse/assignment";
import { type KubeObject } from "@wheelhouse/kube-object";
import { type HubKeys, pinFingerprint } from "@wheelhouse/trust";
import { build } from "esbuild";
import {
  afterAll,
  afterEach,
  beforeAll,
  describe,
  expect,
  it,
  vi,
} from "vitest";
import { createAssignment, createKeys } from "../../protocol/harness/fleet.ts";
import { type TestHub, startTestHub } from "../../protocol/harness/test-hub.ts";
import { configMap } from "./objects.ts";
import { tools, useCluster, within } from "./test-cluster.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const maps = "/api/v1/namespaces/default/configmaps";
const merge = "application/merge-patch+json";

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

interface RunningSpoke {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<Ended>;
}

describe.skipIf(tools === null)("the spoke as a process", () => {
  const cluster = useCluster();
  let folder = "";
  let program = "";
  let keys: HubKeys;
  const spokes: RunningSpoke[] = [];
  const hubs: TestHub[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "wheelhouse-spoke-"));
    program = join(folder, "spoke.mjs");
    await build({
      bundle: true,
      platform: "node",
      target: "node20",
      format: "esm",
      minify: true,
      entryPoints: [join(root, "apps/spoke/src/main.ts")],
      outfile: program,
      banner: {
        js: [
          'import { createRequire as __createRequire } from "node:module";',
          'import { fileURLToPath as __fileURLToPath } from "node:url";',
          'import { dirname as __dirnameOf } from "node:path";',
          "const require = __createRequire(import.meta.url);",
          "const __filename = __fileURLToPath(import.meta.url);",
          "const __dirname = __dirnameOf(__filename);",
        ].join(""),
      },
    });
    keys = (await createKeys(Date.now())).keys;
  });
  afterEach(async () => {
    for (const { child, ended } of spokes.splice(0)) {
      child.kill("SIGKILL");
      await ended;
    }
    await Promise.all(hubs.splice(0).map((hub) => hub.stop()));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const startHub = async (before?: TestHub) => {
    const hub = await startTestHub({
      keys,
      ...(before === undefined
        ? {}
        : {
            registry: before.registry,
            assignments: before.assignments,
            port: before.port,
          }),
    });
    hubs.push(hub);
    return hub;
  };

  const start = (
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): RunningSpoke => {
    const kubeconfig = cluster.kubeconfigPath();
    const child = spawn(
      process.execPath,
      [program, ...args, "--kubeconfig", kubeconfig],
      { env: { PATH: process.env["PATH"], ...env } },
    );
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (text += chunk.toString()));
    const ended = new Promise<Ended>((resolve) =>
      child.on("close", (code, signal) => resolve({ code, signal })),
    );
    const spoke = { child, ended, output: () => text };
    spokes.push(spoke);
    return spoke;
  };

  /** What `cluster add` prints, for a cluster of a test hub. */
  const invite = async (hub: TestHub, uid: string): Promise<string> => {
    const secret = hub.invite("prod-eu-1", uid);
    const hex = pinFingerprint(keys.pin).slice("sha256:".length);
    const file = join(folder, `${uid}.json`);
    const text = JSON.stringify({
      hubAddress: `127.0.0.1:${hub.port}`,
      token: `whj.${Buffer.from(secret).toString("base64url")}.${hex}`,
      fleet: keys.pin.fleet,
      rootCertificate: keys.pin.certificate,
      rootPublicKey: keys.pin.delegationKey,
      uid,
    });
    await writeFile(file, text, { mode: 0o600 });
    return file;
  };

  const issue = (
    hub: TestHub,
    uid: string,
    seq: number,
    objects: readonly KubeObject[],
  ) => {
    const artifact: Artifact = encodeObjects(objects);
    const to = { cluster: "prod-eu-1", uid };
    const assignment = createAssignment(keys, to, seq, {
      webapp: artifact.bytes,
    });
    hub.assignments.issue(uid, assignment);
    void hub.server.notify(uid);
    return assignment;
  };

  const whenReported = (hub: TestHub, seq: number) =>
    vi.waitFor(() => {
      const state = hub.observer.reports.at(-1)?.state;
      expect(state?.assignment?.seq).toBe(seq);
      expect([...(state?.bundles.values() ?? [])]).toMatchObject([
        { ready: true },
      ]);
    }, within);

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
      await readFile(join(folder, `${uid}.json`), "utf8"),
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
      /^CLUSTER {2}prod-eu-1 .*\nBUNDLE +VERDICT +READY +APPLIED +AGE +NOTE\nKustomization\/flux-system\/webapp +Converged +1\/1/,
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

  it("says what it lacks when it has not joined", async () => {
    const spoke = start([]);
    expect(await spoke.ended).toEqual({ code: 3, signal: null });
    expect(spoke.output()).toContain("this cluster has not joined a fleet");
  });

  it("is refused with a token that was used, and keeps nothing going", async () => {
    const uid = "uid-d";
    const hub = await startHub();
    const file = await invite(hub, uid);
    for (const token of hub.registry.tokens.values()) token.isUsed = true;
    const spoke = start(["--join-file", file]);
    expect(await spoke.ended).toEqual({ code: 3, signal: null });
    expect(spoke.output()).toContain("join refused");
  });
});
