import { configMap, deployment, sequence } from "../sequence.ts";

const apps = "apps/v1";

/** Server-side apply: ownership, conflicts, lists, dry runs. */
export const applySequences = [
  sequence("apply creates, repeats and changes", async (on) => {
    const at = on.path("v1", "configmaps", "a");
    await on.apply(at, configMap("a", { x: "1", y: "1" }), "one");
    await on.apply(at, configMap("a", { x: "1", y: "1" }), "one");
    await on.apply(at, configMap("a", { x: "2", y: "1" }), "one");
  }),
  sequence("apply removes what is no longer applied", async (on) => {
    const at = on.path("v1", "configmaps", "a");
    await on.apply(
      at,
      configMap("a", { x: "1", y: "1" }, { labels: { a: "b" } }),
      "one",
    );
    await on.apply(at, configMap("a", { x: "1" }), "one");
    await on.apply(
      at,
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } },
      "one",
    );
  }),
  sequence("apply keeps what others own", async (on) => {
    const at = on.path("v1", "configmaps", "a");
    await on.apply(at, configMap("a", { x: "1", y: "1" }), "one");
    await on.apply(at, configMap("a", { y: "1", z: "1" }), "two");
    await on.apply(at, configMap("a", { x: "1" }), "one");
    await on.apply(at, configMap("a", { z: "2" }), "two");
  }),
  sequence("apply conflicts with an applier, then forces", async (on) => {
    const at = on.path("v1", "configmaps", "a");
    await on.apply(at, configMap("a", { x: "1", y: "1" }), "one");
    await on.apply(at, configMap("a", { x: "2", y: "2" }), "two");
    await on.apply(at, configMap("a", { x: "2" }), "two");
    await on.apply(at, configMap("a", { x: "2" }), "two", "&force=true");
    await on.apply(at, configMap("a", { x: "1", y: "1" }), "one");
  }),
  sequence("apply conflicts with several managers", async (on) => {
    const at = on.path("v1", "configmaps", "a");
    await on.apply(at, configMap("a", { x: "1" }), "one");
    await on.apply(at, configMap("a", { y: "1" }), "two");
    await on.patch(`${at}?fieldManager=three`, "merge", { data: { z: "1" } });
    await on.apply(at, configMap("a", { x: "2", y: "2", z: "2" }), "four");
  }),
  sequence("apply conflicts with an update", async (on) => {
    const at = on.path(apps, "deployments", "web");
    await on.apply(at, deployment("web"), "one");
    await on.patch(`${at}?fieldManager=edit`, "merge", {
      spec: {
        template: { spec: { terminationGracePeriodSeconds: 5 } },
        revisionHistoryLimit: 3,
      },
    });
    await on.apply(
      at,
      deployment("web", {}, { revisionHistoryLimit: 4 }),
      "one",
    );
    await on.apply(
      at,
      deployment("web", {}, { revisionHistoryLimit: 4 }),
      "one",
      "&force=true",
    );
  }),
  sequence("apply a deployment twice changes nothing", async (on) => {
    const at = on.path(apps, "deployments", "web");
    const body = deployment(
      "web",
      {
        ports: [{ containerPort: 80 }, { containerPort: 80, protocol: "UDP" }],
        env: [
          { name: "A", value: "1" },
          {
            name: "B",
            valueFrom: { fieldRef: { fieldPath: "metadata.name" } },
          },
        ],
        resources: { limits: { cpu: "1000m", memory: "1024Mi" } },
        readinessProbe: { httpGet: { port: 80 } },
        volumeMounts: [{ name: "v", mountPath: "/v" }],
      },
      {},
      { labels: { a: "b" } },
    );
    const spec = body.spec.template.spec as Record<string, unknown>;
    spec["volumes"] = [{ name: "v", configMap: { name: "c" } }];
    await on.apply(at, body, "one");
    await on.apply(at, body, "one");
  }),
  sequence("apply merges lists by key", async (on) => {
    const at = on.path(apps, "deployments", "web");
    await on.apply(
      at,
      deployment("web", {
        env: [
          { name: "A", value: "1" },
          { name: "C", value: "3" },
        ],
      }),
      "one",
    );
    const sidecar = deployment("web");
    sidecar.spec.template.spec.containers = [
      { name: "side", image: "registry.example/side:v1" } as never,
      { name: "app", env: [{ name: "B", value: "2" }] } as never,
    ];
    const { spec } = sidecar as { spec: { replicas?: number } };
    delete spec.replicas;
    await on.apply(at, sidecar, "two");
    await on.apply(
      at,
      deployment("web", { env: [{ name: "C", value: "4" }] }),
      "one",
    );
    await on.apply(
      at,
      { apiVersion: apps, kind: "Deployment", metadata: { name: "web" } },
      "two",
    );
  }),
  sequence("apply refuses repeated keys and undeclared fields", async (on) => {
    const at = on.path(apps, "deployments", "web");
    await on.apply(
      at,
      deployment("web", { env: [{ name: "A" }, { name: "A" }] }),
      "one",
    );
    await on.apply(at, deployment("web", { bogus: 1 }), "one");
    await on.apply(at, deployment("web", { image: 3 }), "one");
  }),
  sequence(
    "apply without a manager, with another name, version or managedFields",
    async (on) => {
      const at = on.path("v1", "configmaps", "a");
      const send = (query: string, body: unknown) =>
        on.send(`APPLY ${at}${query}`, {
          method: "PATCH",
          path: `${at}${query}`,
          body,
          contentType: "application/apply-patch+yaml",
        });
      await send("", configMap("a", {}));
      await send("?fieldManager=one", configMap("b", {}));
      await send("?fieldManager=one", {
        ...configMap("a", {}),
        apiVersion: "v2",
      });
      await send(
        "?fieldManager=one",
        configMap("a", {}, { managedFields: [] }),
      );
      await send(
        "?fieldManager=one",
        configMap("a", {}, { namespace: "elsewhere" }),
      );
      await send("?fieldManager=one&force=maybe", configMap("a", {}));
    },
  ),
  sequence("apply sets and atomic parts", async (on) => {
    const at = on.path("v1", "services", "web");
    const service = (ports: object[], selector: object) => ({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "web", finalizers: [] },
      spec: { ports, selector },
    });
    await on.apply(
      at,
      service(
        [
          { name: "http", port: 80 },
          { name: "https", port: 443 },
        ],
        { app: "web" },
      ),
      "one",
    );
    await on.apply(
      at,
      service([{ name: "http", port: 80 }], { app: "web", tier: "front" }),
      "one",
    );
    await on.apply(
      at,
      service([{ name: "metrics", port: 9090 }], { app: "other" }),
      "two",
    );
    await on.apply(
      at,
      service([{ name: "metrics", port: 9090 }], { app: "web", tier: "front" }),
      "two",
    );
  }),
  sequence("apply finalizers as a set", async (on) => {
    const at = on.path("v1", "configmaps", "a");
    await on.apply(
      at,
      configMap("a", {}, { finalizers: ["example.com/a", "example.com/b"] }),
      "one",
    );
    await on.apply(
      at,
      configMap("a", {}, { finalizers: ["example.com/b", "example.com/c"] }),
      "two",
    );
    await on.apply(
      at,
      configMap("a", {}, { finalizers: ["example.com/a"] }),
      "one",
    );
    await on.patch(at, "json", [
      { op: "remove", path: "/metadata/finalizers" },
    ]);
  }),
  sequence("apply as a dry run", async (on) => {
    const at = on.path("v1", "configmaps", "a");
    await on.apply(at, configMap("a", { x: "1" }), "one", "&dryRun=All");
    await on.get(at);
    await on.apply(at, configMap("a", { x: "1" }), "one");
    await on.apply(at, configMap("a", { x: "2" }), "one", "&dryRun=All");
    await on.get(at);
    await on.apply(at, configMap("a", { x: "2" }), "one", "&dryRun=Some");
  }),
  sequence("apply with preconditions", async (on) => {
    const at = on.path("v1", "configmaps", "a");
    await on.apply(
      at,
      configMap(
        "a",
        { x: "1" },
        { uid: "0b7c6c7a-0000-4000-8000-000000000000" },
      ),
      "one",
    );
    await on.apply(at, configMap("a", { x: "1" }), "one");
    await on.apply(
      at,
      configMap("a", { x: "2" }, { resourceVersion: "1" }),
      "one",
    );
    await on.apply(
      at,
      configMap(
        "a",
        { x: "2" },
        { uid: "0b7c6c7a-0000-4000-8000-000000000000" },
      ),
      "one",
    );
    const live = (await on.quiet({ method: "GET", path: at })).body as {
      metadata: { uid: string; resourceVersion: string };
    };
    const { uid, resourceVersion } = live.metadata;
    await on.apply(
      at,
      configMap("a", { x: "2" }, { uid, resourceVersion }),
      "one",
    );
  }),
  sequence("updates take ownership of what they change", async (on) => {
    const at = on.path(apps, "deployments", "web");
    await on.create(
      `${on.path(apps, "deployments")}?fieldManager=creator`,
      deployment("web", {}, {}, { labels: { a: "1" } }),
    );
    await on.patch(`${at}?fieldManager=labeller`, "merge", {
      metadata: { labels: { a: "2", b: "1" } },
    });
    await on.patch(`${at}?fieldManager=remover`, "merge", {
      metadata: { labels: { b: null } },
    });
    await on.patch(`${at}?fieldManager=image`, "strategic-merge", {
      spec: {
        template: {
          spec: {
            containers: [{ name: "app", image: "registry.example/app:v2" }],
          },
        },
      },
    });
  }),
  sequence(
    "an update resets managedFields, an apply tracks again",
    async (on) => {
      const at = on.path("v1", "configmaps", "a");
      await on.create(on.path("v1", "configmaps"), configMap("a", { x: "1" }));
      await on.patch(at, "merge", { metadata: { managedFields: [{}] } });
      await on.patch(at, "merge", { data: { y: "1" } });
      await on.apply(at, configMap("a", { x: "2" }), "one");
      await on.apply(at, configMap("a", { x: "1" }), "one");
    },
  ),
  sequence("apply other kinds", async (on) => {
    const name = { name: "a" };
    const each: [string, string, object][] = [
      ["v1", "serviceaccounts", { kind: "ServiceAccount" }],
      ["v1", "secrets", { kind: "Secret", stringData: { a: "b" } }],
      [
        "rbac.authorization.k8s.io/v1",
        "roles",
        {
          kind: "Role",
          rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
        },
      ],
      [
        "rbac.authorization.k8s.io/v1",
        "rolebindings",
        {
          kind: "RoleBinding",
          roleRef: {
            apiGroup: "rbac.authorization.k8s.io",
            kind: "Role",
            name: "a",
          },
          subjects: [{ kind: "ServiceAccount", name: "a", namespace: "x" }],
        },
      ],
      [
        "networking.k8s.io/v1",
        "ingresses",
        {
          kind: "Ingress",
          spec: {
            rules: [
              {
                host: "a.example",
                http: {
                  paths: [
                    {
                      path: "/",
                      pathType: "Prefix",
                      backend: { service: { name: "a", port: { number: 80 } } },
                    },
                  ],
                },
              },
            ],
          },
        },
      ],
      [
        "networking.k8s.io/v1",
        "networkpolicies",
        {
          kind: "NetworkPolicy",
          spec: { podSelector: {}, ingress: [{ ports: [{ port: 80 }] }] },
        },
      ],
      [
        "batch/v1",
        "cronjobs",
        {
          kind: "CronJob",
          spec: {
            schedule: "0 0 1 1 *",
            suspend: true,
            jobTemplate: {
              spec: {
                template: {
                  spec: {
                    restartPolicy: "Never",
                    containers: [{ name: "a", image: "a:v1" }],
                  },
                },
              },
            },
          },
        },
      ],
      [
        "autoscaling/v2",
        "horizontalpodautoscalers",
        {
          kind: "HorizontalPodAutoscaler",
          spec: {
            maxReplicas: 3,
            scaleTargetRef: {
              apiVersion: "apps/v1",
              kind: "Deployment",
              name: "a",
            },
          },
        },
      ],
      [
        "apps/v1",
        "statefulsets",
        {
          ...deployment("a"),
          kind: "StatefulSet",
          spec: {
            ...deployment("a").spec,
            serviceName: "a",
            volumeClaimTemplates: [
              {
                metadata: { name: "d" },
                spec: {
                  accessModes: ["ReadWriteOnce"],
                  resources: { requests: { storage: "1Gi" } },
                },
              },
            ],
          },
        },
      ],
      [
        "v1",
        "persistentvolumeclaims",
        {
          kind: "PersistentVolumeClaim",
          spec: {
            accessModes: ["ReadWriteOnce"],
            storageClassName: "none",
            resources: { requests: { storage: "1Gi" } },
          },
        },
      ],
      [
        "v1",
        "limitranges",
        {
          kind: "LimitRange",
          spec: { limits: [{ type: "Container", default: { cpu: "0.5" } }] },
        },
      ],
      [
        "coordination.k8s.io/v1",
        "leases",
        {
          kind: "Lease",
          spec: { holderIdentity: "x", leaseDurationSeconds: 30 },
        },
      ],
      [
        "policy/v1",
        "poddisruptionbudgets",
        {
          kind: "PodDisruptionBudget",
          spec: { minAvailable: 1, selector: { matchLabels: { a: "b" } } },
        },
      ],
    ];
    for (const [apiVersion, plural, body] of each) {
      const object = { ...body, apiVersion, metadata: name };
      await on.apply(on.path(apiVersion, plural, "a"), object, "one");
    }
  }),
];
