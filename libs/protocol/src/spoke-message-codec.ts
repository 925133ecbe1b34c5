import { type MessageInitShape } from "@bufbuild/protobuf";
import { readMark, readOptionalMark, writeMark } from "./assignment-codec.ts";
import { createCodec } from "./codec.ts";
import {
  cutText,
  readCount,
  readList,
  readMessage,
  readRequired,
  readText,
} from "./fields.ts";
import * as wire from "./gen/wheelhouse/v1/link_pb.ts";
import { protocolLimits } from "./limits.ts";
import { type Hello, type SpokeMessage } from "./messages.ts";
import { readReport, writeReport } from "./report-codec.ts";

/** What a spoke sends on the control stream, to bytes and back. */
export const spokeMessageCodec = createCodec<
  SpokeMessage,
  typeof wire.ControlRequestSchema
>(wire.ControlRequestSchema, (message) => ({ message: write(message) }), read);

type WireMessage = NonNullable<
  MessageInitShape<typeof wire.ControlRequestSchema>["message"]
>;

function write(message: SpokeMessage): WireMessage {
  switch (message.kind) {
    case "hello":
      return { case: "hello", value: writeHello(message) };
    case "heartbeat":
      return {
        case: "heartbeat",
        value: {
          counter: BigInt(message.counter),
          reportCounter: BigInt(message.reportCounter),
          ...(message.acknowledged === null
            ? {}
            : { acknowledged: writeMark(message.acknowledged) }),
        },
      };
    case "assignmentAcknowledged":
      return {
        case: "assignmentAcknowledged",
        value: { acknowledged: writeMark(message.acknowledged) },
      };
    case "assignmentRefused":
      return {
        case: "assignmentRefused",
        value: {
          refused: writeMark(message.refused),
          reason: message.reason,
          message: cutText(message.message),
        },
      };
    case "statusReport":
      return { case: "statusReport", value: writeReport(message) };
  }
}

function read({ message }: wire.ControlRequest): SpokeMessage | undefined {
  switch (message.case) {
    case "hello":
      return readHello(message.value);
    case "heartbeat":
      return {
        kind: "heartbeat",
        counter: readCount(message.value.counter, "counter"),
        acknowledged: readOptionalMark(
          message.value.acknowledged,
          "acknowledged",
        ),
        reportCounter: readCount(message.value.reportCounter, "reportCounter"),
      };
    case "assignmentAcknowledged":
      return {
        kind: "assignmentAcknowledged",
        acknowledged: readMark(message.value.acknowledged, "acknowledged"),
      };
    case "assignmentRefused":
      return {
        kind: "assignmentRefused",
        refused: readMark(message.value.refused, "refused"),
        reason: readText(message.value.reason, "reason"),
        message: readMessage(message.value.message, "message"),
      };
    case "statusReport":
      return readReport(message.value);
    case undefined:
      return undefined;
  }
}

function writeHello(hello: Hello): MessageInitShape<typeof wire.HelloSchema> {
  return {
    protocol: { ...hello.protocol },
    spokeVersion: hello.spokeVersion,
    fleet: hello.fleet,
    cluster: hello.cluster,
    uid: hello.uid,
    kubeSystemUid: hello.kubeSystemUid,
    instance: hello.instance,
    ...(hello.acknowledged === null
      ? {}
      : { acknowledged: writeMark(hello.acknowledged) }),
    capabilities: {
      kubeVersion: hello.capabilities.kubeVersion,
      apiVersions: hello.capabilities.apiVersions.slice(
        0,
        protocolLimits.apiVersions,
      ),
    },
  };
}

function readHello(hello: wire.Hello): Hello {
  const protocol = readRequired(hello.protocol, "protocol");
  const capabilities = readRequired(hello.capabilities, "capabilities");
  return {
    kind: "hello",
    protocol: { major: protocol.major, minor: protocol.minor },
    spokeVersion: readText(hello.spokeVersion, "spokeVersion"),
    fleet: readText(hello.fleet, "fleet"),
    cluster: readText(hello.cluster, "cluster"),
    uid: readText(hello.uid, "uid"),
    kubeSystemUid: readText(hello.kubeSystemUid, "kubeSystemUid"),
    instance: readText(hello.instance, "instance"),
    acknowledged: readOptionalMark(hello.acknowledged, "acknowledged"),
    capabilities: {
      kubeVersion: readText(capabilities.kubeVersion, "kubeVersion"),
      apiVersions: readList(
        capabilities.apiVersions,
        "apiVersions",
        protocolLimits.apiVersions,
        (text) => readText(text, "apiVersions"),
      ),
    },
  };
}
