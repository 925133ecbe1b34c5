import { type ClusterState, type WriteRequest } from "./cluster-state.ts";
import { simulatedNode } from "./controllers/pods.ts";
import { type JsonObject } from "./json.ts";
import { createObject } from "./objects/create.ts";

const request: WriteRequest = {
  user: "system:apiserver",
  userAgent: "kube-apiserver",
  fieldManager: "kube-apiserver",
  dryRun: false,
  fieldValidation: "Ignore",
  warnings: [],
};

const namespaces = ["default", "kube-node-lease", "kube-public", "kube-system"];

/** Makes what every new cluster has; the history then starts after it. */
export function seedCluster(state: ClusterState): void {
  const make = (
    plural: string,
    version: string,
    group: string,
    namespace: string,
    body: JsonObject,
  ) => {
    const resource = state.resources.find(group, version, plural);
    if (resource !== undefined)
      createObject(state, resource, namespace, body, request);
  };
  for (const name of namespaces)
    make("namespaces", "v1", "", "", { metadata: { name } });
  make("services", "v1", "", "default", {
    metadata: {
      name: "kubernetes",
      labels: { component: "apiserver", provider: "kubernetes" },
    },
    spec: {
      clusterIP: "10.96.0.1",
      ports: [{ name: "https", port: 443, protocol: "TCP", targetPort: 6443 }],
    },
  });
  for (const [name, value] of [
    ["system-cluster-critical", 2_000_000_000],
    ["system-node-critical", 2_000_001_000],
  ] as const)
    make("priorityclasses", "v1", "scheduling.k8s.io", "", {
      metadata: { name },
      value,
    });
  make("nodes", "v1", "", "", {
    metadata: {
      name: simulatedNode,
      labels: {
        "kubernetes.io/hostname": simulatedNode,
        "kubernetes.io/os": "linux",
      },
    },
  });
  state.store.compact();
}
