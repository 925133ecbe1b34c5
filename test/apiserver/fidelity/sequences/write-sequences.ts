import { configMap, deployment, sequence } from "../sequence.ts";

const apps = "apps/v1";
const maps = "configmaps";

/** Create, replace, patch, status, scale, and what they refuse. */
export const writeSequences = [
  sequence("create, create again, read, not found", async (on) => {
    await on.create(on.path("v1", maps), configMap("a", { x: "1" }));
    await on.create(on.path("v1", maps), configMap("a", { x: "1" }));
    await on.get(on.path("v1", maps, "a"));
    await on.get(on.path("v1", maps, "b"));
    await on.get(on.path("v1", "nonsense", "b"));
    await on.get("/apis/nonsense.example/v1/things");
    await on.create(
      "/api/v1/namespaces/missing-namespace/configmaps",
      configMap("a", {}),
    );
  }),
  sequence("create refuses bad names and bodies", async (on) => {
    await on.create(on.path("v1", maps), configMap("", {}));
    await on.create(on.path("v1", maps), configMap("Not_Good", {}));
    await on.create(
      on.path("v1", maps),
      configMap("a", {}, { resourceVersion: "7" }),
    );
    await on.create(
      on.path("v1", maps),
      configMap("a", {}, { namespace: "elsewhere" }),
    );
    await on.create(on.path("v1", maps), {
      ...configMap("a", {}),
      kind: "Secret",
    });
    await on.create(on.path("v1", maps), configMap("a", { "bad key": "1" }));
  }),
  sequence("create a whole deployment by POST", async (on) => {
    await on.create(
      on.path(apps, "deployments"),
      deployment("web", {
        ports: [{ containerPort: 80, name: "http" }],
        env: [{ name: "A", value: "" }],
      }),
    );
  }),
  sequence(
    "create refuses a deployment that does not fit itself",
    async (on) => {
      await on.create(
        on.path(apps, "deployments"),
        deployment("web", {}, { selector: { matchLabels: { other: "x" } } }),
      );
      await on.create(
        on.path(apps, "deployments"),
        deployment("web", {}, { replicas: -1 }),
      );
      await on.create(on.path(apps, "deployments"), {
        ...deployment("web"),
        spec: {},
      });
      await on.create(
        on.path(apps, "deployments"),
        deployment("web", {}, { replicas: "three" }),
      );
    },
  ),
  sequence("unknown fields: strict, warn, ignore", async (on) => {
    const at = on.path(apps, "deployments");
    const body = deployment("web", { bogus: 1 }, { replica: 3 });
    await on.create(`${at}?fieldValidation=Strict`, body);
    await on.create(`${at}?fieldValidation=Warn&dryRun=All`, body);
    await on.create(`${at}?fieldValidation=Ignore&dryRun=All`, body);
  }),
  sequence("replace with and without a resourceVersion", async (on) => {
    const at = on.path("v1", maps, "a");
    const made = await on.create(
      on.path("v1", maps),
      configMap("a", { x: "1" }),
    );
    await on.replace(at, configMap("a", { x: "2" }));
    const { metadata } = made.body as { metadata: { resourceVersion: string } };
    await on.replace(
      at,
      configMap("a", { x: "3" }, { resourceVersion: metadata.resourceVersion }),
    );
    await on.replace(at, configMap("b", { x: "3" }));
    await on.replace(
      at,
      configMap(
        "a",
        { x: "3" },
        { uid: "0b7c6c7a-0000-4000-8000-000000000000" },
      ),
    );
    await on.replace(on.path("v1", maps, "missing"), configMap("missing", {}));
    await on.replace(at, configMap("a", { x: "2" }));
  }),
  sequence("merge patches", async (on) => {
    const at = on.path("v1", maps, "a");
    await on.create(on.path("v1", maps), configMap("a", { x: "1", y: "1" }));
    await on.patch(at, "merge", { data: { x: null, z: "1" } });
    await on.patch(at, "merge", { data: { z: "1" } });
    await on.patch(at, "merge", {
      metadata: { resourceVersion: "1" },
      data: { z: "2" },
    });
    await on.patch(at, "merge", { metadata: { name: "other" } });
    await on.patch(on.path("v1", maps, "missing"), "merge", { data: {} });
    await on.patch(at, "merge", { data: null });
  }),
  sequence("JSON patches", async (on) => {
    const at = on.path("v1", maps, "a");
    await on.create(on.path("v1", maps), configMap("a", { x: "1", y: "1" }));
    await on.patch(at, "json", [
      { op: "test", path: "/data/x", value: "1" },
      { op: "replace", path: "/data/x", value: "2" },
    ]);
    await on.patch(at, "json", [{ op: "test", path: "/data/x", value: "9" }]);
    await on.patch(at, "json", [{ op: "remove", path: "/data/missing" }]);
    await on.patch(at, "json", [
      { op: "move", from: "/data/x", path: "/data/w" },
      { op: "copy", from: "/data/y", path: "/data/v" },
    ]);
  }),
  sequence("strategic merge patches", async (on) => {
    const at = on.path(apps, "deployments", "web");
    await on.create(
      on.path(apps, "deployments"),
      deployment("web", {
        env: [
          { name: "A", value: "1" },
          { name: "B", value: "2" },
        ],
      }),
    );
    await on.patch(at, "strategic-merge", {
      spec: {
        template: {
          spec: {
            containers: [
              {
                name: "app",
                env: [
                  { name: "A", $patch: "delete" },
                  { name: "C", value: "3" },
                ],
              },
            ],
          },
        },
      },
    });
    await on.patch(at, "strategic-merge", {
      spec: { strategy: { $retainKeys: ["type"], type: "Recreate" } },
    });
  }),
  sequence("an unknown patch type, a patch without a body", async (on) => {
    const at = on.path("v1", maps, "a");
    await on.create(on.path("v1", maps), configMap("a", {}));
    await on.send("PATCH text", {
      method: "PATCH",
      path: at,
      body: "{}",
      contentType: "text/plain",
    });
    await on.send("PATCH force", {
      method: "PATCH",
      path: `${at}?force=true`,
      body: {},
      contentType: "application/merge-patch+json",
    });
  }),
  sequence("generation counts changes of the spec only", async (on) => {
    const at = on.path(apps, "deployments", "web");
    const generation = async (call: string) => {
      const { body } = await on.quiet({ method: "GET", path: at });
      on.note(
        call,
        (body as { metadata: { generation: number } }).metadata.generation,
      );
    };
    const patch = (path: string, body: object) =>
      on.quiet({
        method: "PATCH",
        path,
        body,
        contentType: "application/merge-patch+json",
      });
    await on.create(on.path(apps, "deployments"), deployment("web"));
    await patch(at, { metadata: { labels: { a: "b" } } });
    await generation("after a label");
    await patch(at, { spec: { minReadySeconds: 3 } });
    await generation("after a spec");
    await patch(`${at}/status`, {
      status: { observedGeneration: 1 },
      spec: { minReadySeconds: 9 },
    });
    await generation("after a status");
    await patch(at, { status: { replicas: 77 } });
    await generation("after a status sent to the object");
  }),
  sequence("the scale subresource", async (on) => {
    const at = on.path(apps, "deployments", "web");
    await on.apply(at, deployment("web"), "one");
    await on.get(`${at}/scale`);
    await on.patch(`${at}/scale?fieldManager=scaler`, "merge", {
      spec: { replicas: 1 },
    });
    await on.patch(`${at}/scale?fieldManager=scaler`, "merge", {
      spec: { replicas: 2 },
    });
    await on.get(at);
    await on.apply(at, deployment("web", {}, { replicas: 2 }), "one");
    await on.get(`${on.path("v1", maps, "a")}/scale`);
  }),
  sequence("names that no two items of a list may have", async (on) => {
    const service = (...ports: object[]) => ({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "s" },
      spec: { ports },
    });
    const at = on.path("v1", "services", "s");
    const http = { name: "http", port: 9898, targetPort: "http" };
    await on.apply(at, service({ port: 80 }, { port: 81 }), "one");
    await on.apply(at, service(http), "one");
    await on.patch(`${at}?fieldManager=edit`, "merge", {
      spec: { ports: [{ ...http, port: 9999 }] },
    });
    await on.apply(at, service(http), "one", "&dryRun=All");
    await on.apply(at, service(http), "one", "&force=true");
    await on.get(at);
    const web = on.path(apps, "deployments");
    const ports = [80, 81].map((port) => ({
      containerPort: port,
      name: "http",
    }));
    await on.create(web, deployment("web", { ports }));
    const twins = deployment("web");
    twins.spec.template.spec.containers.push(
      ...twins.spec.template.spec.containers,
    );
    await on.create(web, twins);
  }),
  sequence("immutable fields", async (on) => {
    await on.create(on.path(apps, "deployments"), deployment("web"));
    const selector = { matchLabels: { app: "web", extra: "1" } };
    const template = { metadata: { labels: { app: "web", extra: "1" } } };
    await on.patch(on.path(apps, "deployments", "web"), "merge", {
      spec: { selector, template },
    });
    await on.create(on.path("v1", "services"), {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "s" },
      spec: { ports: [{ port: 80 }] },
    });
    await on.patch(on.path("v1", "services", "s"), "merge", {
      spec: { clusterIP: "10.96.7.7", clusterIPs: ["10.96.7.7"] },
    });
    await on.create(on.path("batch/v1", "jobs"), {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "j" },
      spec: {
        suspend: true,
        template: {
          spec: {
            restartPolicy: "Never",
            containers: [{ name: "a", image: "a:v1" }],
          },
        },
      },
    });
    await on.patch(on.path("batch/v1", "jobs", "j"), "merge", {
      spec: { completionMode: "Indexed" },
    });
    await on.create(on.path("v1", "secrets"), {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "s" },
      type: "Opaque",
      immutable: true,
      data: { a: "YQ==" },
    });
    await on.patch(on.path("v1", "secrets", "s"), "merge", {
      data: { a: "Yg==" },
    });
    await on.patch(on.path("v1", "secrets", "s"), "merge", {
      immutable: false,
    });
    await on.create(on.path("apps/v1", "statefulsets"), {
      ...deployment("db"),
      kind: "StatefulSet",
      spec: { ...deployment("db").spec, serviceName: "db" },
    });
    await on.patch(on.path("apps/v1", "statefulsets", "db"), "merge", {
      spec: { serviceName: "other" },
    });
    await on.create(on.path("rbac.authorization.k8s.io/v1", "rolebindings"), {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name: "r" },
      roleRef: {
        apiGroup: "rbac.authorization.k8s.io",
        kind: "Role",
        name: "x",
      },
    });
    await on.patch(
      on.path("rbac.authorization.k8s.io/v1", "rolebindings", "r"),
      "merge",
      { roleRef: { name: "y" } },
    );
  }),
  sequence("a ConfigMap of more than 1 MiB", async (on) => {
    const answer = await on.quiet({
      method: "POST",
      path: on.path("v1", maps),
      body: configMap("a", { x: "y".repeat(1_048_577) }),
    });
    const { message, reason } = answer.body as {
      message: string;
      reason: string;
    };
    on.note("POST", { code: answer.code, reason, message });
  }),
  sequence("generateName", async (on) => {
    const answer = await on.quiet({
      method: "POST",
      path: on.path("v1", maps),
      body: configMap("", {}, { generateName: "some-" }),
    });
    const { name, generateName } = (
      answer.body as { metadata: { name: string; generateName: string } }
    ).metadata;
    on.note("POST", { code: answer.code, generateName, length: name.length });
  }),
];
