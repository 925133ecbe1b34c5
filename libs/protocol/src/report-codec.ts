import { type MessageInitShape } from "@bufbuild/protobuf";
import { type HeldReason } from "@wheelhouse/assignment";
import { type ObjectId } from "@wheelhouse/kube-object";
import { type ObjectStatus } from "@wheelhouse/status";
import { readOptionalMark, writeMark } from "./assignment-codec.ts";
import { readDrift, writeDrift } from "./drift-codec.ts";
import { createEnumCodec } from "./enum-codec.ts";
import {
  cutText,
  readCount,
  readDigest,
  readList,
  readMessage,
  readText,
  writeDigest,
} from "./fields.ts";
import * as wire from "./gen/wheelhouse/v1/report_pb.ts";
import { protocolLimits } from "./limits.ts";
import {
  type BundleReport,
  type ObjectNote,
  type PruneHold,
  type StatusReport,
} from "./messages.ts";
import { readObjectId } from "./object-id-codec.ts";

/** A status of a newer peer is `Unknown`: it is never taken for Current. */
const statusCodec = createEnumCodec<ObjectStatus, wire.ObjectStatus>(
  {
    Failed: wire.ObjectStatus.FAILED,
    NotFound: wire.ObjectStatus.NOT_FOUND,
    Terminating: wire.ObjectStatus.TERMINATING,
    Unknown: wire.ObjectStatus.UNKNOWN,
    InProgress: wire.ObjectStatus.IN_PROGRESS,
    Current: wire.ObjectStatus.CURRENT,
  },
  "Unknown",
);

/** A report as the wire has it; texts and lists for people are cut to their bounds. */
export function writeReport(
  report: StatusReport,
): MessageInitShape<typeof wire.StatusReportSchema> {
  return {
    counter: BigInt(report.counter),
    full: report.full,
    ...(report.assignment === null
      ? {}
      : { assignment: writeMark(report.assignment) }),
    bundles: report.bundles.map(writeBundle),
    dropped: [...report.dropped],
    ...(report.drift === undefined
      ? {}
      : {
          drift: {
            records: report.drift
              .slice(0, protocolLimits.driftRecords)
              .map(writeDrift),
          },
        }),
    ...(report.pruneHolds === undefined
      ? {}
      : {
          pruneHolds: {
            holds: report.pruneHolds
              .slice(0, protocolLimits.pruneHolds)
              .map(writeHold),
          },
        }),
  };
}

/** A report from the wire. */
export function readReport(report: wire.StatusReport): StatusReport {
  const { bundles, pruneHolds } = protocolLimits;
  const assignment = readOptionalMark(report.assignment, "assignment");
  return {
    kind: "statusReport",
    counter: readCount(report.counter, "counter"),
    full: report.full,
    assignment,
    bundles: readList(report.bundles, "bundles", bundles, readBundle),
    dropped: readList(report.dropped, "dropped", bundles, (name) =>
      readText(name, "dropped"),
    ),
    ...(report.drift === undefined
      ? {}
      : {
          drift: readList(
            report.drift.records,
            "drift",
            protocolLimits.driftRecords,
            readDrift,
          ),
        }),
    ...(report.pruneHolds === undefined
      ? {}
      : {
          pruneHolds: readList(
            report.pruneHolds.holds,
            "pruneHolds",
            pruneHolds,
            readHold,
          ),
        }),
  };
}

function writeBundle(
  report: BundleReport,
): MessageInitShape<typeof wire.BundleReportSchema> {
  return {
    bundle: report.bundle,
    digest: writeDigest(report.digest),
    ...(report.applied === null
      ? {}
      : { applied: writeDigest(report.applied) }),
    ready: report.ready,
    failed: report.failed,
    status: statusCodec.encode(report.status),
    objectsTotal: report.objects.total,
    objectsReady: report.objects.ready,
    message: cutText(report.message),
    ...(report.held === null ? {} : { held: writeHeld(report.held) }),
    ...(report.late === undefined ? {} : { late: writeLate(report.late) }),
    notes: report.notes.slice(0, protocolLimits.notesPerBundle).map(writeNote),
    drifted: report.drifted,
    since: report.since,
  };
}

function readBundle(report: wire.BundleReport): BundleReport {
  return {
    bundle: readText(report.bundle, "bundle"),
    digest: readDigest(report.digest, "digest"),
    applied:
      report.applied === undefined
        ? null
        : readDigest(report.applied, "applied"),
    ready: report.ready,
    failed: report.failed,
    status: statusCodec.decode(report.status),
    objects: { total: report.objectsTotal, ready: report.objectsReady },
    message: readMessage(report.message, "message"),
    held: report.held === undefined ? null : readHeld(report.held),
    ...(report.late === undefined ? {} : { late: readLate(report.late) }),
    notes: readList(
      report.notes,
      "notes",
      protocolLimits.notesPerBundle,
      readNote,
    ),
    drifted: report.drifted,
    since: readText(report.since, "since"),
  };
}

type LateFacts = NonNullable<BundleReport["late"]>;

function writeLate({ fingerprint, macNotVerifiable }: LateFacts) {
  return { fingerprint: Buffer.from(fingerprint, "hex"), macNotVerifiable };
}

function readLate(late: wire.LateValues): LateFacts {
  const { macNotVerifiable } = late;
  const digest = readDigest(late.fingerprint, "late.fingerprint");
  return { fingerprint: digest.slice("sha256:".length), macNotVerifiable };
}

function writeHeld(held: HeldReason): { reason: string; message: string } {
  return { reason: held.reason, message: cutText(held.message) };
}

function readHeld(held: wire.HeldReason): HeldReason {
  return {
    reason: readText(held.reason, "held.reason"),
    message: readMessage(held.message, "held.message"),
  };
}

function writeNote(
  note: ObjectNote,
): MessageInitShape<typeof wire.ObjectNoteSchema> {
  return {
    object: writeObject(note.object),
    status: statusCodec.encode(note.status),
    message: cutText(note.message),
  };
}

function readNote(note: wire.ObjectNote): ObjectNote {
  return {
    object: readObjectId(note.object, "note.object"),
    status: statusCodec.decode(note.status),
    message: readMessage(note.message, "note.message"),
  };
}

function writeHold(
  hold: PruneHold,
): MessageInitShape<typeof wire.PruneHoldSchema> {
  return {
    object: writeObject(hold.object),
    bundle: hold.bundle,
    reason: hold.reason,
    message: cutText(hold.message),
  };
}

function readHold(hold: wire.PruneHold): PruneHold {
  return {
    object: readObjectId(hold.object, "hold.object"),
    bundle: readText(hold.bundle, "hold.bundle"),
    reason: readText(hold.reason, "hold.reason"),
    message: readMessage(hold.message, "hold.message"),
  };
}

/** An identity is sent with these four fields and nothing else that a value might carry. */
function writeObject({ group, kind, namespace, name }: ObjectId): ObjectId {
  return { group, kind, namespace, name };
}
