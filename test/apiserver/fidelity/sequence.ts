import { type Recorder } from "./recorder.ts";

/** A series of requests that goes the same way on both servers. */
export interface Sequence {
  readonly name: string;
  readonly run: (on: Recorder) => Promise<void>;
  /** Compare also the status of kinds that controllers write to. */
  readonly keepStatus?: boolean;
}

/** Declares a sequence. */
export function sequence(
  name: string,
  run: (on: Recorder) => Promise<void>,
  keepStatus = false,
): Sequence {
  return { name, run, keepStatus };
}

/** A ConfigMap. */
export function configMap(
  name: string,
  data: Record<string, string>,
  metadata: object = {},
) {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, ...metadata },
    data,
  };
}

/** A Deployment without replicas, so that no controller has anything to do for it. */
export function deployment(
  name: string,
  container: object = {},
  spec: object = {},
  metadata: object = {},
) {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, ...metadata },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          containers: [
            { name: "app", image: "registry.example/app:v1", ...container },
          ],
        },
      },
      ...spec,
    },
  };
}

/** A definition of a kind named after the sequence's namespace, so that sequences do not meet. */
export function definition(group: string, schema: object, more: object = {}) {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `widgets.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: {
        plural: "widgets",
        singular: "widget",
        kind: "Widget",
        listKind: "WidgetList",
      },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: { openAPIV3Schema: schema },
          ...more,
        },
      ],
    },
  };
}
