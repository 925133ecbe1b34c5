import { type ObjectId } from "@wheelhouse/kube-object";
import { readRequired, readText } from "./fields.ts";
import { type ObjectId as WireObjectId } from "./gen/wheelhouse/v1/report_pb.ts";

/** An object's identity from the wire. */
export function readObjectId(
  wire: WireObjectId | undefined,
  field: string,
): ObjectId {
  const id = readRequired(wire, field);
  return {
    group: readText(id.group, `${field}.group`),
    kind: readText(id.kind, `${field}.kind`),
    namespace: readText(id.namespace, `${field}.namespace`),
    name: readText(id.name, `${field}.name`),
  };
}
