import {
  type Json,
  type JsonObject,
  type KubeObject,
  isJsonList,
  isJsonObject,
} from "@wheelhouse/kube-object";

/** Annotations that copy the whole object. */
const copyAnnotation = "kubectl.kubernetes.io/last-applied-configuration";

/** What nobody judges an object by, and what makes it large or secret. */
const droppedFields = new Set(["data", "binaryData", "stringData"]);

/**
 * What stays of an object in view: identity, labels, annotations, generation,
 * resourceVersion and deletion; spec and status as kstatus reads them. It goes
 * without managedFields, data of Secrets and ConfigMaps (no secret is ever
 * kept), pod templates and CRD schemas, so that 5,000 objects fit in 20 MB. It
 * is never to be applied or compared in full: read the live object for that.
 */
export function trimObject(object: KubeObject): KubeObject {
  const kept = Object.entries(object).filter(
    ([name]) => !droppedFields.has(name),
  );
  return {
    ...Object.fromEntries(kept),
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: trimMetadata(object),
    ...(isJsonObject(object["spec"]) ? { spec: trimSpec(object["spec"]) } : {}),
  };
}

function trimMetadata({ metadata }: KubeObject): KubeObject["metadata"] {
  const { managedFields: _dropped, annotations, ...kept } = metadata;
  if (!isJsonObject(annotations)) return { ...kept, name: metadata.name };
  const own = Object.entries(annotations).filter(
    ([name]) => name !== copyAnnotation,
  );
  return {
    ...kept,
    name: metadata.name,
    annotations: Object.fromEntries(own),
  };
}

function trimSpec(spec: JsonObject): JsonObject {
  const { template: _pods, jobTemplate: _jobs, versions, ...kept } = spec;
  return isJsonList(versions)
    ? { ...kept, versions: versions.map(withoutSchema) }
    : versions === undefined
      ? kept
      : { ...kept, versions };
}

function withoutSchema(version: Json): Json {
  if (!isJsonObject(version)) return version;
  const { schema: _schema, ...kept } = version;
  return kept;
}
