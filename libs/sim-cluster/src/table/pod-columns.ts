import {
  isObject,
  type JsonObject,
  listAt,
  numberAt,
  objectAt,
  stringAt,
} from "../json.ts";
import { ageOf } from "./age.ts";
import { type Column } from "./columns.ts";

const spec = (object: JsonObject) => objectAt(object, "spec");
const status = (object: JsonObject) => objectAt(object, "status");
const containerStates = (pod: JsonObject) =>
  listAt(status(pod), "containerStatuses").filter(isObject);

function podState(pod: JsonObject): string {
  const metadata = objectAt(pod, "metadata");
  const waiting = containerStates(pod)
    .map((each) => {
      const state = objectAt(each, "state");
      return (
        stringAt(objectAt(state, "waiting"), "reason") ||
        stringAt(objectAt(state, "terminated"), "reason")
      );
    })
    .find((reason) => reason !== "");
  if (metadata["deletionTimestamp"] !== undefined) return "Terminating";
  return (
    waiting ??
    (stringAt(status(pod), "reason") || stringAt(status(pod), "phase"))
  );
}

const readyOf = (pod: JsonObject) =>
  `${containerStates(pod).filter((each) => each["ready"] === true).length}/${listAt(spec(pod), "containers").length}`;

/** A pod's columns after its name. */
export const podColumns: readonly Column[] = [
  { name: "Ready", cell: readyOf },
  { name: "Status", cell: podState },
  {
    name: "Restarts",
    cell: (pod) =>
      String(
        containerStates(pod).reduce(
          (sum, each) => sum + numberAt(each, "restartCount", 0),
          0,
        ),
      ),
  },
  {
    name: "Age",
    cell: (pod, now) =>
      ageOf(stringAt(objectAt(pod, "metadata"), "creationTimestamp"), now),
  },
  {
    name: "IP",
    priority: 1,
    cell: (pod) => stringAt(status(pod), "podIP") || "<none>",
  },
  {
    name: "Node",
    priority: 1,
    cell: (pod) => stringAt(spec(pod), "nodeName") || "<none>",
  },
  {
    name: "Nominated Node",
    priority: 1,
    cell: (pod) => stringAt(status(pod), "nominatedNodeName") || "<none>",
  },
  {
    name: "Readiness Gates",
    priority: 1,
    cell: (pod) => {
      const gates = listAt(spec(pod), "readinessGates");
      return gates.length === 0 ? "<none>" : `0/${gates.length}`;
    },
  },
];
