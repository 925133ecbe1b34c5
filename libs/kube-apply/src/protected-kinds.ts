import {
  type KubeObject,
  type ObjectId,
  isJsonList,
  isJsonObject,
  spokeNamespace,
  wheelhouseGroup,
} from "@wheelhouse/kube-object";

/** `group/Kind` of what takes others, or data, with it when it goes. */
const protectedKinds: ReadonlySet<string> = new Set([
  "/Namespace",
  "/PersistentVolume",
  "/PersistentVolumeClaim",
  "apiextensions.k8s.io/CustomResourceDefinition",
  "apiregistration.k8s.io/APIService",
  "admissionregistration.k8s.io/ValidatingWebhookConfiguration",
  "admissionregistration.k8s.io/MutatingWebhookConfiguration",
]);

/** Whether an object is only deleted when a person named it: the prune gate's row 7. */
export function isProtectedKind(id: ObjectId, live: KubeObject): boolean {
  return (
    protectedKinds.has(`${id.group}/${id.kind}`) ||
    id.group === wheelhouseGroup ||
    id.namespace === spokeNamespace ||
    hasVolumeClaims(id, live)
  );
}

function hasVolumeClaims(id: ObjectId, live: KubeObject): boolean {
  if (id.group !== "apps" || id.kind !== "StatefulSet") return false;
  const spec = live["spec"];
  const templates = isJsonObject(spec)
    ? spec["volumeClaimTemplates"]
    : undefined;
  return isJsonList(templates) && templates.length > 0;
}
