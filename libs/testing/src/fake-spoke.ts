import { setTimeout as wait } from "node:timers/promises";
import { type Envelope, type SignedEnvelope } from "@wheelhouse/assignment";
import { errorText } from "@wheelhouse/kube-object";
import {
  type AssignmentMark,
  type BundleReport,
  type DuplexCall,
  type HubMessage,
  type LinkClient,
  type PruneHold,
  type SpokeMessage,
  createLinkClient,
  protocolVersion,
} from "@wheelhouse/protocol";
import { type JoinView } from "@wheelhouse/rest-api";
import {
  type SpokeKey,
  createSpokeKey,
  parseJoinToken,
  verifyAssignment,
  writePemChain,
} from "@wheelhouse/trust";

/** A spoke without a cluster: it speaks the link for real, verifies what it is given, and says what a test tells it to say. */
export interface FakeSpoke {
  readonly uid: string;
  /** Everything verified and acknowledged so far, oldest first. */
  readonly taken: readonly Envelope[];
  /** Bundles that the hub asked to be compared. */
  readonly reconciles: readonly string[];
  /** Why the newest session ended; null while it lives. */
  readonly ended: string | null;
  /** Reports now, with what `health` says now. */
  report(): void;
  /** Ends the session as a crash would. */
  disconnect(): void;
  /** Opens a session anew with what is acknowledged. */
  connect(): void;
  stop(): void;
}

/** What a fake spoke is told. */
export interface FakeSpokeOptions {
  readonly join: JoinView;
  readonly kubeSystemUid?: string;
  /** What a bundle is: `ready` unless told otherwise. */
  readonly health?: (bundle: string) => "ready" | "progressing" | "failed";
  readonly pruneHolds?: () => readonly PruneHold[];
  /** A lie: what it says is acknowledged; null, or absent, for the truth. */
  readonly claim?: () => AssignmentMark | null;
  /** It joins, and waits for `connect`. */
  readonly isSilent?: boolean;
}

/** Joins with the token, and connects. Throws where the join is refused. */
export async function startFakeSpoke(
  options: FakeSpokeOptions,
): Promise<FakeSpoke> {
  const key = await createSpokeKey();
  const { join } = options;
  const client = createLinkClient({
    address: join.hubAddress,
    rootCertificate: join.rootCertificate,
    identity: null,
  });
  try {
    const answer = await client.join(
      {
        kind: "joinRequest",
        token: parseJoinToken(join.token)?.secret ?? new Uint8Array(),
        certificateRequest: await key.createRequest(),
        kubeSystemUid: options.kubeSystemUid ?? join.uid,
      },
      AbortSignal.timeout(10_000),
    );
    if (answer.kind !== "joinAnswer") throw new Error(answer.kind);
    const chain = writePemChain(answer.certificateChain);
    const spoke = new LinkedSpoke(options, key, chain);
    if (options.isSilent !== true) spoke.connect();
    return spoke;
  } finally {
    client.close();
  }
}

class LinkedSpoke implements FakeSpoke {
  readonly uid: string;
  readonly taken: Envelope[] = [];
  readonly reconciles: string[] = [];
  ended: string | null = null;
  readonly #options: FakeSpokeOptions;
  readonly #key: SpokeKey;
  readonly #chain: string;
  #client: LinkClient | null = null;
  #call: DuplexCall<SpokeMessage, HubMessage> | null = null;
  #abort = new AbortController();
  #signed: SignedEnvelope | null = null;
  #counter = 0;

  constructor(options: FakeSpokeOptions, key: SpokeKey, chain: string) {
    this.uid = options.join.uid;
    this.#options = options;
    this.#key = key;
    this.#chain = chain;
  }

