import { type MessageInitShape } from "@bufbuild/protobuf";
import {
  type DriftField,
  type DriftRecord,
  type DriftState,
} from "@wheelhouse/drift";
import { createEnumCodec } from "./enum-codec.ts";
import {
  cutText,
  readCount,
  readList,
  readMessage,
  readText,
} from "./fields.ts";
import * as wire from "./gen/wheelhouse/v1/report_pb.ts";
import { protocolLimits } from "./limits.ts";
import { readObjectId } from "./object-id-codec.ts";

/** A state of a newer peer counts as `open`: it wants a person's eye rather than none. */
const stateCodec = createEnumCodec<DriftState, wire.DriftState>(
  {
    open: wire.DriftState.OPEN,
    healed: wire.DriftState.HEALED,
    reported: wire.DriftState.REPORTED,
    blocked: wire.DriftState.BLOCKED,
  },
  "open",
);

/** One object's drift as the wire has it, cut to its bounds. */
export function writeDrift(
  record: DriftRecord,
): MessageInitShape<typeof wire.DriftRecordSchema> {
  const { group, kind, namespace, name } = record.object;
  return {
    object: { group, kind, namespace, name },
    bundle: record.bundle,
    fields: record.fields
      .slice(0, protocolLimits.fieldsPerDrift)
      .map(writeField),
    missing: record.missing,
    ...(record.writer === null ? {} : { writer: record.writer }),
    firstSeen: record.firstSeen,
    lastSeen: record.lastSeen,
    times: BigInt(record.times),
    state: stateCodec.encode(record.state),
    message: cutText(record.message),
  };
}

/** One object's drift from the wire. */
export function readDrift(record: wire.DriftRecord): DriftRecord {
  return {
    object: readObjectId(record.object, "drift.object"),
    bundle: readText(record.bundle, "drift.bundle"),
    fields: readList(
      record.fields,
      "drift.fields",
      protocolLimits.fieldsPerDrift,
      readField,
    ),
    missing: record.missing,
    writer:
      record.writer === undefined
        ? null
        : readText(record.writer, "drift.writer"),
    firstSeen: readText(record.firstSeen, "drift.firstSeen"),
    lastSeen: readText(record.lastSeen, "drift.lastSeen"),
    times: readCount(record.times, "drift.times"),
    state: stateCodec.decode(record.state),
    message: readMessage(record.message, "drift.message"),
  };
}

function writeField(
  field: DriftField,
): MessageInitShape<typeof wire.DriftFieldSchema> {
  const { valueLength } = protocolLimits;
  return {
    path: cutText(field.path),
    ...(field.wanted === null
      ? {}
      : { wanted: cutText(field.wanted, valueLength) }),
    ...(field.found === null
      ? {}
      : { found: cutText(field.found, valueLength) }),
  };
}

function readField(field: wire.DriftField): DriftField {
  const { valueLength } = protocolLimits;
  return {
    path: readMessage(field.path, "field.path"),
    wanted:
      field.wanted === undefined
        ? null
        : readText(field.wanted, "field.wanted", valueLength),
    found:
      field.found === undefined
        ? null
        : readText(field.found, "field.found", valueLength),
  };
}
