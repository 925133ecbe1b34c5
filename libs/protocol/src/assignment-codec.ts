import { type MessageInitShape } from "@bufbuild/protobuf";
import {
  type AssignmentMark as WireMark,
  type AssignmentMarkSchema,
} from "./gen/wheelhouse/v1/assignment_pb.ts";
import { readCount, readDigest, readRequired, writeDigest } from "./fields.ts";
import { type AssignmentMark } from "./messages.ts";

/** A mark as the wire has it. */
export function writeMark(
  mark: AssignmentMark,
): MessageInitShape<typeof AssignmentMarkSchema> {
  return {
    epoch: BigInt(mark.epoch),
    seq: BigInt(mark.seq),
    root: writeDigest(mark.root),
  };
}

/** A mark that has to be there. */
export function readMark(
  wire: WireMark | undefined,
  field: string,
): AssignmentMark {
  const mark = readRequired(wire, field);
  return {
    epoch: readCount(mark.epoch, `${field}.epoch`),
    seq: readCount(mark.seq, `${field}.seq`),
    root: readDigest(mark.root, `${field}.root`),
  };
}

/** A mark, or null where the peer has none. */
export function readOptionalMark(
  wire: WireMark | undefined,
  field: string,
): AssignmentMark | null {
  return wire === undefined ? null : readMark(wire, field);
}