  connect(): void {
    const { join, kubeSystemUid } = this.#options;
    this.#abort = new AbortController();
    this.ended = null;
    this.#counter = 0;
    this.#client = createLinkClient({
      address: join.hubAddress,
      rootCertificate: join.rootCertificate,
      identity: {
        certificateChain: this.#chain,
        privateKey: this.#key.privateKey,
      },
    });
    const call = this.#client.control(this.#abort.signal);
    this.#call = call;
    call.send({
      kind: "hello",
      protocol: protocolVersion,
      spokeVersion: "fake",
      fleet: join.fleet,
      cluster: join.cluster,
      uid: join.uid,
      kubeSystemUid: kubeSystemUid ?? join.uid,
      instance: "fake",
      acknowledged: this.#mark(),
      capabilities: { kubeVersion: "v1.36.3", apiVersions: [] },
    });
    void this.#listen(call);
  }

  report(): void {
    const assignment = this.#mark();
    if (assignment === null) return;
    const bundles = this.taken.at(-1)?.bundles ?? [];
    this.#counter += 1;
    this.#call?.send({
      kind: "statusReport",
      counter: this.#counter,
      full: true,
      assignment,
      bundles: bundles.map(({ spec, digest }) =>
        bundleReport(
          spec.name,
          digest,
          this.#options.health?.(spec.name) ?? "ready",
          spec.artifact?.objects ?? 0,
        ),
      ),
      dropped: [],
      drift: [],
      pruneHolds: this.#options.pruneHolds?.() ?? [],
    });
  }

  disconnect(): void {
    this.#abort.abort();
    this.#client?.close();
    this.#client = null;
    this.#call = null;
  }

  stop(): void {
    this.disconnect();
  }

  #mark(): AssignmentMark | null {
    const claimed = this.#options.claim?.() ?? null;
    if (claimed !== null) return claimed;
    const envelope = this.taken.at(-1);
    if (envelope === undefined) return null;
    const { epoch, seq, root } = envelope;
    return { epoch, seq, root };
  }

  async #listen(call: DuplexCall<SpokeMessage, HubMessage>): Promise<void> {
    try {
      for await (const message of call.messages) {
        if (message.kind === "welcome") void this.#beat(message.heartbeatMs);
        if (message.kind === "welcome" || message.kind === "reportRequest") {
          this.#counter = 0;
          this.report();
        }
        if (message.kind === "reconcileRequest") {
          this.reconciles.push(message.bundle);
        }
        if (message.kind === "assignmentOffer") await this.#take(message.offer);
      }
      this.ended = "ended";
    } catch (error) {
      this.ended = errorText(error);
    }
  }

  async #beat(everyMs: number): Promise<void> {
    const call = this.#call;
    for (let counter = 1; this.#call === call && call; counter += 1) {
      call.send({
        kind: "heartbeat",
        counter,
        acknowledged: this.#mark(),
        reportCounter: this.#counter,
      });
      await wait(everyMs);
      if (this.ended !== null) return;
    }
  }

  async #take(offer: AssignmentMark): Promise<void> {
    const { join } = this.#options;
    const signed = await this.#fetch(offer);
    const verdict = verifyAssignment({
      signed,
      pin: {
        format: 1,
        fleet: join.fleet,
        certificate: join.rootCertificate,
        delegationKey: join.rootPublicKey,
      },
      audience: join.uid,
      acknowledged: this.#signed,
      nowMs: Date.now(),
    });
    if (!verdict.ok) {
      this.#call?.send({
        kind: "assignmentRefused",
        refused: offer,
        reason: verdict.problem,
        message: verdict.message,
      });
      return;
    }
    if (verdict.step === "forward") this.taken.push(verdict.envelope);
    this.#signed = signed;
    this.#call?.send({ kind: "assignmentAcknowledged", acknowledged: offer });
    this.report();
  }

  async #fetch({ epoch, seq }: AssignmentMark): Promise<SignedEnvelope> {
    const chunks: Uint8Array[] = [];
    let signature = new Uint8Array();
    let delegation = new Uint8Array();
    const frames = this.#client?.fetchAssignment(
      { kind: "assignmentFetch", epoch, seq, offset: 0 },
      this.#abort.signal,
    );
    for await (const frame of frames ?? []) {
      if (frame.kind === "assignmentHeader") {
        signature = new Uint8Array(frame.signature);
        delegation = new Uint8Array(frame.delegation);
      }
      if (frame.kind === "chunk") chunks.push(frame.bytes);
    }
    return { bytes: Buffer.concat(chunks), signature, delegation };
  }
}

function bundleReport(
  bundle: string,
  digest: BundleReport["digest"],
  health: "ready" | "progressing" | "failed",
  total: number,
): BundleReport {
  const isReady = health === "ready";
  return {
    bundle,
    digest,
    applied: digest,
    ready: isReady,
    failed: health === "failed",
    status: isReady ? "Current" : "InProgress",
    objects: { total, ready: isReady ? total : 0 },
    message: isReady ? "" : `told to be ${health}`,
    held: null,
    notes: [],
    drifted: false,
    since: "2026-01-01T00:00:00.000Z",
  };
}
