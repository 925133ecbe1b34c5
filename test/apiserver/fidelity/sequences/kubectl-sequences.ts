import { configMap, deployment, sequence } from "../sequence.ts";
import { type Recorder } from "../recorder.ts";

const json = (value: unknown) => JSON.stringify(value);

const withNamespace =
  (on: Recorder) =>
  (...args: string[]) =>
    on.kubectl(["-n", on.namespace, ...args]);

/** The unmodified kubectl. */
export const kubectlSequences = [
  sequence(
    "kubectl apply --server-side, get, diff-free repeat, delete",
    async (on) => {
      const kubectl = withNamespace(on);
      const body = json(deployment("web"));
      await on.kubectl(
        ["-n", on.namespace, "apply", "--server-side", "-f", "-"],
        body,
      );
      await on.kubectl(
        ["-n", on.namespace, "apply", "--server-side", "-f", "-"],
        body,
      );
      await kubectl("get", "deployments");
      await kubectl("get", "deploy", "web", "-o", "name");
      await kubectl("get", "deploy", "web", "-o", "jsonpath={.spec.strategy}");
      await kubectl("delete", "deploy", "web", "--timeout=10s");
      await kubectl("get", "deploy");
      await kubectl("get", "deploy", "web");
    },
  ),
  sequence("kubectl apply --server-side refuses and conflicts", async (on) => {
    const kubectl = withNamespace(on);
    await on.kubectl(
      ["-n", on.namespace, "apply", "--server-side", "-f", "-"],
      json(configMap("a", { x: "1" })),
    );
    await kubectl(
      "patch",
      "configmap",
      "a",
      "--type",
      "merge",
      "-p",
      '{"data":{"x":"2"}}',
    );
    await on.kubectl(
      ["-n", on.namespace, "apply", "--server-side", "-f", "-"],
      json(configMap("a", { x: "3" })),
    );
    await on.kubectl(
      [
        "-n",
        on.namespace,
        "apply",
        "--server-side",
        "--force-conflicts",
        "-f",
        "-",
      ],
      json(configMap("a", { x: "3" })),
    );
    await on.kubectl(
      ["-n", on.namespace, "apply", "--server-side", "-f", "-"],
      json(deployment("web", { bogus: 1 })),
    );
    await on.kubectl(
      [
        "-n",
        on.namespace,
        "apply",
        "--server-side",
        "--dry-run=server",
        "-f",
        "-",
      ],
      json(configMap("b", {})),
    );
  }),
  sequence("kubectl label, annotate, scale, patch, wait", async (on) => {
    const kubectl = withNamespace(on);
    await on.kubectl(
      ["-n", on.namespace, "create", "-f", "-"],
      json(deployment("web")),
    );
    await kubectl("label", "deploy", "web", "a=b");
    await kubectl("label", "deploy", "web", "a=c");
    await kubectl("label", "deploy", "web", "a=c", "--overwrite");
    await kubectl("label", "deploy", "web", "a-");
    await kubectl("annotate", "deploy", "web", "x=y");
    await kubectl("scale", "deploy", "web", "--replicas=1");
    await kubectl(
      "scale",
      "deploy",
      "web",
      "--current-replicas=5",
      "--replicas=2",
    );
    await kubectl("scale", "deploy", "web", "--replicas=0");
    await kubectl(
      "patch",
      "deploy",
      "web",
      "--type",
      "merge",
      "-p",
      '{"spec":{"paused":true}}',
    );
    await kubectl("patch", "deploy", "web", "-p", '{"spec":{"paused":false}}');
    await kubectl(
      "wait",
      "--for=jsonpath={.spec.replicas}=0",
      "deploy/web",
      "--timeout=10s",
    );
    await kubectl(
      "wait",
      "--for=condition=Available",
      "deploy/web",
      "--timeout=10s",
    );
    await kubectl(
      "wait",
      "--for=condition=Nothing",
      "deploy/web",
      "--timeout=1s",
    );
    await kubectl("rollout", "status", "deploy/web", "--timeout=10s");
  }),
  sequence("kubectl describe", async (on) => {
    const kubectl = withNamespace(on);
    await on.kubectl(
      ["-n", on.namespace, "create", "-f", "-"],
      json(configMap("a", { x: "1" })),
    );
    await kubectl("describe", "configmap", "a");
    await on.kubectl(
      ["-n", on.namespace, "create", "-f", "-"],
      json({
        apiVersion: "v1",
        kind: "ServiceAccount",
        metadata: { name: "sa" },
      }),
    );
    await kubectl("describe", "sa", "sa");
    await kubectl("describe", "deploy", "missing");
  }),
  sequence("kubectl get of several kinds, wide and by label", async (on) => {
    const kubectl = withNamespace(on);
    await on.kubectl(
      ["-n", on.namespace, "create", "-f", "-"],
      json({
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "s", labels: { a: "b" } },
        spec: { ports: [{ port: 80 }], selector: { app: "x" } },
      }),
    );
    await on.kubectl(
      ["-n", on.namespace, "create", "-f", "-"],
      json({
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "s", labels: { a: "b" } },
        stringData: { x: "y" },
      }),
    );
    await kubectl("get", "svc,secret", "-l", "a=b");
    await kubectl("get", "svc", "-o", "wide");
    await kubectl("get", "svc", "-l", "a=c");
    await kubectl("get", "secrets", "--show-labels");
    await kubectl("get", "nonsense");
    await kubectl("delete", "svc,secret", "-l", "a=b", "--timeout=10s");
    await kubectl("delete", "svc", "s");
  }),
  sequence("kubectl with a definition", async (on) => {
    const kubectl = withNamespace(on);
    const group = `${on.namespace}.example.com`;
    const { definition } = await import("../sequence.ts");
    const body = definition(
      group,
      {
        type: "object",
        properties: {
          spec: { type: "object", properties: { size: { type: "integer" } } },
        },
      },
      {
        additionalPrinterColumns: [
          { name: "Size", type: "integer", jsonPath: ".spec.size" },
        ],
      },
    );
    await on.kubectl(["apply", "--server-side", "-f", "-"], json(body));
    await on.kubectl([
      "wait",
      "--for=condition=Established",
      `crd/widgets.${group}`,
      "--timeout=10s",
    ]);
    const widget = {
      apiVersion: `${group}/v1`,
      kind: "Widget",
      metadata: { name: "w" },
      spec: { size: 3 },
    };
    await on.until(
      on.path(`${group}/v1`, "widgets"),
      ({ code }) => code === 200,
    );
    await on.kubectl(
      ["-n", on.namespace, "apply", "--server-side", "-f", "-"],
      json(widget),
    );
    await on.kubectl(
      ["-n", on.namespace, "apply", "--server-side", "-f", "-"],
      json({ ...widget, spec: { siz: 3 } }),
    );
    await kubectl("get", `widgets.${group}`);
    await kubectl("label", `widgets.${group}`, "w", "a=b");
    await on.kubectl(["delete", "crd", `widgets.${group}`, "--timeout=10s"]);
  }),
];
