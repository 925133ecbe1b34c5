import { type JsonObject, objectIdOf } from "@wheelhouse/kube-object";
import { describe, expect, it, vi } from "vitest";
import { configMap, namespace, widget, widgetDefinition } from "./objects.ts";
import {
  type Write,
  tools,
  useCluster,
  whenQuiet,
  whenReady,
  within,
} from "./test-cluster.ts";

const bundle = "Kustomization/tenants/shop";
const orphaned = "Kustomization/tenants/orphaned";
const other = "Kustomization/tenants/other";
const account = "system:serviceaccount:tenants:deployer";
const maps = "/api/v1/namespaces/default/configmaps";
const rbac = "/apis/rbac.authorization.k8s.io/v1";
const group = "tenant.example.com";

/** What the spoke does for all bundles together, or for itself. */
function isOwnBusiness({ verb, requestURI, objectRef }: Write): boolean {
  const isDiscovery = /^\/(api|apis|version)(\?|$)/.test(requestURI);
  const isSharedWatch = requestURI.includes("labelSelector=fleet.wheelhouse");
  const isState =
    objectRef?.namespace === "wheelhouse-system" ||
    (objectRef?.resource === "namespaces" &&
      objectRef.name === "wheelhouse-system");
  const isOfAll = (verb === "list" || verb === "watch") && isSharedWatch;
  return isDiscovery || isOfAll || isState;
}

// The simulated cluster knows no RBAC.
describe.skipIf(
  tools === null || process.env["WHEELHOUSE_TEST_CLUSTER"] === "simulated",
)("a bundle with a service account of its own", () => {
  const cluster = useCluster({}, { auditReads: true });
  const tenant = { serviceAccountName: "deployer" };
  let seq = 0;

  const allow = async (name: string, rules: readonly JsonObject[]) => {
    const metadata = { name };
    await cluster.send("POST", `${rbac}/clusterroles`, { metadata, rules });
    await cluster.send("POST", `${rbac}/clusterrolebindings`, {
      metadata,
      roleRef: {
        apiGroup: "rbac.authorization.k8s.io",
        kind: "ClusterRole",
        name,
      },
      subjects: [
        { kind: "ServiceAccount", name: "deployer", namespace: "tenants" },
      ],
    });
    return () => cluster.send("DELETE", `${rbac}/clusterrolebindings/${name}`);
  };
  const whenGone = (path: string) =>
    vi.waitFor(
      async () => expect(await cluster.get(path)).toBeUndefined(),
      within,
    );

  it("sends every request that names its objects as that account, to the last delete after a restart", async () => {
    const forbid = await allow("tenant-all", [
      { apiGroups: ["*"], resources: ["*"], verbs: ["*"] },
    ]);
    await cluster.send("POST", maps, configMap("i1-foreign"));
    const definition = widgetDefinition(group);
    const space = namespace("i1-space");
    const kept = { ...tenant, name: other, objects: [configMap("i1-kept")] };
    const shop = {
      ...tenant,
      name: bundle,
      createNamespaces: ["i1-made"],
      healthChecks: [
        {
          apiVersion: "v1",
          kind: "ConfigMap",
          namespace: "default",
          name: "i1-foreign",
        },
      ],
    };
    const inSpace = configMap("i1", {}, "i1-made");
    const first = await cluster.startEngine();
    await first.assign(
      [
        kept,
        {
          ...shop,
          objects: [definition, widget("i1", group), inSpace, space],
        },
        {
          ...tenant,
          name: orphaned,
          deletionPolicy: "Orphan",
          objects: [configMap("i1-orphan")],
        },
      ],
      { seq: (seq += 1) },
    );
    await whenReady(first, bundle, orphaned, other);
    await first.assign(
      [
        kept,
        { ...shop, objects: [inSpace] },
        {
          ...tenant,
          name: orphaned,
          deletionPolicy: "Orphan",
          objects: [configMap("i1-orphan")],
        },
      ],
      { seq: (seq += 1), allowDelete: [definition, space].map(objectIdOf) },
    );
    await whenGone(
      `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.${group}`,
    );
    await whenQuiet(first);
    await first.stop();
    const second = await cluster.startEngine();
    await second.assign([kept], { seq: (seq += 1) });
    await whenGone("/api/v1/namespaces/i1-made/configmaps/i1");
    await vi.waitFor(async () => {
      const live = await cluster.get(`${maps}/i1-orphan`);
      expect(live?.metadata["labels"] ?? {}).toEqual({});
    }, within);
    await whenQuiet(second);

    const requests = (await cluster.requests()).filter(
      (request) => !isOwnBusiness(request),
    );
    const asItself = requests.filter(
      ({ impersonatedUser }) => impersonatedUser?.username !== account,
    );
    expect(asItself).toEqual([]);
    const seen = requests.map(
      ({ verb, objectRef }) =>
        `${verb} ${objectRef?.resource} ${objectRef?.name ?? ""}`,
    );
    for (const expected of [
      "get namespaces i1-made",
      "create namespaces i1-made",
      `get customresourcedefinitions widgets.${group}`,
      "get configmaps i1-foreign",
      "list widgets ",
      "list configmaps ",
      "delete widgets i1",
      "delete namespaces i1-space",
      "delete configmaps i1",
      "patch configmaps i1-orphan",
    ]) {
      expect(seen).toContain(expected);
    }
    await forbid();
  });

  it("is held with the server's words where the account may not, and nothing falls back to the spoke's rights", async () => {
    const engine = await cluster.startEngine();
    await engine.assign(
      [
        { ...tenant, name: bundle, objects: [configMap("i2")] },
        {
          ...tenant,
          name: other,
          createNamespaces: ["i2-made"],
          objects: [configMap("i2", {}, "i2-made")],
        },
      ],
      { seq: (seq += 1) },
    );
    await vi.waitFor(() => {
      expect(engine.report(bundle)?.message).toContain(
        `User "${account}" cannot`,
      );
      expect(engine.report(other)?.message).toContain(
        `User "${account}" cannot get resource "namespaces"`,
      );
    }, within);
    expect(await cluster.get(`${maps}/i2`)).toBeUndefined();
    expect(await cluster.get("/api/v1/namespaces/i2-made")).toBeUndefined();
  });

  it("keeps what the account may not delete, with the server's words", async () => {
    const forbid = await allow("tenant-some", [
      {
        apiGroups: [""],
        resources: ["configmaps", "namespaces"],
        verbs: ["get", "create", "patch"],
      },
    ]);
    const engine = await cluster.startEngine();
    const kept = configMap("i3-kept");
    const space = namespace("i3-space");
    await engine.assign(
      [{ ...tenant, name: bundle, objects: [kept, configMap("i3"), space] }],
      { seq: (seq += 1) },
    );
    await whenReady(engine, bundle);
    await engine.assign([{ ...tenant, name: bundle, objects: [kept] }], {
      seq: (seq += 1),
      allowDelete: [objectIdOf(space)],
    });
    await vi.waitFor(() => {
      const messages = engine
        .facts()
        .pruneHolds.map(({ reason, message }) => `${reason}: ${message}`);
      expect(messages).toEqual([
        expect.stringMatching(/^ContentsUnknown: .*cannot list resource/),
        expect.stringMatching(
          /^PruneFailed: .*cannot delete resource "configmaps"/,
        ),
      ]);
    }, within);
    expect(await cluster.get(`${maps}/i3`)).toBeDefined();
    const space3 = await cluster.get("/api/v1/namespaces/i3-space");
    expect(space3?.metadata["deletionTimestamp"]).toBeUndefined();
    await forbid();
  });
});
