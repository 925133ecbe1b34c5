import { type DescMethod } from "@bufbuild/protobuf";
import { type MethodDefinition } from "@grpc/grpc-js";
import { type Codec, type Decoded } from "./codec.ts";
import {
  joinAnswerCodec,
  joinRequestCodec,
  renewAnswerCodec,
  renewRequestCodec,
} from "./enrollment-codec.ts";
import {
  artifactFetchCodec,
  artifactFrameCodec,
  assignmentFetchCodec,
  assignmentFrameCodec,
} from "./fetch-codec.ts";
import { EnrollmentService } from "./gen/wheelhouse/v1/enrollment_pb.ts";
import { LinkService } from "./gen/wheelhouse/v1/link_pb.ts";
import { hubMessageCodec } from "./hub-message-codec.ts";
import { spokeMessageCodec } from "./spoke-message-codec.ts";

/** A method whose messages are domain values on both sides. */
type Method<Request, Response> = MethodDefinition<
  Decoded<Request>,
  Decoded<Response>
>;

/** grpc-js's definition of a generated method. Only real messages are ever sent, so the encoders see no others. */
function defineMethod<Request, Response>(
  method: DescMethod,
  request: Codec<Request>,
  response: Codec<Response>,
): Method<Request, Response> {
  const { methodKind } = method;
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    requestStream:
      methodKind === "client_streaming" || methodKind === "bidi_streaming",
    responseStream:
      methodKind === "server_streaming" || methodKind === "bidi_streaming",
    requestSerialize: (value) => toBuffer(request.encode(value as Request)),
    requestDeserialize: request.decode,
    responseSerialize: (value) => toBuffer(response.encode(value as Response)),
    responseDeserialize: response.decode,
  };
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The calls that need no client certificate: `join` spends a token, `renew` proves a key. */
export const enrollmentService = {
  join: defineMethod(
    EnrollmentService.method.join,
    joinRequestCodec,
    joinAnswerCodec,
  ),
  renew: defineMethod(
    EnrollmentService.method.renew,
    renewRequestCodec,
    renewAnswerCodec,
  ),
} as const;

/** The calls of a registered spoke. */
export const linkService = {
  control: defineMethod(
    LinkService.method.control,
    spokeMessageCodec,
    hubMessageCodec,
  ),
  fetchAssignment: defineMethod(
    LinkService.method.fetchAssignment,
    assignmentFetchCodec,
    assignmentFrameCodec,
  ),
  fetchArtifact: defineMethod(
    LinkService.method.fetchArtifact,
    artifactFetchCodec,
    artifactFrameCodec,
  ),
} as const;
