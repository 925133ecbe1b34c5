import { type JsonObject, type KubeObject } from "@wheelhouse/kube-object";

/** A ConfigMap with some data. */
export function configMap(
  name: string,
  data: Readonly<Record<string, string>> = { key: "value" },
  namespace = "default",
): KubeObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace },
    data,
  };
}

/** A namespace. */
export function namespace(name: string): KubeObject {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
}

/** A Deployment; with no replicas it needs no controller to be Ready but one. */
export function deployment(
  name: string,
  options: {
    readonly namespace?: string;
    readonly replicas?: number | null;
    readonly image?: string;
    readonly annotations?: JsonObject;
  } = {},
): KubeObject {
  const { replicas = 1, image = "registry.example/app:v1" } = options;
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      name,
      namespace: options.namespace ?? "default",
      ...(options.annotations === undefined
        ? {}
        : { annotations: options.annotations }),
    },
    spec: {
      ...(replicas === null ? {} : { replicas }),
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: "app", image }] },
      },
    },
  };
}

/** A Service of an app. */
export function service(name: string, space = "default"): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: space },
    spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] },
  };
}

/** A definition of a namespaced kind `Widget` in a group of its own. */
export function widgetDefinition(group: string): KubeObject {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `widgets.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { plural: "widgets", singular: "widget", kind: "Widget" },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: "object",
              properties: {
                spec: {
                  type: "object",
                  properties: { size: { type: "integer" } },
                },
              },
            },
          },
        },
      ],
    },
  };
}

/** An object of that kind. */
export function widget(name: string, group: string, size = 1): KubeObject {
  return {
    apiVersion: `${group}/v1`,
    kind: "Widget",
    metadata: { name, namespace: "default" },
    spec: { size },
  };
}
