import {
  isObject,
  type Json,
  type JsonObject,
  listAt,
  objectAt,
  stringAt,
} from "./json.ts";
import { type Resource } from "./resource.ts";
import { badRequest } from "./status-failure.ts";

/** Whether an object is selected. */
export type Selector = (object: JsonObject) => boolean;

/** Selects everything. */
export const everything: Selector = () => true;

/** Parses a label selector (`a=b,c!=d,e in (f,g),h,!i`); throws a 400 where it is none. */
export function parseLabelSelector(text: string): Selector {
  if (text.trim() === "") return everything;
  const tests = splitRequirements(text).map(parseRequirement);
  return (object) => {
    const labels = objectAt(objectAt(object, "metadata"), "labels");
    return tests.every((test) => test(labels));
  };
}

type LabelTest = (labels: JsonObject) => boolean;

/** Commas separate requirements, but not inside a list of values. */
function splitRequirements(text: string): string[] {
  return text.split(/,(?![^(]*\))/).map((part) => part.trim());
}

function parseRequirement(text: string): LabelTest {
  const inList = /^([^\s!=,()]+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(text);
  if (inList !== null) {
    const [, key = "", operator, list = ""] = inList;
    const values = list.split(",").map((each) => each.trim());
    const isIn = (labels: JsonObject) => values.includes(stringAt(labels, key));
    return operator === "in"
      ? (labels) => key in labels && isIn(labels)
      : (labels) => !(key in labels) || !isIn(labels);
  }
  const equality = /^([^\s!=,()]+)\s*(==|=|!=)\s*([^\s!=,()]*)$/.exec(text);
  if (equality !== null) {
    const [, key = "", operator, value] = equality;
    return operator === "!="
      ? (labels) => labels[key] !== value
      : (labels) => labels[key] === value;
  }
  const bound = /^([^\s!=,()<>]+)\s*([<>])\s*(-?\d+)$/.exec(text);
  if (bound !== null) {
    const [, key = "", operator, limit] = bound;
    return (labels) => {
      const value = parseInt(stringAt(labels, key), 10);
      return operator === ">" ? value > Number(limit) : value < Number(limit);
    };
  }
  const exists = /^(!?)\s*([^\s!=,()]+)$/.exec(text);
  if (exists === null)
    throw badRequest(`unable to parse requirement: found '${text}'`);
  const [, not, key = ""] = exists;
  return (labels) => key in labels === (not === "");
}

/** Whether an object's labels fit a LabelSelector value. */
export function matchesSelector(
  selector: Json | undefined,
  labels: JsonObject,
): boolean {
  if (!isObject(selector)) return false;
  const exact = Object.entries(objectAt(selector, "matchLabels")).every(
    ([key, value]) => labels[key] === value,
  );
  return (
    exact &&
    listAt(selector, "matchExpressions")
      .filter(isObject)
      .every((each) => matchesExpression(each, labels))
  );
}

function matchesExpression(
  expression: JsonObject,
  labels: JsonObject,
): boolean {
  const key = stringAt(expression, "key");
  const isIn = listAt(expression, "values").includes(labels[key] ?? null);
  switch (stringAt(expression, "operator")) {
    case "In":
      return isIn;
    case "NotIn":
      return !isIn;
    case "Exists":
      return key in labels;
    default:
      return !(key in labels);
  }
}

/** Fields beside metadata.name and metadata.namespace that a kind can be selected by. */
const selectableFields: Readonly<Record<string, readonly string[]>> = {
  "core.v1.Pod": [
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "spec.hostNetwork",
    "status.phase",
    "status.podIP",
    "status.nominatedNodeName",
  ],
  "core.v1.Event": [
    "involvedObject.kind",
    "involvedObject.namespace",
    "involvedObject.name",
    "involvedObject.uid",
    "involvedObject.apiVersion",
    "involvedObject.resourceVersion",
    "involvedObject.fieldPath",
    "reason",
    "reportingComponent",
    "source",
    "type",
  ],
  "core.v1.Secret": ["type"],
  "core.v1.Namespace": ["status.phase"],
  "core.v1.Node": ["spec.unschedulable"],
  "core.v1.Service": ["spec.clusterIP", "spec.type"],
  "core.v1.ReplicationController": ["status.replicas"],
  "apps.v1.ReplicaSet": ["status.replicas"],
  "batch.v1.Job": ["status.successful"],
};

/** Parses a field selector (`metadata.name=a,type!=b`); throws a 400 for a field that the kind cannot be selected by. */
export function parseFieldSelector(resource: Resource, text: string): Selector {
  if (text.trim() === "") return everything;
  const tests = text.split(",").map((part) => {
    const match = /^([^!=]+)(==|=|!=)(.*)$/.exec(part);
    if (match === null)
      throw badRequest(
        `invalid selector: '${text}'; can't understand '${part}'`,
      );
    const [, field = "", operator, value = ""] = match;
    requireSelectable(resource, field);
    return (object: JsonObject) =>
      (valueAt(object, field) === value) === (operator !== "!=");
  });
  return (object) => tests.every((test) => test(object));
}

function requireSelectable(resource: Resource, field: string): void {
  if (field === "metadata.name") return;
  if (field === "metadata.namespace" && resource.namespaced) return;
  if (selectableFields[resource.type ?? ""]?.includes(field) === true) return;
  throw badRequest(`field label not supported: ${field}`);
}

function valueAt(object: JsonObject, field: string): string {
  let at: Json | undefined = object;
  for (const part of field.split(".")) at = isObject(at) ? at[part] : undefined;
  if (isObject(at)) return stringAt(at, "component");
  return at === undefined || at === null ? "" : String(at);
}
