import { computeBundleVerdict } from "@wheelhouse/status";
import { describe, expect, it, vi } from "vitest";
import { configMap } from "./objects.ts";
import { useSpokeProcesses } from "./spoke-processes.ts";
import { tools, useCluster, within } from "./test-cluster.ts";

const inContact = { sessionAgeMs: 0, heartbeatAgeMs: 0 };
const maps = "/api/v1/namespaces/default/configmaps";

/** Bundles that only the reconciler's own rules judge aright. */
const bundles = [
  { name: "Kustomization/flux-system/plain", objects: [configMap("t1")] },
  {
    name: "Kustomization/flux-system/failing",
    wait: true,
    objects: [configMap("t2")],
    healthCheckExprs: [
      {
        apiVersion: "v1",
        kind: "ConfigMap",
        current: "metadata.name == 'mended'",
        failed: "metadata.name == 't2'",
      },
    ],
  },
  {
    name: "Kustomization/flux-system/checking",
    objects: [configMap("t3")],
    healthChecks: [
      {
        apiVersion: "kustomize.toolkit.fluxcd.io/v1",
        kind: "Kustomization",
        namespace: "flux-system",
        name: "failing",
      },
    ],
  },
  {
    name: "Kustomization/flux-system/asleep",
    suspend: true,
    objects: [configMap("t4")],
  },
  {
    name: "Kustomization/flux-system/unbuilt",
    objects: null,
    held: { reason: "Unbuildable", message: "no such file" },
  },
];

describe.skipIf(tools === null)("what `spoke status` says", () => {
  const cluster = useCluster();
  const { start } = useSpokeProcesses(cluster);

  const readStatus = async () => {
    const json = start(["status", "-o", "json"]);
    const { code } = await json.ended;
    const { bundles: shown } = JSON.parse(json.output()) as {
      bundles: readonly {
        readonly bundle: string;
        readonly verdict: string;
        readonly ready: number;
        readonly waitsFor: string | null;
        readonly trouble: { readonly reason: string } | null;
        readonly note: string;
      }[];
    };
    return { code, byName: new Map(shown.map((one) => [one.bundle, one])) };
  };

  it("is what the reconciler reports, judged as the hub judges it", async () => {
    const engine = await cluster.startEngine();
    await engine.assign(bundles, { seq: 1 });
    await vi.waitFor(() => {
      expect(engine.report("Kustomization/flux-system/failing")?.failed).toBe(
        true,
      );
      expect(engine.facts().bundles).toHaveLength(bundles.length);
      expect(
        engine.report("Kustomization/flux-system/checking")?.applied,
      ).not.toBeNull();
    }, within);
    const { code, byName } = await readStatus();
    expect(code).toBe(1);
    for (const { name, suspend = false } of bundles) {
      const report = engine.report(name);
      expect(report, name).toBeDefined();
      if (report === undefined) continue;
      const { verdict } = computeBundleVerdict(
        { contact: inContact, root: null, ageMs: 0 },
        {
          held: report.held !== null || suspend,
          failed: report.failed,
          drifted: report.drifted,
          driftMode: "enabled",
          ready: report.ready,
        },
      );
      const { ready } = report.objects;
      expect(byName.get(name), name).toMatchObject({ verdict, ready });
    }
    expect([...byName.values()].map(({ verdict }) => verdict)).toEqual([
      "Held",
      "Progressing",
      "Degraded",
      "Converged",
      "Held",
    ]);
    expect(byName.get("Kustomization/flux-system/failing")?.note).toContain(
      "ConfigMap/default/t2",
    );
    await engine.stop();
  });

  it("leaves an object that waits to be deleted out of its bundle's health, and tells of it", async () => {
    const name = "Kustomization/flux-system/plain";
    const engine = await cluster.startEngine({ isFresh: () => false });
    await engine.assign(
      [{ name, objects: [configMap("t5"), configMap("t6")] }],
      { seq: 1 },
    );
    await vi.waitFor(
      async () => expect(await cluster.get(`${maps}/t6`)).toBeDefined(),
      within,
    );
    await engine.assign([{ name, objects: [configMap("t5")] }], { seq: 2 });
    await vi.waitFor(
      () => expect(engine.facts().pruneHolds).toHaveLength(1),
      within,
    );
    await cluster.send("DELETE", `${maps}/t6`);
    const { code, byName } = await readStatus();
    expect(byName.get(name)).toMatchObject({
      verdict: "Converged",
      ready: 1,
      note: "1 object waits for the prune gate",
    });
    expect(code).toBe(0);
    await engine.stop();
  });

  it("says why a bundle is not applied, and what the others wait for", async () => {
    const failing = "Kustomization/flux-system/failing";
    const behind = "Kustomization/flux-system/behind";
    const nowhere = configMap("t7");
    const engine = await cluster.startEngine({ tellsCluster: true });
    await engine.assign(
      [
        {
          name: failing,
          objects: [
            {
              ...nowhere,
              metadata: { ...nowhere.metadata, namespace: "nowhere" },
            },
          ],
        },
        {
          name: behind,
          objects: [configMap("t8")],
          dependsOn: [{ bundle: failing }],
        },
      ],
      { seq: 1 },
    );
    await vi.waitFor(
      () => expect(engine.report(failing)?.failed).toBe(true),
      within,
    );
    const said = engine.report(failing)?.message ?? "";
    expect(said).toContain('namespaces "nowhere" not found');
    await engine.stop();
    // An Event is written behind the report, and may come after it.
    await vi.waitFor(async () => {
      const { code, byName } = await readStatus();
      expect(code).toBe(1);
      expect(byName.get(failing)).toMatchObject({
        ...{ waitsFor: null, note: said },
        trouble: { reason: "Failed", message: said },
      });
      expect(byName.get(behind)).toMatchObject({
        ...{ verdict: "Progressing", note: `waits for ${failing}` },
        ...{ waitsFor: `waits for ${failing}`, trouble: null },
      });
    }, within);
  });
});
