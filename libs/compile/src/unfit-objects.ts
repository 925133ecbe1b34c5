import {
  type FieldSteps,
  type Problem,
  type SourceTree,
  formatSteps,
} from "@wheelhouse/fleet-model";
import {
  type KubeObject,
  fleetLabel,
  formatObjectId,
  isDnsLabel,
  isJsonObject,
  isPathSegment,
  isSpokeState,
  objectIdOf,
  ownerAnnotation,
} from "@wheelhouse/kube-object";
import { locateObject } from "./written-objects.ts";

/** Problems told of one bundle; one cause, such as a patch, often has many. */
const maxTold = 50;

/** Metadata that the API server sets. It refuses an apply that says one of these, and passes over the others. */
const serverFields = ["uid", "resourceVersion", "managedFields"];

/** Where rendered objects are written. */
interface WrittenIn {
  readonly tree: SourceTree;
  readonly manifests: readonly string[];
}

/**
 * What no bundle may deliver: objects that no API server takes, by their names
 * or their size, objects exported from a cluster with what the
 * server set in them, the spoke's own state, and the marks by which spokes tell
 * whose an object is. At most 50, each where it is written.
 */
export function unfitObjects(
  objects: readonly KubeObject[],
  { tree, manifests }: WrittenIn,
): readonly Problem[] {
  return objects
    .flatMap((object) => faultsOf(object).map((fault) => ({ object, fault })))
    .slice(0, maxTold)
    .map(({ object, fault: { path, reason, message } }): Problem => {
      const location = locateObject(tree, manifests, object, path);
      const field = path.length === 0 ? "" : `${formatSteps(path)}: `;
      return {
        reason,
        subject: formatObjectId(objectIdOf(object)),
        message: `${field}${message}`,
        ...(location === undefined ? {} : { location }),
      };
    });
}

interface Fault extends Pick<Problem, "reason" | "message"> {
  readonly path: FieldSteps;
}

/** By object: clusters whose bundles render alike share their objects. */
const known = new WeakMap<KubeObject, readonly Fault[]>();

function faultsOf(object: KubeObject): readonly Fault[] {
  const faults = known.get(object) ?? findFaults(object);
  known.set(object, faults);
  return faults;
}

function findFaults(object: KubeObject): readonly Fault[] {
  return [
    ...nameFaults(object),
    ...(isTooLarge(object) ? [tooLarge] : []),
    ...(isSpokeState(objectIdOf(object)) ? [spokeState] : []),
    ...serverFields.flatMap((field) =>
      isSaid(object.metadata[field]) ? [serverField(field)] : [],
    ),
    ...markOf(object, "labels", fleetLabel),
    ...markOf(object, "annotations", ownerAnnotation),
  ];
}

/** What etcd takes of one object by default, as JSON. */
const maxObjectBytes = 1_572_864;

const tooLarge: Fault = {
  path: [],
  reason: "ObjectTooLarge",
  message: `is larger than 1.5 MiB (${maxObjectBytes} bytes) as JSON, the limit of etcd`,
};

/** A quick look at first: measuring thousands of objects to the byte would cost more than all the rest. */
function isTooLarge(object: KubeObject): boolean {
  const text = JSON.stringify(object);
  return (
    text.length > maxObjectBytes ||
    (text.length > maxObjectBytes / 3 &&
      Buffer.byteLength(text) > maxObjectBytes)
  );
}

/** What every API server refuses, whatever the kind: a name is a segment of a path, and a namespace a label of DNS. */
function nameFaults({ metadata }: KubeObject): readonly Fault[] {
  const { name, namespace } = metadata;
  return [
    ...(isPathSegment(name) ? [] : [invalidName]),
    ...(typeof namespace !== "string" ||
    namespace === "" ||
    isDnsLabel(namespace)
      ? []
      : [invalidNamespace]),
  ];
}

const invalidName: Fault = {
  path: ["metadata", "name"],
  reason: "InvalidName",
  message:
    "is no name for an API server: it has no /, % or control character, and is neither . nor ..",
};

const invalidNamespace: Fault = {
  path: ["metadata", "namespace"],
  reason: "InvalidName",
  message: "is no namespace: at most 63 of a-z, 0-9 and -",
};

const spokeState: Fault = {
  path: [],
  reason: "SpokeState",
  message: "is the spoke's own state, which no bundle may touch",
};

const serverField = (field: string): Fault => ({
  path: ["metadata", field],
  reason: "ServerField",
  message: "is set by the API server, which refuses to be told it",
});

/** The server takes null and an empty text for nothing said. */
function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "";
}

function markOf(
  { metadata }: KubeObject,
  field: "labels" | "annotations",
  name: string,
): readonly Fault[] {
  const texts = metadata[field];
  if (!isJsonObject(texts) || texts[name] === undefined) return [];
  return [
    {
      path: ["metadata", field, name],
      reason: "ReservedMark",
      message: "is set by the spoke, which writes over what Git says",
    },
  ];
}
