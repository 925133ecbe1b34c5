import { configMap, sequence } from "../sequence.ts";

const maps = "configmaps";
const tableType =
  "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
const versionOf = (answer: { body: unknown }) =>
  (answer.body as { metadata: { resourceVersion: string } }).metadata
    .resourceVersion;

/** Lists, selectors, watches, tables, discovery. */
export const readSequences = [
  sequence("lists with selectors", async (on) => {
    const at = on.path("v1", "secrets");
    const secret = (name: string, labels: object, type = "Opaque") => ({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name, labels },
      type,
    });
    await on.create(at, secret("a", { tier: "front", x: "1" }));
    await on.create(at, secret("b", { tier: "back" }));
    await on.create(at, secret("c", { x: "2" }, "example.com/other"));
    for (const selector of [
      "tier=front",
      "tier!=front",
      "tier in (front,back)",
      "tier notin (front)",
      "x",
      "!x",
      "tier=front,x",
      "x>1",
      "a=b=c",
    ])
      await on.get(`${at}?labelSelector=${encodeURIComponent(selector)}`);
    for (const selector of [
      "metadata.name=a",
      "metadata.name!=a",
      "type=example.com/other",
      "data.x=1",
      "metadata.name",
    ])
      await on.get(`${at}?fieldSelector=${encodeURIComponent(selector)}`);
  }),
  sequence("lists in pages", async (on) => {
    const at = on.path("v1", "secrets");
    for (const name of ["a", "b", "c", "d", "e"])
      await on.quiet({
        method: "POST",
        path: at,
        body: { apiVersion: "v1", kind: "Secret", metadata: { name } },
      });
    const first = await on.get(`${at}?limit=2`);
    await on.quiet({
      method: "POST",
      path: at,
      body: { apiVersion: "v1", kind: "Secret", metadata: { name: "bb" } },
    });
    await on.quiet({ method: "DELETE", path: `${at}/d` });
    const page = async (token: string, call: string) => {
      const answer = await on.quiet({
        method: "GET",
        path: `${at}?limit=2&continue=${encodeURIComponent(token)}`,
      });
      const list = answer.body as {
        items: { metadata: { name: string } }[];
        metadata: { continue?: string; remainingItemCount?: number };
      };
      on.note(call, {
        code: answer.code,
        names: list.items.map((each) => each.metadata.name),
        left: list.metadata.remainingItemCount,
        more: list.metadata.continue !== undefined,
      });
      return list.metadata.continue ?? "";
    };
    const token = (first.body as { metadata: { continue: string } }).metadata
      .continue;
    await page(await page(token, "second page"), "third page");
    await on.get(`${at}?limit=2&continue=nonsense`);
  }),
  sequence("a list from a resourceVersion of the future", async (on) => {
    await on.get(`${on.path("v1", maps)}?resourceVersion=999999999`);
    await on.get(`${on.path("v1", maps)}?resourceVersion=abc`);
  }),
  sequence("metadata alone", async (on) => {
    const at = on.path("v1", "secrets");
    const as = (form: string) =>
      `application/json;as=${form};g=meta.k8s.io;v=v1,application/json`;
    await on.get(at, as("PartialObjectMetadataList"));
    const start = versionOf(await on.quiet({ method: "GET", path: at }));
    for (const name of ["a", "b"])
      await on.quiet({
        method: "POST",
        path: at,
        body: {
          apiVersion: "v1",
          kind: "Secret",
          metadata: { name, labels: { x: "1" } },
          data: { x: "eA==" },
        },
      });
    await on.get(at, as("PartialObjectMetadataList"));
    await on.get(`${at}?limit=1`, as("PartialObjectMetadataList"));
    await on.get(`${at}/a`, as("PartialObjectMetadata"));
    await on.get(`${at}/none`, as("PartialObjectMetadata"));
    await on.send("WATCH", {
      method: "GET",
      path: `${at}?watch=true&resourceVersion=${start}&timeoutSeconds=5`,
      accept: as("PartialObjectMetadata"),
      lines: 2,
    });
  }),
  sequence("watch: added, modified, deleted", async (on) => {
    const at = on.path("v1", "secrets");
    const secret = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "a" },
    };
    const start = versionOf(await on.quiet({ method: "GET", path: at }));
    await on.quiet({ method: "POST", path: at, body: secret });
    await on.quiet({
      method: "PATCH",
      path: `${at}/a`,
      body: { data: { x: "eA==" } },
      contentType: "application/merge-patch+json",
    });
    await on.quiet({ method: "DELETE", path: `${at}/a` });
    await on.send("WATCH", {
      method: "GET",
      path: `${at}?watch=true&resourceVersion=${start}&timeoutSeconds=5`,
      lines: 3,
    });
  }),
  sequence("watch by label: objects come and go", async (on) => {
    const at = on.path("v1", "secrets");
    const start = versionOf(await on.quiet({ method: "GET", path: at }));
    await on.quiet({
      method: "POST",
      path: at,
      body: { apiVersion: "v1", kind: "Secret", metadata: { name: "a" } },
    });
    for (const value of ["1", "2"])
      await on.quiet({
        method: "PATCH",
        path: `${at}/a`,
        body: { metadata: { labels: { x: value } } },
        contentType: "application/merge-patch+json",
      });
    await on.send("WATCH", {
      method: "GET",
      path: `${at}?watch=true&labelSelector=x%3D1&resourceVersion=${start}&timeoutSeconds=5`,
      lines: 2,
    });
  }),
  sequence(
    "watch from the start, with initial events and their end",
    async (on) => {
      const at = on.path("v1", "secrets");
      await on.quiet({
        method: "POST",
        path: at,
        body: { apiVersion: "v1", kind: "Secret", metadata: { name: "a" } },
      });
      await on.send("WATCH", {
        method: "GET",
        path: `${at}?watch=true&timeoutSeconds=5`,
        lines: 1,
      });
      const answer = await on.quiet({
        method: "GET",
        path: `${at}?watch=true&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=5`,
        lines: 2,
      });
      const [added, bookmark] = answer.body as {
        type: string;
        object: { kind: string; metadata: { annotations?: object } };
      }[];
      on.note("WATCH initial", {
        types: [added?.type, bookmark?.type],
        kind: bookmark?.object.kind,
        annotations: bookmark?.object.metadata.annotations,
      });
    },
  ),
  sequence("watch from a version that is none", async (on) => {
    const at = on.path("v1", "secrets");
    await on.get(`${at}?watch=true&resourceVersion=abc&timeoutSeconds=1`);
  }),
  sequence("tables", async (on) => {
    const cells = async (path: string) => {
      const { body } = await on.quiet({
        method: "GET",
        path,
        accept: tableType,
      });
      const table = body as {
        columnDefinitions: {
          name: string;
          type: string;
          priority: number;
          format: string;
        }[];
        rows: { cells: unknown[]; object: { kind: string } }[];
      };
      on.note(`TABLE ${path}`, {
        columns: table.columnDefinitions.map(
          ({ name, type, priority, format }) =>
            `${name} ${type} ${priority} ${format}`,
        ),
        rows: (table.rows ?? []).map((row) => [
          ...row.cells.slice(0, 1),
          row.cells.length,
          row.object.kind,
        ]),
      });
    };
    await on.quiet({
      method: "POST",
      path: on.path("v1", maps),
      body: configMap("a", { x: "1" }),
    });
    for (const plural of [
      maps,
      "secrets",
      "services",
      "pods",
      "serviceaccounts",
      "persistentvolumeclaims",
      "events",
      "resourcequotas",
      "limitranges",
      "endpoints",
    ])
      await cells(`${on.path("v1", plural)}?fieldSelector=metadata.name%3Da`);
    for (const plural of [
      "deployments",
      "replicasets",
      "statefulsets",
      "daemonsets",
    ])
      await cells(on.path("apps/v1", plural));
    for (const plural of ["jobs", "cronjobs"])
      await cells(on.path("batch/v1", plural));
    for (const plural of ["ingresses", "networkpolicies"])
      await cells(on.path("networking.k8s.io/v1", plural));
    await cells(on.path("autoscaling/v2", "horizontalpodautoscalers"));
    await cells(on.path("policy/v1", "poddisruptionbudgets"));
    await cells(on.path("rbac.authorization.k8s.io/v1", "roles"));
    await cells(on.path("rbac.authorization.k8s.io/v1", "rolebindings"));
    await cells("/api/v1/persistentvolumes?fieldSelector=metadata.name%3Da");
    await cells("/apis/storage.k8s.io/v1/storageclasses");
  }),
  sequence("methods and paths that are not served", async (on) => {
    await on.send("PUT collection", {
      method: "PUT",
      path: on.path("v1", maps),
      body: {},
    });
    await on.send("POST object", {
      method: "POST",
      path: on.path("v1", maps, "a"),
      body: configMap("a", {}),
    });
    await on.get(`${on.path("v1", maps, "a")}/status`);
    await on.get("/nonsense");
    await on.get("/api/v1/configmaps/a");
  }),
];
