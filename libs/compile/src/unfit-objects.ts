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
  isJsonObject,
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
 * What no bundle may deliver: objects exported from a cluster with what the
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

function faultsOf(object: KubeObject): readonly Fault[] {
  return [
    ...(isSpokeState(objectIdOf(object)) ? [spokeState] : []),
    ...serverFields.flatMap((field) =>
      isSaid(object.metadata[field]) ? [serverField(field)] : [],
    ),
    ...markOf(object, "labels", fleetLabel),
    ...markOf(object, "annotations", ownerAnnotation),
  ];
}

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
