import { type ServerWritableStream } from "@grpc/grpc-js";
import {
  type ArtifactFetch,
  type ArtifactFrame,
  type AssignmentFetch,
  type AssignmentFrame,
  type Decoded,
  type FetchChunk,
  protocolLimits,
  writeLinkFailure,
} from "@wheelhouse/protocol";
import { type LinkRefusal } from "./admission.ts";
import { type KeyedSlots } from "./keyed-slots.ts";
import { type PeerIdentity } from "./ports.ts";
import { type SessionContext } from "./session-context.ts";

/** A fetch call of gRPC, with domain values both ways. */
export type FetchCall<Request, Frame> = ServerWritableStream<
  Decoded<Request>,
  Decoded<Frame>
>;

type Content<Frame> =
  | { readonly ok: true; readonly header: Frame; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly refusal: LinkRefusal };

/** Serves the bytes of one of the caller's own assignments. */
export function serveAssignment(
  call: FetchCall<AssignmentFetch, AssignmentFrame>,
  context: SessionContext,
  slots: KeyedSlots,
): Promise<void> {
  return serveBytes(call, context, slots, async ({ uid }, request) => {
    const { epoch, seq } = request;
    const signed = await context.assignments.load(uid, epoch, seq);
    if (signed === undefined) return notFound(`assignment ${epoch}/${seq}`);
    const { bytes, signature, delegation } = signed;
    return {
      ok: true,
      bytes,
      header: {
        kind: "assignmentHeader",
        totalBytes: bytes.length,
        signature,
        delegation,
      },
    };
  });
}

/** Serves the bytes of an artifact of one of the caller's own assignments. */
export function serveArtifact(
  call: FetchCall<ArtifactFetch, ArtifactFrame>,
  context: SessionContext,
  slots: KeyedSlots,
): Promise<void> {
  return serveBytes(call, context, slots, async ({ uid }, { digest }) => {
    const bytes = await context.assignments.artifact(uid, digest);
    return bytes === undefined
      ? notFound(digest)
      : {
          ok: true,
          bytes,
          header: { kind: "artifactHeader", totalBytes: bytes.length },
        };
  });
}

function notFound(what: string) {
  return {
    ok: false,
    refusal: { reason: "NotFound", details: `${what}: not of this cluster` },
  } as const;
}

async function serveBytes<
  Request extends { readonly kind: string; readonly offset: number },
  Frame extends { readonly kind: string },
>(
  call: FetchCall<Request, Frame | FetchChunk>,
  context: SessionContext,
  slots: KeyedSlots,
  find: (identity: PeerIdentity, request: Request) => Promise<Content<Frame>>,
): Promise<void> {
  const refuse = ({ reason, details }: LinkRefusal) =>
    void call.emit("error", writeLinkFailure(reason, details));
  const identified = context.admission.identify(call);
  if (!identified.ok) return refuse(identified.refusal);
  const { request } = call;
  if (!isRequest(request)) {
    return refuse({ reason: "Malformed", details: "request cannot be read" });
  }
  const release = slots.take(identified.identity.keyHash);
  if (release === undefined) {
    return refuse({ reason: "TooMany", details: "too many fetches at once" });
  }
  try {
    const refusal = await context.admission.check(identified.identity);
    if (refusal !== undefined) return refuse(refusal);
    const content = await find(identified.identity, request);
    if (!content.ok) return refuse(content.refusal);
    if (request.offset > content.bytes.length) {
      return refuse({ reason: "Malformed", details: "offset beyond the end" });
    }
    if (await sendFrames(call, frames(content, request.offset), context)) {
      call.end();
    } else if (!call.cancelled) {
      refuse({ reason: "Idle", details: "the spoke does not read" });
    }
  } finally {
    release();
  }
}

function isRequest<Request extends { readonly kind: string }>(
  request: Decoded<Request>,
): request is Request {
  return request.kind !== "malformed" && request.kind !== "unknown";
}

function* frames<Frame>(
  { header, bytes }: { header: Frame; bytes: Uint8Array },
  offset: number,
): Generator<Frame | FetchChunk> {
  yield header;
  for (let at = offset; at < bytes.length; at += protocolLimits.chunkBytes) {
    yield {
      kind: "chunk",
      bytes: bytes.subarray(at, at + protocolLimits.chunkBytes),
    };
  }
}

/** Writes frames as fast as they are read. False where the caller left, or reads nothing for too long. */
async function sendFrames<Request, Frame>(
  call: FetchCall<Request, Frame>,
  all: Iterable<Frame>,
  { clock, limits }: SessionContext,
): Promise<boolean> {
  for (const frame of all) {
    if (call.cancelled || call.destroyed) return false;
    if (call.write(frame)) continue;
    const isDrained = await new Promise<boolean>((resolve) => {
      const stopTimer = clock.setTimer(limits.idleMs, () => settle(false));
      const onDrain = () => settle(true);
      const onGone = () => settle(false);
      function settle(drained: boolean): void {
        stopTimer();
        call.off("drain", onDrain);
        call.off("cancelled", onGone);
        call.off("close", onGone);
        resolve(drained);
      }
      call.on("drain", onDrain);
      call.on("cancelled", onGone);
      call.on("close", onGone);
    });
    if (!isDrained) return false;
  }
  return true;
}
