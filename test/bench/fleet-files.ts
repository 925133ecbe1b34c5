import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A fleet repo of a given size, with nothing in the rollout that waits. */
export interface FleetSize {
  readonly clusters: readonly string[];
  readonly bundles: number;
}

/** The namespace of everything that a bench applies. */
export const benchNamespace = "bench";

/** The four objects of one bundle, at a version that changes each of them. */
export function bundleManifest(bundle: number, version: number): string {
  const name = `app-${String(bundle).padStart(3, "0")}`;
  const metadata = (kind: string) =>
    `metadata: {name: ${name}, labels: {app: ${name}, kind: ${kind}}, annotations: {bench/version: "${version}"}}`;
  return [
    `apiVersion: v1
kind: ServiceAccount
${metadata("account")}`,
    `apiVersion: v1
kind: Service
${metadata("service")}
spec:
  selector: {app: ${name}}
  ports: [{name: http, port: 80, targetPort: 8080}]`,
    `apiVersion: apps/v1
kind: Deployment
${metadata("deployment")}
spec:
  replicas: 0
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      serviceAccountName: ${name}
      containers: [{name: app, image: "example.com/app:${version}"}]`,
    `apiVersion: networking.k8s.io/v1
kind: Ingress
${metadata("ingress")}
spec:
  rules:
    - host: ${name}.example.com
      http:
        paths:
          - {path: /, pathType: Prefix, backend: {service: {name: ${name}, port: {number: 80}}}}`,
  ]
    .map((text) => `${text}\n`)
    .join("---\n");
}

/** Where one bundle's manifest lies. */
export function bundleFile(bundle: number): string {
  return `apps/app-${String(bundle).padStart(3, "0")}/objects.yaml`;
}

/** Writes a whole fleet repo. */
export function writeFleetFiles(directory: string, size: FleetSize): void {
  const write = (file: string, text: string) => {
    const path = join(directory, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  for (const name of size.clusters) {
    write(
      `fleet/clusters/${name}.yaml`,
      `apiVersion: fleet.wheelhouse.dev/v1alpha1
kind: Cluster
metadata: {name: ${name}, labels: {env: bench}}
spec: {path: ./clusters/bench}
`,
    );
  }
  write(
    "wheelhouse.yaml",
    `apiVersion: fleet.wheelhouse.dev/v1alpha1
kind: FleetConfig
metadata: {name: default}
spec: {namespaces: {create: missing}}
`,
  );
  write(
    "fleet/rollouts/default.yaml",
    `apiVersion: fleet.wheelhouse.dev/v1alpha1
kind: Rollout
metadata: {name: default}
spec:
  minReady: 0s
  maxConcurrency: 100%
  waves:
    - {name: all, clusterSelector: {}}
`,
  );
  const bundles = Array.from({ length: size.bundles }, (_, index) => index);
  for (const bundle of bundles) {
    write(bundleFile(bundle), bundleManifest(bundle, 1));
  }
  write("clusters/bench/bundles.yaml", bundles.map(kustomizationOf).join(""));
}

function kustomizationOf(bundle: number): string {
  return `---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: app-${String(bundle).padStart(3, "0")}, namespace: flux-system}
spec:
  interval: 1h
  timeout: 2m
  path: ./${dirname(bundleFile(bundle))}
  targetNamespace: ${benchNamespace}
  prune: true
  wait: true
  sourceRef: {kind: GitRepository, name: flux-system}
`;
}
