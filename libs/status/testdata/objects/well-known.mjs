import { condition, object } from "./object-parts.mjs";

const ready = (status, reason = "Because", more = {}) =>
  condition("Ready", status, reason, `Ready is ${status}`, more);
const reconciling = (status) =>
  condition("Reconciling", status, "Progressing", "new revision");
const stalled = (status) =>
  condition("Stalled", status, "InvalidSpec", "spec cannot be used");

/** What well-known controllers write, each with its name. */
export const wellKnown = [
  [
    "cert-manager.io/v1 Certificate",
    "issuing",
    {
      conditions: [
        ready("False", "DoesNotExist"),
        condition("Issuing", "True", "DoesNotExist"),
      ],
    },
  ],
  [
    "cert-manager.io/v1 Certificate",
    "issued",
    {
      notAfter: "2026-06-01T00:00:00Z",
      conditions: [ready("True", "Ready", { observedGeneration: 4 })],
    },
  ],
  [
    "cert-manager.io/v1 Certificate",
    "changed since it was issued",
    { conditions: [ready("True", "Ready", { observedGeneration: 2 })] },
  ],
  [
    "cert-manager.io/v1 ClusterIssuer",
    "registered",
    {
      acme: { uri: "https://acme.example.org/1" },
      conditions: [ready("True", "ACMEAccountRegistered")],
    },
  ],
  ["cert-manager.io/v1 ClusterIssuer", "no status", undefined],
  [
    "cert-manager.io/v1 CertificateRequest",
    "denied",
    { conditions: [condition("Denied", "True"), ready("False", "Denied")] },
  ],
  [
    "kustomize.toolkit.fluxcd.io/v1 Kustomization",
    "ready",
    {
      observedGeneration: 4,
      conditions: [
        ready("True", "ReconciliationSucceeded", { observedGeneration: 4 }),
      ],
    },
  ],
  [
    "kustomize.toolkit.fluxcd.io/v1 Kustomization",
    "builds",
    {
      observedGeneration: 3,
      conditions: [reconciling("True"), ready("Unknown", "Progressing")],
    },
  ],
  [
    "kustomize.toolkit.fluxcd.io/v1 Kustomization",
    "failed",
    { observedGeneration: 4, conditions: [ready("False", "BuildFailed")] },
  ],
  [
    "helm.toolkit.fluxcd.io/v2 HelmRelease",
    "released",
    {
      observedGeneration: 4,
      conditions: [
        ready("True", "InstallSucceeded"),
        condition("Released", "True"),
      ],
    },
  ],
  [
    "helm.toolkit.fluxcd.io/v2 HelmRelease",
    "retries exhausted",
    {
      observedGeneration: 4,
      conditions: [
        ready("False", "InstallFailed"),
        condition("Released", "False"),
        stalled("True"),
      ],
    },
  ],
  [
    "source.toolkit.fluxcd.io/v1 GitRepository",
    "fetches",
    {
      observedGeneration: 4,
      conditions: [reconciling("True"), ready("False", "GitOperationFailed")],
    },
  ],
  [
    "cluster.x-k8s.io/v1beta1 Cluster",
    "provisions",
    {
      phase: "Provisioning",
      observedGeneration: 4,
      conditions: [
        ready("False", "WaitingForControlPlane"),
        condition("InfrastructureReady", "False"),
      ],
    },
  ],
  [
    "cluster.x-k8s.io/v1beta2 Cluster",
    "available, no Ready",
    {
      observedGeneration: 4,
      conditions: [
        condition("Available", "True"),
        condition("Paused", "False"),
      ],
    },
  ],
  ["apiextensions.crossplane.io/v1 Composition", "no conditions", {}],
  [
    "pkg.crossplane.io/v1 Provider",
    "installed, unhealthy",
    {
      conditions: [
        condition("Installed", "True"),
        condition("Healthy", "False", "UnhealthyPackageRevision"),
      ],
    },
  ],
  [
    "rds.aws.example.org/v1 Instance",
    "synced, not ready",
    {
      conditions: [
        condition("Synced", "True", "ReconcileSuccess"),
        ready("False", "Creating"),
      ],
    },
  ],
  [
    "argoproj.io/v1alpha1 Rollout",
    "paused in a canary",
    {
      phase: "Paused",
      observedGeneration: "4",
      conditions: [
        condition("Progressing", "Unknown", "RolloutPaused"),
        condition("Available", "True"),
      ],
    },
  ],
  [
    "argoproj.io/v1alpha1 Application",
    "degraded",
    { health: { status: "Degraded" }, sync: { status: "Synced" } },
  ],
  [
    "serving.knative.dev/v1 Service",
    "waits for its route",
    {
      observedGeneration: 4,
      conditions: [
        condition("ConfigurationsReady", "True"),
        ready("Unknown", "RouteMissing"),
      ],
    },
  ],
  [
    "gateway.networking.k8s.io/v1 Gateway",
    "accepted, not programmed",
    {
      conditions: [
        condition("Accepted", "True", "Accepted", "", {
          observedGeneration: 4,
        }),
        condition("Programmed", "False", "AddressNotAssigned", "", {
          observedGeneration: 4,
        }),
      ],
    },
  ],
  [
    "gateway.networking.k8s.io/v1 HTTPRoute",
    "conditions by parent",
    {
      parents: [
        { conditions: [condition("Accepted", "False", "NoMatchingParent")] },
      ],
    },
  ],
  [
    "ceph.rook.io/v1 CephCluster",
    "creating",
    {
      phase: "Progressing",
      conditions: [condition("Progressing", "True", "ClusterProgressing")],
      observedGeneration: 4,
    },
  ],
  [
    "ceph.rook.io/v1 CephCluster",
    "ready, with a warning",
    {
      phase: "Ready",
      ceph: { health: "HEALTH_WARN" },
      conditions: [ready("True", "ClusterCreated")],
      observedGeneration: 4,
    },
  ],
  [
    "kafka.strimzi.io/v1beta2 Kafka",
    "not ready",
    {
      observedGeneration: 4,
      conditions: [condition("NotReady", "True", "Creating")],
    },
  ],
  [
    "kafka.strimzi.io/v1beta2 Kafka",
    "ready",
    { observedGeneration: 4, conditions: [ready("True")] },
  ],
  [
    "monitoring.coreos.com/v1 Prometheus",
    "degraded",
    {
      conditions: [
        condition("Available", "Degraded", "SomePodsNotReady", "", {
          observedGeneration: 4,
        }),
        condition("Reconciled", "True", "", "", { observedGeneration: 4 }),
      ],
    },
  ],
  ["monitoring.coreos.com/v1 ServiceMonitor", "no status", undefined],
  [
    "external-secrets.io/v1 ExternalSecret",
    "synced",
    {
      conditions: [ready("True", "SecretSynced")],
      refreshTime: "2026-03-01T08:00:00Z",
    },
  ],
  [
    "external-secrets.io/v1 ExternalSecret",
    "cannot be synced",
    { conditions: [ready("False", "SecretSyncedError")] },
  ],
  [
    "bitnami.com/v1alpha1 SealedSecret",
    "cannot be unsealed",
    {
      observedGeneration: 4,
      conditions: [
        condition("Synced", "False", "", "no key could decrypt secret"),
      ],
    },
  ],
  [
    "keda.sh/v1alpha1 ScaledObject",
    "ready, not active",
    {
      conditions: [
        ready("True", "ScaledObjectReady"),
        condition("Active", "False"),
        condition("Fallback", "False"),
      ],
    },
  ],
  [
    "postgresql.cnpg.io/v1 Cluster",
    "sets up its primary",
    {
      phase: "Setting up primary",
      conditions: [ready("False", "ClusterIsNotReady")],
    },
  ],
  [
    "snapshot.storage.k8s.io/v1 VolumeSnapshot",
    "not ready to use",
    { readyToUse: false },
  ],
  [
    "elasticsearch.k8s.elastic.co/v1 Elasticsearch",
    "red",
    { health: "red", phase: "ApplyingChanges", observedGeneration: 4 },
  ],
  [
    "networking.istio.io/v1 VirtualService",
    "analysis fails",
    {
      observedGeneration: "4",
      conditions: [condition("PassedAnalysis", "False")],
    },
  ],
  [
    "tekton.dev/v1 PipelineRun",
    "runs",
    { conditions: [condition("Succeeded", "Unknown", "Running")] },
  ],
  [
    "tekton.dev/v1 PipelineRun",
    "failed",
    { conditions: [condition("Succeeded", "False", "Failed")] },
  ],
  ["velero.io/v1 Backup", "partially failed", { phase: "PartiallyFailed" }],
  [
    "operators.coreos.com/v1alpha1 Subscription",
    "catalog is unhealthy",
    {
      state: "AtLatestKnown",
      conditions: [condition("CatalogSourcesUnhealthy", "True")],
    },
  ],
  [
    "kyverno.io/v1 ClusterPolicy",
    "ready",
    { ready: true, conditions: [ready("True", "Succeeded")] },
  ],
  ["metallb.io/v1beta1 IPAddressPool", "no status", undefined],
].map(([type, name, status]) => [
  `${type.split(" ")[1]}: ${name}`,
  object(type, { spec: {}, status }),
]);
