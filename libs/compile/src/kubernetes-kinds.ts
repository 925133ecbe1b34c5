import { type GroupVersionKind } from "@wheelhouse/kube-object";

/** The kinds of one group and version, by scope. */
interface ServedKinds {
  readonly namespaced: readonly string[];
  readonly cluster: readonly string[];
}

const served = (namespaced: string, cluster = ""): ServedKinds => ({
  namespaced: namespaced.split(" ").filter((kind) => kind !== ""),
  cluster: cluster.split(" ").filter((kind) => kind !== ""),
});

/** What the API server of Kubernetes 1.36 serves by itself, by apiVersion. */
export const builtinKinds: Readonly<Record<string, ServedKinds>> = {
  v1: served(
    "Binding ConfigMap Endpoints Event LimitRange PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount",
    "ComponentStatus Namespace Node PersistentVolume",
  ),
  "admissionregistration.k8s.io/v1": served(
    "",
    "MutatingAdmissionPolicy MutatingAdmissionPolicyBinding MutatingWebhookConfiguration ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration",
  ),
  "apiextensions.k8s.io/v1": served("", "CustomResourceDefinition"),
  "apiregistration.k8s.io/v1": served("", "APIService"),
  "apps/v1": served(
    "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet",
  ),
  "authentication.k8s.io/v1": served("", "SelfSubjectReview TokenReview"),
  "authorization.k8s.io/v1": served(
    "LocalSubjectAccessReview",
    "SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview",
  ),
  "autoscaling/v1": served("HorizontalPodAutoscaler Scale"),
  "autoscaling/v2": served("HorizontalPodAutoscaler"),
  "batch/v1": served("CronJob Job"),
  "certificates.k8s.io/v1": served("", "CertificateSigningRequest"),
  "coordination.k8s.io/v1": served("Lease"),
  "discovery.k8s.io/v1": served("EndpointSlice"),
  "events.k8s.io/v1": served("Event"),
  "flowcontrol.apiserver.k8s.io/v1": served(
    "",
    "FlowSchema PriorityLevelConfiguration",
  ),
  "networking.k8s.io/v1": served(
    "Ingress NetworkPolicy",
    "IPAddress IngressClass ServiceCIDR",
  ),
  "node.k8s.io/v1": served("", "RuntimeClass"),
  "policy/v1": served("PodDisruptionBudget"),
  "rbac.authorization.k8s.io/v1": served(
    "Role RoleBinding",
    "ClusterRole ClusterRoleBinding",
  ),
  "resource.k8s.io/v1": served(
    "ResourceClaim ResourceClaimTemplate",
    "DeviceClass ResourceSlice",
  ),
  "scheduling.k8s.io/v1": served("", "PriorityClass"),
  "storage.k8s.io/v1": served(
    "CSIStorageCapacity",
    "CSIDriver CSINode StorageClass VolumeAttachment VolumeAttributesClass",
  ),
};

/** The built-in ones as Helm names them among a cluster's capabilities: `apps/v1` and `apps/v1/Deployment`. */
export const builtinApiVersions: readonly string[] = Object.entries(
  builtinKinds,
).flatMap(([apiVersion, { namespaced, cluster }]) => [
  apiVersion,
  ...[...namespaced, ...cluster].map((kind) => `${apiVersion}/${kind}`),
]);

const clusterKinds: ReadonlySet<string> = new Set(
  Object.entries(builtinKinds).flatMap(([apiVersion, { cluster }]) =>
    cluster.map((kind) => kindKey(groupOf(apiVersion), kind)),
  ),
);

/** Whether a built-in kind, of whatever version, lies in no namespace; undefined for one that is not built in. */
export function isBuiltinClusterScoped({
  group,
  kind,
}: Pick<GroupVersionKind, "group" | "kind">): boolean | undefined {
  if (clusterKinds.has(kindKey(group, kind))) return true;
  return builtinGroups.has(group) ? false : undefined;
}

const builtinGroups: ReadonlySet<string> = new Set(
  Object.keys(builtinKinds).map(groupOf),
);

function groupOf(apiVersion: string): string {
  return apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";
}

function kindKey(group: string, kind: string): string {
  return `${group}/${kind}`;
}
