import { gunzipSync, gzipSync } from "node:zlib";
import {
  type AssignmentVersion,
  type Digest,
  type SignedEnvelope,
  compareVersions,
  isDigest,
} from "@wheelhouse/assignment";
import {
  type JsonObject,
  type KubeObject,
  isJsonObject,
  spokeNamespace,
} from "@wheelhouse/kube-object";
import { type Failpoint, noFailpoint } from "./failpoints.ts";
import { KubeError } from "./kube-error.ts";
import { type ApplyPort } from "./kube-port.ts";
import { resourceVersionOf, uidOf } from "./live-content.ts";

/** An assignment as the ratchet knows it. */
export interface StoredMark extends AssignmentVersion {
  readonly root: Digest;
}

/** The newest assignment that is durable in the cluster. */
export interface StoredAssignment {
  readonly mark: StoredMark;
  readonly signed: SignedEnvelope;
}

/** What became of an attempt to move the ratchet. */
export type AcknowledgeOutcome =
  | { readonly kind: "acknowledged" }
  /** What is durable already is newer, or says something else under the same version. */
  | { readonly kind: "superseded"; readonly by: StoredMark };

/** The Secret as it was seen last. */
interface HeldSecret {
  readonly kind: "held";
  readonly mark: StoredMark;
  readonly resourceVersion: string;
}

const secretKind = { group: "", version: "v1", kind: "Secret" };
const secretId = { namespace: spokeNamespace, name: "wheelhouse-assignment" };
const maxAttempts = 5;

/** What an envelope may unpack to: four times what the link carries. */
const maxEnvelopeBytes = 64 * 1024 * 1024;

/**
 * Ratchet, envelope, signature and delegation in one Secret, moved by one
 * update with the resourceVersion that was read: of two instances only one
 * moves it, and it never moves back.
 */
export class RatchetSecret {
  readonly #port: ApplyPort;
  readonly #failpoint: Failpoint;
  /** What was written or read last: a write on top of it fails where another was quicker, so it need not be read anew. */
  #held: HeldSecret | undefined;

  constructor(port: ApplyPort, failpoint: Failpoint = noFailpoint) {
    this.#port = port;
    this.#failpoint = failpoint;
  }

  /** Reads what is durable, live. Null where there is none yet; throws `KubeError` where it cannot be read or understood. */
  async load(): Promise<StoredAssignment | null> {
    const secret = await this.#port.get(secretKind, secretId);
    if (secret === undefined) return null;
    const stored = parseStored(secret);
    this.#held = heldOf(secret, stored.mark);
    return stored;
  }

  /** Reads only which assignment is durable, live. The Secret of thousands of bundles is large: where it still is the one that was seen last, its version says all. */
  async loadMark(): Promise<StoredMark | null> {
    const held = this.#held;
    if (held === undefined) return (await this.load())?.mark ?? null;
    const options = { metadataOnly: true };
    const secret = await this.#port.get(secretKind, secretId, options);
    if (secret === undefined) return null;
    return resourceVersionOf(secret) === held.resourceVersion
      ? held.mark
      : ((await this.load())?.mark ?? null);
  }

  /** Moves the ratchet forward, durably. The caller has verified the envelope, and made its artifacts durable. */
  async acknowledge(
    signed: SignedEnvelope,
    mark: StoredMark,
  ): Promise<AcknowledgeOutcome> {
    for (let attempt = 1; ; attempt += 1) {
      const held = this.#held;
      this.#held = undefined;
      const isKnown =
        held !== undefined && compareVersions(mark, held.mark) > 0;
      const before = isKnown ? held : await this.#read(signed, mark);
      if (before?.kind === "settled") return before.outcome;
      try {
        this.#failpoint("assignment.beforeWrite");
        const written = await this.#write(before, signed, mark);
        this.#held = heldOf(written, mark);
        this.#failpoint("assignment.afterWrite");
        return { kind: "acknowledged" };
      } catch (error) {
        if (!isRace(error) || attempt >= maxAttempts) throw error;
      }
    }
  }

