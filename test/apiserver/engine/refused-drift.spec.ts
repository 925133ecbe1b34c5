import {
  type JsonObject,
  type KubeObject,
  objectIdOf,
} from "@wheelhouse/kube-object";
import { describe, expect, it, vi } from "vitest";
import { configMap, deployment } from "./objects.ts";
import {
  changes,
  tools,
  useCluster,
  whenApplied,
  whenQuiet,
  whenReady,
  within,
} from "./test-cluster.ts";
import { type TestEngine } from "./test-engine.ts";

const one = "Kustomization/flux-system/one";
const maps = "/api/v1/namespaces/default/configmaps";
const services = "/api/v1/namespaces/default/services";
const merge = "application/merge-patch+json";
const modes = {
  enabled: { mode: "enabled", ignore: [] },
  warn: { mode: "warn", ignore: [] },
  disabled: { mode: "disabled", ignore: [] },
} as const;

const portsOf = (port: number) => [
  { name: "http", port, targetPort: "http", protocol: "TCP" },
];

function namedService(name: string): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: "default" },
    spec: {
      selector: { app: name },
      ports: [{ name: "http", port: 9898, targetPort: "http" }],
    },
  };
}

function locked(name: string, key = "value"): KubeObject {
  return { ...configMap(name, { key }), immutable: true };
}

