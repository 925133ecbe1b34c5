import {
  type ChannelCredentials,
  type ClientReadableStream,
  Client,
  credentials,
} from "@grpc/grpc-js";
import { type Decoded } from "./codec.ts";
import {
  type JoinAnswer,
  type JoinRequest,
  type RenewAnswer,
  type RenewRequest,
} from "./enrollment-codec.ts";
import {
  type ArtifactFetch,
  type ArtifactFrame,
  type AssignmentFetch,
  type AssignmentFrame,
} from "./fetch-codec.ts";
import { protocolLimits } from "./limits.ts";
import { type HubMessage, type SpokeMessage } from "./messages.ts";
import { enrollmentService, linkService } from "./services.ts";

/** Where a hub is, whom it must prove to be, and who calls. */
export interface LinkTarget {
  /** `host:port`; the host has to be in the hub's certificate. */
  readonly address: string;
  /** PEM of the fleet's root: the only one that is trusted. */
  readonly rootCertificate: string;
  /** Chain (leaf first) and key, in PEM; null to call without a certificate. */
  readonly identity: {
    readonly certificateChain: string;
    readonly privateKey: string;
  } | null;
  /** Silence, in milliseconds, after which the connection is probed and then destroyed; 15,000 by default. */
  readonly keepaliveMs?: number;
}

/** A call with messages both ways. Reading it to its end, or an error, ends it. */
export interface DuplexCall<Outgoing, Incoming> {
  readonly messages: AsyncIterable<Decoded<Incoming>>;
  /** False when the other side does not read as fast as this one writes. */
  send(message: Outgoing): boolean;
  /** Calls back once when the other side has read enough to go on. */
  onceDrained(callback: () => void): void;
  /** Says that nothing more is sent. */
  end(): void;
  /** Breaks the call off at once. */
  cancel(): void;
}

/** A spoke's connection to a hub: one TLS connection, opened by the first call, that is not opened again once `close` was called. */
export interface LinkClient {
  join(request: JoinRequest, signal: AbortSignal): Promise<Decoded<JoinAnswer>>;
  renew(signal: AbortSignal): DuplexCall<RenewRequest, RenewAnswer>;
  control(signal: AbortSignal): DuplexCall<SpokeMessage, HubMessage>;
  fetchAssignment(
    request: AssignmentFetch,
    signal: AbortSignal,
  ): AsyncIterable<Decoded<AssignmentFrame>>;
  fetchArtifact(
    request: ArtifactFetch,
    signal: AbortSignal,
  ): AsyncIterable<Decoded<ArtifactFrame>>;
  close(): void;
}

/** Makes a client; nothing is dialled before the first call. */
export function createLinkClient(target: LinkTarget): LinkClient {
  const client = new Client(
    target.address,
    channelCredentials(target),
    channelOptions(target),
  );
  return {
    join: (request, signal) => unaryJoin(client, request, signal),
    renew: (signal) => duplex(client, enrollmentService.renew, signal),
    control: (signal) => duplex(client, linkService.control, signal),
    fetchAssignment: (request, signal) =>
      serverStream(client, linkService.fetchAssignment, request, signal),
    fetchArtifact: (request, signal) =>
      serverStream(client, linkService.fetchArtifact, request, signal),
    close: () => client.close(),
  };
}

function channelCredentials(target: LinkTarget): ChannelCredentials {
  const { identity } = target;
  return credentials.createSsl(
    Buffer.from(target.rootCertificate),
    identity === null ? null : Buffer.from(identity.privateKey),
    identity === null ? null : Buffer.from(identity.certificateChain),
  );
}

/** The subchannel pool is local, so that a new client is a new connection with the credentials of now. The keepalive destroys a connection whose peer is silent, which closing it does not. */
function channelOptions({ keepaliveMs = 15_000 }: LinkTarget) {
  return {
    "grpc.use_local_subchannel_pool": 1,
    "grpc.enable_http_proxy": 0,
    "grpc.enable_retries": 0,
    "grpc.max_receive_message_length": protocolLimits.messageBytes,
    "grpc.max_send_message_length": protocolLimits.messageBytes,
    "grpc.keepalive_time_ms": keepaliveMs,
    "grpc.keepalive_timeout_ms": keepaliveMs,
    "grpc.keepalive_permit_without_calls": 1,
  };
}

function unaryJoin(
  client: Client,
  request: JoinRequest,
  signal: AbortSignal,
): Promise<Decoded<JoinAnswer>> {
  const { path, requestSerialize, responseDeserialize } =
    enrollmentService.join;
  return new Promise((resolve, reject) => {
    const call = client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      (error, answer) => {
        if (error !== null) reject(error);
        else resolve(answer ?? { kind: "unknown" });
      },
    );
    cancelOn(signal, call);
  });
}

type Definition<Request, Response> = {
  readonly path: string;
  readonly requestSerialize: (value: Decoded<Request>) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Decoded<Response>;
};

function duplex<Request, Response>(
  client: Client,
  definition: Definition<Request, Response>,
  signal: AbortSignal,
): DuplexCall<Request, Response> {
  const call = client.makeBidiStreamRequest(
    definition.path,
    definition.requestSerialize,
    definition.responseDeserialize,
  );
  // A stream that is cancelled before anybody reads it emits an error all the same.
  call.on("error", () => undefined);
  cancelOn(signal, call);
  return {
    messages: call as AsyncIterable<Decoded<Response>>,
    send: (message) => !call.destroyed && call.write(message),
    onceDrained: (callback) => void call.once("drain", callback),
    end: () => void call.end(),
    cancel: () => call.cancel(),
  };
}

function serverStream<Request, Response>(
  client: Client,
  definition: Definition<Request, Response>,
  request: Request,
  signal: AbortSignal,
): AsyncIterable<Decoded<Response>> {
  const call: ClientReadableStream<Decoded<Response>> =
    client.makeServerStreamRequest(
      definition.path,
      definition.requestSerialize,
      definition.responseDeserialize,
      request,
    );
  call.on("error", () => undefined);
  cancelOn(signal, call);
  return call as AsyncIterable<Decoded<Response>>;
}

/** Cancels a call with its signal, and lets the signal go when the call has ended. */
function cancelOn(
  signal: AbortSignal,
  call: {
    cancel(): void;
    once(event: "status", listener: () => void): unknown;
  },
): void {
  if (signal.aborted) {
    call.cancel();
    return;
  }
  const cancel = () => call.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  call.once("status", () => signal.removeEventListener("abort", cancel));
}