  /** What a write goes on top of; undefined where there is nothing yet, and settled where nothing is to be written. */
  async #read(
    signed: SignedEnvelope,
    mark: StoredMark,
  ): Promise<
    | HeldSecret
    | { readonly kind: "settled"; readonly outcome: AcknowledgeOutcome }
    | undefined
  > {
    const secret = await this.#port.get(secretKind, secretId);
    if (secret === undefined) return undefined;
    const stored = parseMark(secret);
    if (compareVersions(mark, stored) > 0) return heldOf(secret, stored);
    const isThere = isSame(mark, stored) && hasBytes(secret, signed.bytes);
    return {
      kind: "settled",
      outcome: isThere
        ? { kind: "acknowledged" }
        : { kind: "superseded", by: stored },
    };
  }

  /** Forgets what is durable: the cluster has joined anew, and its old assignments were for another uid. */
  async reset(): Promise<void> {
    const secret = await this.#port.get(secretKind, secretId);
    const uid = secret && uidOf(secret);
    if (secret === undefined || uid === undefined) return;
    await this.#port.delete(secretKind, secretId, {
      uid,
      resourceVersion: resourceVersionOf(secret),
      propagation: "Background",
    });
  }

  #write(
    before: HeldSecret | undefined,
    signed: SignedEnvelope,
    mark: StoredMark,
  ): Promise<KubeObject> {
    const object: KubeObject = {
      apiVersion: "v1",
      kind: "Secret",
      type: "Opaque",
      metadata: {
        ...secretId,
        labels: { "app.kubernetes.io/managed-by": "wheelhouse" },
        ...(before === undefined
          ? {}
          : { resourceVersion: before.resourceVersion }),
      },
      data: {
        epoch: base64(String(mark.epoch)),
        seq: base64(String(mark.seq)),
        root: base64(mark.root),
        envelope: base64(gzipSync(signed.bytes)),
        signature: base64(signed.signature),
        delegation: base64(signed.delegation),
      },
    };
    return before === undefined
      ? this.#port.create(object)
      : this.#port.update(object);
  }
}

function heldOf(secret: KubeObject, mark: StoredMark): HeldSecret {
  return { kind: "held", mark, resourceVersion: resourceVersionOf(secret) };
}

/** Reads the Secret. Throws `KubeError` where it is damaged: acting on half of it could break the ratchet. */
function parseStored(secret: KubeObject): StoredAssignment {
  const data = dataOf(secret);
  return {
    mark: parseMark(secret),
    signed: {
      bytes: unpack(field(data, "envelope")),
      signature: field(data, "signature"),
      delegation: field(data, "delegation"),
    },
  };
}

function parseMark(secret: KubeObject): StoredMark {
  const data = dataOf(secret);
  const root = field(data, "root").toString("utf8");
  const epoch = countOf(field(data, "epoch"));
  const seq = countOf(field(data, "seq"));
  if (!isDigest(root) || epoch === undefined || seq === undefined) {
    throw damaged();
  }
  return { epoch, seq, root };
}

function dataOf(secret: KubeObject): JsonObject {
  const data = secret["data"];
  return isJsonObject(data) ? data : {};
}

function field(data: JsonObject, key: string): Buffer {
  const text = data[key];
  if (typeof text !== "string") throw damaged();
  return Buffer.from(text, "base64");
}

function damaged(): KubeError {
  return new KubeError(
    "invalid",
    `Secret/${secretId.namespace}/${secretId.name}: the stored assignment is damaged, and not acted on; put the Secret back from a backup, or delete it`,
  );
}

function unpack(packed: Uint8Array): Buffer {
  try {
    return gunzipSync(packed, { maxOutputLength: maxEnvelopeBytes });
  } catch {
    throw damaged();
  }
}

/** Nothing at all is no count: read as 0 it would let every older assignment in. */
function countOf(bytes: Buffer): number | undefined {
  const text = bytes.toString("utf8");
  const value = Number(text);
  return /^\d+$/.test(text) && Number.isSafeInteger(value) ? value : undefined;
}

function isSame(a: StoredMark, b: StoredMark): boolean {
  return a.epoch === b.epoch && a.seq === b.seq && a.root === b.root;
}

/** The root covers the bundles only: two envelopes of one version may differ in what may be deleted. */
function hasBytes(secret: KubeObject | undefined, bytes: Uint8Array): boolean {
  if (secret === undefined) return false;
  return unpack(field(dataOf(secret), "envelope")).equals(bytes);
}

function isRace(error: unknown): boolean {
  return (
    error instanceof KubeError &&
    ["stale", "conflict", "alreadyExists", "notFound"].includes(error.reason)
  );
}

function base64(value: string | Uint8Array): string {
  return Buffer.from(value).toString("base64");
}