describe.skipIf(tools === null)("drift that cannot be healed", () => {
  const cluster = useCluster({}, { auditReads: true });

  /** Assigns one object, and has somebody change it once all is Ready. */
  async function drifted(
    object: KubeObject,
    change: (name: string) => Promise<unknown>,
    {
      mode = "enabled",
      force = false,
      more = [],
      retryIntervalMs = 2_000,
    }: {
      readonly mode?: keyof typeof modes;
      readonly force?: boolean;
      readonly more?: readonly KubeObject[];
      readonly retryIntervalMs?: number;
    } = {},
  ): Promise<TestEngine> {
    const engine = await cluster.startEngine();
    const objects = [object, ...more];
    await engine.assign(
      [{ name: one, drift: modes[mode], force, objects, retryIntervalMs }],
      { seq: 1 },
    );
    await whenReady(engine, one);
    await whenQuiet(engine);
    const { name } = objectIdOf(object);
    if (change !== replace) {
      await change(name);
      return engine;
    }
    // It must not come back between the two requests.
    await engine.stop();
    await change(name);
    const next = await cluster.startEngine();
    await next.resume();
    return next;
  }

  const setPort = (name: string, ports: readonly JsonObject[]) =>
    cluster.send(
      "PATCH",
      `${services}/${name}?fieldManager=kubectl-edit`,
      { spec: { ports } },
      merge,
    );

  /** As `kubectl replace --force` does: the same marks, another uid. */
  async function replace(name: string): Promise<void> {
    const path = `${maps}/${name}`;
    const live = await cluster.get(path);
    const { labels = {}, annotations = {} } = live?.metadata ?? { name };
    await cluster.send("DELETE", path);
    await cluster.send("POST", `${maps}?fieldManager=kubectl-replace`, {
      ...locked(name, "theirs"),
      metadata: {
        ...{ name, namespace: "default" },
        labels,
        annotations,
      },
    });
  }

  /** The data changed, and locked with the same edit. */
  const lock = (name: string) =>
    cluster.send(
      "PATCH",
      `${maps}/${name}?fieldManager=kubectl-edit`,
      { data: { key: "theirs" }, immutable: true },
      merge,
    );

  const whenFound = (engine: TestEngine, state: string) =>
    vi.waitFor(
      () => expect(engine.facts().drift).toMatchObject([{ state }]),
      within,
    );

  const refusedPort = {
    writer: "kubectl-edit",
    fields: [{ path: 'spec.ports[port=9898,protocol="TCP"]', found: null }],
  };

  it("is blocked with the server's words, naming who did what", async () => {
    const engine = await drifted(namedService("r1"), () =>
      setPort("r1", portsOf(9999)),
    );
    await whenFound(engine, "blocked");
    expect(engine.facts().drift).toMatchObject([refusedPort]);
    expect(engine.facts().drift[0]?.message).toContain("Duplicate value");
    expect(engine.report(one)).toMatchObject({
      ...{ ready: false, failed: true, drifted: true },
      message: expect.stringContaining("Duplicate value"),
    });
  });

  it("is reported in mode warn, and the bundle stays Ready", async () => {
    const engine = await drifted(
      namedService("r2"),
      () => setPort("r2", portsOf(9999)),
      { mode: "warn" },
    );
    await whenFound(engine, "reported");
    await whenQuiet(engine);
    expect(engine.facts().drift).toMatchObject([refusedPort]);
    expect(engine.report(one)).toMatchObject({
      ...{ ready: true, failed: false, drifted: true, message: "" },
    });
    // The first apply alone.
    expect(
      changes(await cluster.writes()).filter(
        (change) => change === "patch services r2",
      ),
    ).toHaveLength(1);
    expect(await cluster.get(`${services}/r2`)).toMatchObject({
      spec: { ports: [{ port: 9999 }] },
    });
  });

  it("is not looked at where drift is disabled", async () => {
    const engine = await drifted(
      namedService("r3"),
      () => setPort("r3", portsOf(9999)),
      { mode: "disabled" },
    );
    await whenQuiet(engine);
    expect(engine.facts().drift).toEqual([]);
    expect(engine.report(one)).toMatchObject({
      ...{ ready: true, failed: false, drifted: false },
    });
  });

  it.each([
    ["replaced by hand", locked, replace],
    ["changed and locked", configMap, lock],
  ] as const)(
    "makes an object anew that was %s, where the bundle forces",
    async (title, make, change) => {
      const name = `forced-${title.replaceAll(" ", "-")}`;
      const object = make === locked ? locked(name) : configMap(name);
      const engine = await drifted(object, change, {
        force: true,
      });
      await whenFound(engine, "healed");
      await whenReady(engine, one);
      expect(await cluster.get(`${maps}/${name}`)).toMatchObject({
        data: { key: "value" },
      });
    },
  );

  it.each([
    ["replaced by hand", locked, replace],
    ["changed and locked", configMap, lock],
  ] as const)(
    "leaves an object that was %s, where the bundle does not force",
    async (title, make, change) => {
      const name = `kept-${title.replaceAll(" ", "-")}`;
      const object = make === locked ? locked(name) : configMap(name);
      const engine = await drifted(object, change);
      await whenFound(engine, "blocked");
      expect(engine.facts().drift[0]).toMatchObject({
        fields: [{ path: "data.key", found: '"theirs"' }],
        message: expect.stringContaining("immutable"),
      });
      expect(engine.report(one)).toMatchObject({
        ready: false,
        failed: true,
      });
      expect(await cluster.get(`${maps}/${name}`)).toMatchObject({
        data: { key: "theirs" },
      });
    },
  );

  it.each([
    ["replaced by hand", locked, replace],
    ["changed and locked", configMap, lock],
  ] as const)(
    "writes nothing over an object that was %s, in mode warn, though the bundle forces",
    async (title, make, change) => {
      const name = `told-${title.replaceAll(" ", "-")}`;
      const object = make === locked ? locked(name) : configMap(name);
      const engine = await drifted(object, change, {
        ...{ mode: "warn", force: true },
      });
      await whenFound(engine, "reported");
      await whenQuiet(engine);
      expect(engine.report(one)).toMatchObject({
        ready: true,
        failed: false,
      });
      expect(await cluster.get(`${maps}/${name}`)).toMatchObject({
        data: { key: "theirs" },
      });
    },
  );

  const requestsAbout = async (name: string) =>
    (await cluster.requests()).filter(
      ({ objectRef, verb }) => objectRef?.name === name && verb !== "watch",
    ).length;

  it("is not tried again whenever something else of the bundle moves", async () => {
    const engine = await drifted(configMap("r4"), lock, {
      more: [configMap("r4-beside")],
      retryIntervalMs: 600_000,
    });
    await whenFound(engine, "blocked");
    await whenQuiet(engine);
    const before = await requestsAbout("r4");
    const lookedBefore = await requestsAbout("r4-beside");
    for (let round = 1; round <= 5; round += 1) {
      await cluster.send(
        "PATCH",
        `${maps}/r4-beside?fieldManager=somebody`,
        { data: { theirs: `${round}` } },
        merge,
      );
      await whenQuiet(engine);
    }
    expect(await requestsAbout("r4-beside")).toBeGreaterThan(lookedBefore);
    expect(await requestsAbout("r4")).toBe(before);
    engine.reconcileNow(one);
    await vi.waitFor(
      async () => expect(await requestsAbout("r4")).toBeGreaterThan(before),
      within,
    );
  });

  it("is tried again by the retry interval", async () => {
    const engine = await drifted(configMap("r7"), lock, {
      retryIntervalMs: 500,
    });
    await whenFound(engine, "blocked");
    for (let round = 1; round <= 2; round += 1) {
      const before = await requestsAbout("r7");
      await vi.waitFor(
        async () => expect(await requestsAbout("r7")).toBeGreaterThan(before),
        within,
      );
    }
    expect(engine.facts().drift).toMatchObject([{ times: 1 }]);
  });

  it("is healed as soon as somebody takes out what stands in the way", async () => {
    const engine = await drifted(namedService("r5"), () =>
      setPort("r5", portsOf(9999)),
    );
    await whenFound(engine, "blocked");
    await setPort("r5", [{ name: "other", port: 9999, targetPort: "http" }]);
    await whenFound(engine, "healed");
    await whenReady(engine, one);
    expect(await cluster.get(`${services}/r5`)).toMatchObject({
      spec: { ports: [{ name: "other" }, { name: "http", port: 9898 }] },
    });
  });

  it("names who renamed an item of a list, which stays beside ours", async () => {
    const engine = await cluster.startEngine();
    await engine.assign(
      [{ name: one, wait: false, objects: [deployment("r6")] }],
      { seq: 1 },
    );
    await whenApplied(engine, one);
    await whenQuiet(engine);
    const path = "/apis/apps/v1/namespaces/default/deployments/r6";
    await cluster.send(
      "PATCH",
      `${path}?fieldManager=kubectl-patch`,
      [
        {
          op: "replace",
          path: "/spec/template/spec/containers/0/name",
          value: "evil",
        },
      ],
      "application/json-patch+json",
    );
    await whenFound(engine, "healed");
    expect(engine.facts().drift[0]).toMatchObject({
      writer: "kubectl-patch",
      fields: [
        { path: 'spec.template.spec.containers[name="app"]', found: null },
      ],
    });
    expect(await cluster.get(path)).toMatchObject({
      spec: { template: { spec: { containers: { length: 2 } } } },
    });
  });
});
