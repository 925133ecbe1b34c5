import {
  type Json,
  type JsonObject,
  canonicalJson,
  compareBytewise,
  compareObjectIds,
  isJsonList,
  isJsonObject,
} from "@wheelhouse/kube-object";
import {
  type AllowedDeletion,
  type AssignedBundle,
  type BundleName,
  type Revision,
  bundleDigest,
} from "./bundle.ts";
import { type Digest, isDigest } from "./digest.ts";
import { merkleRoot } from "./merkle-root.ts";

/** Which hub lineage, and the how-manieth assignment in it. Pairs only ever grow. */
export interface AssignmentVersion {
  readonly epoch: number;
  readonly seq: number;
}

/**
 * Everything one cluster should run, addressed to one incarnation of it.
 * Revision, epoch, seq, times, `allowDelete` and `released` are not part of
 * the root.
 */
export interface Envelope extends AssignmentVersion {
  readonly format: 1;
  readonly fleet: string;
  /** The cluster's name: its durable role. */
  readonly cluster: string;
  /** The cluster's uid: the one incarnation that may act on it. */
  readonly audience: string;
  readonly root: Digest;
  readonly revision: Revision;
  /** RFC 3339, for people; nothing is decided by it. */
  readonly issuedAt: string;
  readonly bundles: readonly AssignedBundle[];
  readonly allowDelete: readonly AllowedDeletion[];
  /** Bundles that left Git while a person had them suspended, and that a person resumed since: what is left of them may be deleted as if they had never been suspended. Absent for none. */
  readonly released?: readonly BundleName[];
}

/** An envelope's exact bytes, its signature, and the delegation under which it was signed. */
export interface SignedEnvelope {
  readonly bytes: Uint8Array;
  readonly signature: Uint8Array;
  /** The signed delegation, as `trust` encodes it. */
  readonly delegation: Uint8Array;
}

/** The text in front of an envelope's bytes when they are signed, so that no other signature fits. */
export const envelopeSignatureDomain = "wheelhouse.dev/assignment/v1\n";

/** A jump of seq beyond this is refused: a stolen key must not block what follows. */
export const maxSeqJump = 2 ** 20;

/** What an envelope is made from; the root and the orders follow. */
export type EnvelopeContent = Omit<Envelope, "format" | "root">;

/** Makes an envelope: bundles sorted by name, the root computed from their digests. */
export function createEnvelope({
  released = [],
  ...content
}: EnvelopeContent): Envelope {
  const bundles = [...content.bundles].sort((a, b) =>
    compareBytewise(a.spec.name, b.spec.name),
  );
  const names = [...released].sort(compareBytewise);
  return {
    format: 1,
    ...content,
    bundles,
    allowDelete: [...content.allowDelete].sort(compareObjectIds),
    ...(names.length === 0 ? {} : { released: names }),
    root: rootOf(bundles),
  };
}

/** The root of a set of bundles. */
export function rootOf(bundles: readonly AssignedBundle[]): Digest {
  return merkleRoot(
    bundles.map(({ spec, digest }) => ({ name: spec.name, digest })),
  );
}

/** The exact bytes that are signed and sent. */
export function encodeEnvelope(envelope: Envelope): Uint8Array {
  return Buffer.from(canonicalJson(envelope as unknown as JsonObject), "utf8");
}

/** The outcome of reading an envelope. */
export type EnvelopeResult =
  | { readonly ok: true; readonly envelope: Envelope }
  | { readonly ok: false; readonly problem: string };

/**
 * Reads an envelope whose signature has been verified, and checks what the
 * signature does not: the format, every bundle's digest, and the root.
 */
export function decodeEnvelope(bytes: Uint8Array): EnvelopeResult {
  const value = parseUtf8(bytes);
  if (!isEnvelopeShape(value)) {
    return {
      ok: false,
      problem: "envelope: unknown format; are hub and spoke compatible?",
    };
  }
  const wrong = value.bundles.find(
    ({ spec, digest }) => bundleDigest(spec) !== digest,
  );
  if (wrong !== undefined) {
    return {
      ok: false,
      problem: `${wrong.spec.name}: the bundle does not have its digest`,
    };
  }
  return rootOf(value.bundles) === value.root
    ? { ok: true, envelope: value }
    : { ok: false, problem: "envelope: the bundles do not have its root" };
}

function parseUtf8(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return undefined;
  }
}

/** The outer shape; the digests vouch for the inside of each bundle. */
function isEnvelopeShape(value: unknown): value is Envelope {
  return (
    isJsonObject(value) &&
    value["format"] === 1 &&
    ["fleet", "cluster", "audience", "issuedAt"].every(
      (key) => typeof value[key] === "string",
    ) &&
    isCount(value["epoch"]) &&
    isCount(value["seq"]) &&
    isDigest(value["root"]) &&
    isJsonObject(value["revision"]) &&
    isJsonList(value["allowDelete"]) &&
    isAbsentOrNames(value["released"]) &&
    isJsonList(value["bundles"]) &&
    value["bundles"].every(
      (bundle) =>
        isJsonObject(bundle) &&
        isDigest(bundle["digest"]) &&
        isJsonObject(bundle["revision"]) &&
        isJsonObject(bundle["spec"]) &&
        typeof bundle["spec"]["name"] === "string",
    )
  );
}

function isAbsentOrNames(value: Json | undefined): boolean {
  if (value === undefined) return true;
  return isJsonList(value) && value.every((name) => typeof name === "string");
}

function isCount(value: Json | undefined): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** Orders versions: by epoch, then by seq. */
export function compareVersions(
  a: AssignmentVersion,
  b: AssignmentVersion,
): number {
  return a.epoch - b.epoch || a.seq - b.seq;
}
