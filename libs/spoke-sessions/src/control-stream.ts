import { type ServerDuplexStream } from "@grpc/grpc-js";
import {
  type Decoded,
  type Hello,
  type HubMessage,
  type LinkReason,
  type SpokeMessage,
  protocolVersion,
  writeLinkFailure,
} from "@wheelhouse/protocol";
import { type LinkRefusal } from "./admission.ts";
import { ControlSession } from "./control-session.ts";
import { MessageReader } from "./message-reader.ts";
import { type PeerIdentity } from "./ports.ts";
import { type SessionContext } from "./session-context.ts";
import { type SessionTable } from "./session-table.ts";
import { TokenBucket } from "./token-bucket.ts";

/** A control call of gRPC, with domain values both ways. */
export type ControlCall = ServerDuplexStream<
  Decoded<SpokeMessage>,
  Decoded<HubMessage>
>;

/** Streams before their hello is judged, by uid, oldest first: they are few, and a revocation cuts them too. */
export type Handshakes = Map<string, Set<(refusal: LinkRefusal) => void>>;

/** What serving a control stream needs. */
export interface ControlStreamOptions {
  readonly context: SessionContext;
  readonly sessions: SessionTable<ControlSession>;
  readonly handshakes: Handshakes;
}

/** Serves one control call to its end. */
export async function serveControl(
  call: ControlCall,
  options: ControlStreamOptions,
): Promise<void> {
  const { context } = options;
  const reader = new MessageReader<Decoded<SpokeMessage>>(call);
  const end = (reason: LinkReason, details: string) => {
    reader.close();
    call.emit("error", writeLinkFailure(reason, details));
  };
  const identified = context.admission.identify(call);
  if (!identified.ok) {
    end(identified.refusal.reason, identified.refusal.details);
    return;
  }
  const { identity } = identified;
  const hello = await shakeHands(reader, identity, options);
  if (hello === undefined) return;
  if (hello.kind === "refused") {
    end(hello.refusal.reason, hello.refusal.details);
    return;
  }
  const session = new ControlSession({
    context,
    identity,
    hello,
    stream: call,
    end,
  });
  await runSession(session, reader, options);
  // A spoke that has said all it had to say is answered in kind.
  call.end();
}

type Handshake = Hello | { kind: "refused"; refusal: LinkRefusal } | undefined;

/** Waits for the hello and judges it. Undefined where the call is gone. */
async function shakeHands(
  reader: MessageReader<Decoded<SpokeMessage>>,
  identity: PeerIdentity,
  { context, handshakes }: ControlStreamOptions,
): Promise<Handshake> {
  let cutShort: LinkRefusal | undefined;
  const cut = (refusal: LinkRefusal) => {
    cutShort ??= refusal;
    open.delete(cut);
    reader.close();
  };
  const open = handshakes.get(identity.uid) ?? new Set();
  handshakes.set(identity.uid, open.add(cut));
  if (open.size > context.limits.handshakesPerUid) {
    const [oldest] = open;
    oldest?.({ reason: "TooMany", details: "too many streams without hello" });
  }
  const stopTimer = context.clock.setTimer(context.limits.firstMessageMs, () =>
    cut({ reason: "Idle", details: "no hello in time" }),
  );
  try {
    const message = await reader.next();
    const refusal =
      message === undefined
        ? undefined
        : (judgeHello(message, identity) ??
          (await context.admission.check(identity)));
    if (cutShort !== undefined || refusal !== undefined) {
      return { kind: "refused", refusal: cutShort ?? (refusal as LinkRefusal) };
    }
    return message?.kind === "hello" ? message : undefined;
  } finally {
    stopTimer();
    open.delete(cut);
    // A newer stream may have begun a set of its own, which stays.
    if (open.size === 0 && handshakes.get(identity.uid) === open) {
      handshakes.delete(identity.uid);
    }
  }
}

/** What is wrong with a first message; undefined if nothing is. */
function judgeHello(
  message: Decoded<SpokeMessage>,
  identity: PeerIdentity,
): LinkRefusal | undefined {
  if (message.kind === "malformed") {
    return { reason: "Malformed", details: message.problem };
  }
  if (message.kind !== "hello") {
    return { reason: "Malformed", details: "the first message is no hello" };
  }
  if (message.protocol.major !== protocolVersion.major) {
    return {
      reason: "IncompatibleVersion",
      details: `this hub speaks ${protocolVersion.major}.${protocolVersion.minor}`,
    };
  }
  const isSame = (["fleet", "cluster", "uid"] as const).every(
    (field) => message[field] === identity[field],
  );
  return isSame
    ? undefined
    : {
        reason: "WrongIdentity",
        details: "the hello names another than the certificate",
      };
}

/** Runs a session until its stream ends, it is idle, or its certificate ends. */
async function runSession(
  session: ControlSession,
  reader: MessageReader<Decoded<SpokeMessage>>,
  { context, sessions }: ControlStreamOptions,
): Promise<void> {
  sessions.add(session);
  const stops = [watchIdle(session, context), watchEnd(session, context)];
  try {
    await session.welcome();
    await readMessages(session, reader, context);
  } finally {
    for (const stop of stops) stop();
    session.close();
    if (sessions.remove(session) && sessions.of(session.uid).length === 0) {
      context.observer.onClosed(session.key, "the stream ended");
    }
  }
}

async function readMessages(
  session: ControlSession,
  reader: MessageReader<Decoded<SpokeMessage>>,
  { clock, limits }: SessionContext,
): Promise<void> {
  const bucket = new TokenBucket(
    { perSecond: limits.messagesPerSecond, burst: limits.messageBurst },
    clock.monotonicMs(),
  );
  for (;;) {
    const message = await reader.next();
    if (message === undefined) return;
    session.hear();
    if (message.kind === "malformed") {
      session.cut("Malformed", message.problem);
    } else if (message.kind !== "unknown") {
      await session.take(message);
    }
    const waitMs = bucket.take(clock.monotonicMs());
    if (waitMs > 0) {
      await new Promise<void>((resolve) => {
        clock.setTimer(waitMs, resolve);
      });
    }
  }
}

/** Cuts a session of which nothing is heard. Returns how to stop watching. */
function watchIdle(
  session: ControlSession,
  { clock, limits }: SessionContext,
): () => void {
  let stop = () => {};
  const watch = () => {
    const leftMs = session.lastHeardMs + limits.idleMs - clock.monotonicMs();
    if (leftMs <= 0) session.cut("Idle", "nothing was heard");
    else stop = clock.setTimer(leftMs, watch);
  };
  watch();
  return () => stop();
}

/** Cuts a session when its certificate ends. Returns how to stop watching. */
function watchEnd(
  session: ControlSession,
  { clock }: SessionContext,
): () => void {
  let stop = () => {};
  const watch = () => {
    const leftMs = session.identity.notAfterMs - clock.nowMs();
    if (leftMs <= 0) session.cut("CertificateExpired", "certificate has ended");
    else stop = clock.setTimer(leftMs, watch);
  };
  watch();
  return () => stop();
}
