import {
  type ApiFaultProxy,
  type SetFault,
  startApiFaultProxy,
} from "@wheelhouse/testing";
import { afterEach, describe, expect, it, vi } from "vitest";
import { configMap, service } from "./objects.ts";
import {
  type TestCluster,
  changes,
  tools,
  useCluster,
  whenQuiet,
  whenReady,
  within,
} from "./test-cluster.ts";
import { type TestEngine } from "./test-engine.ts";

const one = "Kustomization/flux-system/one";
const maps = "/api/v1/namespaces/default/configmaps";
const services = "/api/v1/namespaces/default/services";
const merge = "application/merge-patch+json";

describe.skipIf(tools === null)("a kind whose watch is refused", () => {
  const cluster = useCluster();
  let proxy: ApiFaultProxy | undefined;
  afterEach(async () => {
    await proxy?.close();
    proxy = undefined;
  });

  it("is read live at each resync: what another client edited or deleted is healed", async () => {
    proxy = await startApiFaultProxy(cluster.kubeconfig());
    const { engine } = await startUnwatched(cluster, proxy, "u1");
    await cluster.send(
      "PATCH",
      `${maps}/u1?fieldManager=kubectl-edit`,
      { data: { key: "edited" } },
      merge,
    );
    await vi.waitFor(
      () =>
        expect(engine.facts().drift).toMatchObject([
          { state: "healed", writer: "kubectl-edit" },
        ]),
      within,
    );
    expect(await cluster.get(`${maps}/u1`)).toMatchObject({
      data: { key: "value" },
    });
    await cluster.send("DELETE", `${maps}/u1`);
    await vi.waitFor(
      async () => expect(await cluster.get(`${maps}/u1`)).toBeDefined(),
      within,
    );
    await whenReady(engine, one);
  });

  it("costs reads and no write while there is nothing to do, and only that kind does", async () => {
    proxy = await startApiFaultProxy(cluster.kubeconfig());
    await startUnwatched(cluster, proxy, "u2");
    const reads = (path: string) =>
      proxy?.calls().filter((call) => call.path === path).length ?? 0;
    const written = (await cluster.writes()).length;
    const before = reads(`${maps}/u2`);
    const watchedBefore = reads(`${services}/u2`);
    await vi.waitFor(
      () => expect(reads(`${maps}/u2`)).toBeGreaterThanOrEqual(before + 3),
      within,
    );
    expect(changes((await cluster.writes()).slice(written))).toEqual([]);
    expect(reads(`${services}/u2`)).toBe(watchedBefore);
  });
});

/** An engine that may watch Services and no ConfigMaps, with one of each applied, and a resync every half second. */
async function startUnwatched(
  cluster: TestCluster,
  proxy: ApiFaultProxy,
  name: string,
): Promise<{ readonly engine: TestEngine; readonly refused: SetFault }> {
  const refused = proxy.set({
    matches: ({ verb, resource }) =>
      verb === "watch" && resource === "configmaps",
    fault: { kind: "status", code: 403 },
  });
  const engine = await cluster.startEngine({ kubeconfig: proxy.kubeconfig });
  const objects = [configMap(name), service(name)];
  await engine.assign([{ name: one, intervalMs: 500, objects }], { seq: 1 });
  await whenReady(engine, one);
  await vi.waitFor(() => expect(refused.struck()).toBeGreaterThan(0), within);
  await whenQuiet(engine);
  return { engine, refused };
}
