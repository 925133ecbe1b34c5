import {
  type ListSchema,
  type MapSchema,
  type Schema,
} from "../facts/schema.ts";
import { isObject, type Json, type JsonObject } from "../json.ts";
import { canonicalQuantity } from "./quantity.ts";

/** What reading a value into its type found. */
export interface Normalized {
  readonly value: JsonObject;
  /** Paths of undeclared fields, dropped from the value: `spec.template.spec.foo`. */
  readonly unknown: readonly string[];
  /** The first value that does not fit its type, in the server's words. */
  readonly mismatch: string | undefined;
}

interface Findings {
  readonly unknown: string[];
  mismatch: string | undefined;
  /** Go's name of the struct that is being read. */
  struct: string;
}

/** Scalars that Go omits when zero; the OpenAPI document cannot tell them from pointers. */
const omittedZeros = new Set([
  "core.v1.PodSpec.hostNetwork",
  "core.v1.PodSpec.hostPID",
  "core.v1.PodSpec.hostIPC",
  "core.v1.PodSpec.nodeName",
  "core.v1.PodSpec.hostname",
  "core.v1.PodSpec.subdomain",
  "core.v1.PodSpec.serviceAccountName",
  "core.v1.PodSpec.serviceAccount",
  "core.v1.PodSpec.priorityClassName",
  "core.v1.Container.stdin",
  "core.v1.Container.stdinOnce",
  "core.v1.Container.tty",
  "core.v1.Container.workingDir",
  "core.v1.Container.image",
  "core.v1.ContainerPort.hostPort",
  "core.v1.ContainerPort.name",
  "core.v1.ContainerPort.hostIP",
  "core.v1.EnvVar.value",
  "core.v1.Probe.initialDelaySeconds",
  "core.v1.VolumeMount.readOnly",
  "core.v1.VolumeMount.subPath",
  "core.v1.ServicePort.nodePort",
  "core.v1.ServicePort.name",
  "core.v1.ServiceSpec.publishNotReadyAddresses",
  "core.v1.ServiceSpec.externalName",
  "apps.v1.DeploymentSpec.minReadySeconds",
  "apps.v1.DeploymentSpec.paused",
  "apps.v1.StatefulSetSpec.minReadySeconds",
  "apps.v1.StatefulSetSpec.serviceName",
  "apps.v1.DaemonSetSpec.minReadySeconds",
  "apps.v1.ReplicaSetSpec.minReadySeconds",
  "scheduling.v1.PriorityClass.globalDefault",
  "scheduling.v1.PriorityClass.description",
  "meta.v1.ObjectMeta.generateName",
]);

/** Reads a value as Go reads and writes it: undeclared fields and empty optionals go, zero structs come. */
export function normalizeObject(
  schema: MapSchema,
  value: JsonObject,
): Normalized {
  const found: Findings = { unknown: [], mismatch: undefined, struct: "" };
  const made = readMap(schema, value, "", found);
  return { value: made, unknown: found.unknown, mismatch: found.mismatch };
}

function read(
  schema: Schema,
  value: Json,
  path: string,
  found: Findings,
): Json | undefined {
  if (value === null) return undefined;
  switch (schema.kind) {
    case "any":
      return value;
    case "scalar":
      return readScalar(schema.type, value, path, found);
    case "list":
      return readList(schema, value, path, found);
    case "map":
      if (isObject(value)) return readMap(schema, value, path, found);
      return refuse(found, value, path, goName(schema));
  }
}

const goName = (schema: MapSchema) =>
  schema.name === ""
    ? "map[string]string"
    : schema.name.split(".").slice(-2).join(".");

function readMap(
  schema: MapSchema,
  value: JsonObject,
  path: string,
  found: Findings,
): JsonObject {
  const made: JsonObject = {};
  for (const key of Object.keys(value)) {
    const field = schema.fields.get(key);
    const below = path === "" ? key : `${path}.${key}`;
    const element = field?.schema ?? schema.element;
    if (element === undefined) {
      found.unknown.push(below);
      continue;
    }
    if (schema.name !== "") found.struct = schema.name.split(".").pop() ?? "";
    const item = read(element, value[key] ?? null, below, found);
    if (item === undefined || isOmitted(schema, key, field?.required, item))
      continue;
    made[key] = item;
  }
  addZeroValues(schema, made, path, found);
  return made;
}

function isOmitted(
  schema: MapSchema,
  key: string,
  required: boolean | undefined,
  item: Json,
): boolean {
  if (schema.fields.size === 0 || required === true) return false;
  if (Array.isArray(item)) return item.length === 0;
  const field = schema.fields.get(key)?.schema;
  if (isObject(item))
    return (
      field?.kind === "map" &&
      field.fields.size === 0 &&
      Object.keys(item).length === 0
    );
  if (item === "" || item === 0 || item === false)
    return omittedZeros.has(`${schema.name}.${key}`);
  return false;
}

const zeroScalars: Readonly<Record<string, Json>> = { s: "", i: 0, b: false };

/** Structs and required scalars that Go always writes, and required lists, which it writes as null. */
function addZeroValues(
  schema: MapSchema,
  made: JsonObject,
  path: string,
  found: Findings,
): void {
  for (const [key, field] of schema.fields) {
    if (key in made) continue;
    if (field.zeroStruct && field.schema.kind === "map")
      made[key] = readMap(
        field.schema,
        {},
        path === "" ? key : `${path}.${key}`,
        found,
      );
    else if (field.required && field.schema.kind === "list") made[key] = null;
    else if (field.required && field.schema.kind === "scalar") {
      const zero = zeroScalars[field.schema.type];
      if (zero !== undefined) made[key] = zero;
    }
  }
}

function readList(
  schema: ListSchema,
  value: Json,
  path: string,
  found: Findings,
): Json | undefined {
  if (!Array.isArray(value))
    return refuse(found, value, path, `[]${goElement(schema.element)}`);
  return value.map(
    (item, index) =>
      read(schema.element, item, `${path}[${index}]`, found) ?? null,
  );
}

const goElement = (schema: Schema) =>
  schema.kind === "map" ? goName(schema) : "string";

function readScalar(
  type: string,
  value: Json,
  path: string,
  found: Findings,
): Json | undefined {
  switch (type) {
    case "i":
      if (typeof value === "number" && Number.isInteger(value)) return value;
      return refuse(found, value, path, "int32");
    case "n":
      return typeof value === "number"
        ? value
        : refuse(found, value, path, "float64");
    case "b":
      return typeof value === "boolean"
        ? value
        : refuse(found, value, path, "bool");
    case "q":
      return readQuantity(value, found);
    case "x":
      return typeof value === "string" || typeof value === "number"
        ? value
        : refuse(found, value, path, "intstr.IntOrString");
    default:
      return typeof value === "string"
        ? value
        : refuse(found, value, path, "string");
  }
}

function readQuantity(value: Json, found: Findings): Json | undefined {
  const text =
    typeof value === "number" || typeof value === "string"
      ? canonicalQuantity(String(value))
      : undefined;
  if (text !== undefined) return text;
  found.mismatch ??=
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
  return undefined;
}

function refuse(
  found: Findings,
  value: Json,
  path: string,
  wanted: string,
): undefined {
  const given = Array.isArray(value)
    ? "array"
    : isObject(value)
      ? "object"
      : typeof value === "boolean"
        ? "bool"
        : typeof value;
  found.mismatch ??= `json: cannot unmarshal ${given} into Go struct field ${found.struct}.${path.replaceAll(/\[\d+\]/g, "")} of type ${wanted}`;
  return undefined;
}
