import {
  type Artifact,
  type BundleSpec,
  type Digest,
  type Revision,
  bundleDigest,
  digestOf,
  encodeObjects,
} from "@wheelhouse/assignment";
import { type KubeObject } from "@wheelhouse/kube-object";

/** The namespace of everything that the spoke applies here. */
export const spokeBenchNamespace = "bench-spoke";

/** What the issue asks to be applied: four objects in one bundle, with a version that changes each of them. */
export function bundleObjects(
  bundle: number,
  version: number,
  namespace: string,
): readonly KubeObject[] {
  const name = `app-${String(bundle).padStart(4, "0")}`;
  const metadata = {
    name,
    namespace,
    labels: { app: name },
    annotations: { "bench/version": String(version) },
  };
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: {
        selector: { app: name },
        ports: [{ name: "http", port: 80, targetPort: 8080 }],
      },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: {
            serviceAccountName: name,
            containers: [{ name: "app", image: `example.com/app:${version}` }],
          },
        },
      },
    },
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata,
      spec: {
        rules: [
          {
            host: `${name}.example.com`,
            http: {
              paths: [
                {
                  path: "/",
                  pathType: "Prefix",
                  backend: { service: { name, port: { number: 80 } } },
                },
              ],
            },
          },
        ],
      },
    },
  ];
}

/** Config maps, for as many objects as it takes. */
export function bulkObjects(
  count: number,
  version: number,
): readonly KubeObject[] {
  return Array.from({ length: count }, (_, index) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: `bulk-${String(index).padStart(4, "0")}`,
      namespace: spokeBenchNamespace,
    },
    data: { version: String(version), text: "x".repeat(400) },
  }));
}

/** A bundle as it stands in an assignment, and its artifact. */
export interface BenchBundle {
  readonly spec: BundleSpec;
  readonly digest: Digest;
  readonly revision: Revision;
  readonly artifact: Artifact;
}

/** The same for every assignment of a bench. */
export const benchRevision: Revision = {
  commit: "4".repeat(40),
  lock: digestOf("no external sources"),
};

/** Makes a bundle of objects, as the hub would. */
export function makeBundle(
  name: string,
  objects: readonly KubeObject[],
): BenchBundle {
  const artifact = encodeObjects(objects);
  const spec: BundleSpec = {
    name: `Kustomization/flux-system/${name}`,
    artifact: artifact.reference,
    dependsOn: [],
    wait: true,
    healthChecks: [],
    timeoutMs: 300_000,
    intervalMs: 3_600_000,
    retryIntervalMs: 2_000,
    prune: true,
    deletionPolicy: "MirrorPrune",
    force: false,
    suspend: false,
    serviceAccountName: null,
    decryption: null,
    drift: { mode: "enabled", ignore: [] },
    adopt: false,
    createNamespaces: [spokeBenchNamespace],
    lateReferences: [],
    held: null,
  };
  return {
    spec,
    digest: bundleDigest(spec),
    revision: benchRevision,
    artifact,
  };
}
