import { type MessageInitShape } from "@bufbuild/protobuf";
import { readMark, readOptionalMark, writeMark } from "./assignment-codec.ts";
import { createCodec } from "./codec.ts";
import { readCount, readRequired, readText } from "./fields.ts";
import * as wire from "./gen/wheelhouse/v1/link_pb.ts";
import { type HubMessage, type Welcome } from "./messages.ts";

/** What a hub sends on the control stream, to bytes and back. */
export const hubMessageCodec = createCodec<
  HubMessage,
  typeof wire.ControlResponseSchema
>(wire.ControlResponseSchema, (message) => ({ message: write(message) }), read);

type WireMessage = NonNullable<
  MessageInitShape<typeof wire.ControlResponseSchema>["message"]
>;

function write(message: HubMessage): WireMessage {
  switch (message.kind) {
    case "welcome":
      return {
        case: "welcome",
        value: {
          protocol: { ...message.protocol },
          hubVersion: message.hubVersion,
          session: message.session,
          heartbeatMs: message.heartbeatMs,
        },
      };
    case "assignmentOffer":
      return {
        case: "assignmentOffer",
        value: { offer: writeMark(message.offer) },
      };
    case "heartbeatReply":
      return {
        case: "heartbeatReply",
        value: {
          counter: BigInt(message.counter),
          hubTime: message.hubTime,
          ...(message.latest === null
            ? {}
            : { latest: writeMark(message.latest) }),
        },
      };
    case "reportRequest":
      return { case: "reportRequest", value: {} };
    case "reconcileRequest":
      return { case: "reconcileRequest", value: { bundle: message.bundle } };
  }
}

function read({ message }: wire.ControlResponse): HubMessage | undefined {
  switch (message.case) {
    case "welcome":
      return readWelcome(message.value);
    case "assignmentOffer":
      return {
        kind: "assignmentOffer",
        offer: readMark(message.value.offer, "offer"),
      };
    case "heartbeatReply":
      return {
        kind: "heartbeatReply",
        counter: readCount(message.value.counter, "counter"),
        latest: readOptionalMark(message.value.latest, "latest"),
        hubTime: readText(message.value.hubTime, "hubTime"),
      };
    case "reportRequest":
      return { kind: "reportRequest" };
    case "reconcileRequest":
      return {
        kind: "reconcileRequest",
        bundle: readText(message.value.bundle, "bundle"),
      };
    case undefined:
      return undefined;
  }
}

function readWelcome(welcome: wire.Welcome): Welcome {
  const protocol = readRequired(welcome.protocol, "protocol");
  return {
    kind: "welcome",
    protocol: { major: protocol.major, minor: protocol.minor },
    hubVersion: readText(welcome.hubVersion, "hubVersion"),
    session: readText(welcome.session, "session"),
    heartbeatMs: welcome.heartbeatMs,
  };
}
