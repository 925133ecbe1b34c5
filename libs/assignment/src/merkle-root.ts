import { createHash } from "node:crypto";
import { compareBytewise } from "@wheelhouse/kube-object";
import { type Digest, digestBytes } from "./digest.ts";

/** One leaf of an assignment's tree: a bundle's name and its digest. */
export interface RootLeaf {
  readonly name: string;
  readonly digest: Digest;
}

/**
 * The Merkle digest over an assignment's bundles: the tree of RFC 6962 over
 * leaves sorted bytewise by name, each the name in UTF-8, one zero byte and
 * the 32 bytes of the bundle digest. Equal roots mean equal desired state as
 * the hub knows it. The root of no bundles is the digest of nothing.
 */
export function merkleRoot(leaves: readonly RootLeaf[]): Digest {
  const hashes = [...leaves]
    .sort((a, b) => compareBytewise(a.name, b.name))
    .map(hashLeaf);
  return `sha256:${hashTree(hashes).toString("hex")}`;
}

function hashLeaf({ name, digest }: RootLeaf): Buffer {
  return createHash("sha256")
    .update(Uint8Array.of(0))
    .update(name, "utf8")
    .update(Uint8Array.of(0))
    .update(digestBytes(digest))
    .digest();
}

function hashTree(hashes: readonly Buffer[]): Buffer {
  const [first] = hashes;
  if (first === undefined) return createHash("sha256").digest();
  if (hashes.length === 1) return first;
  const split = largestPowerOfTwoBelow(hashes.length);
  return createHash("sha256")
    .update(Uint8Array.of(1))
    .update(hashTree(hashes.slice(0, split)))
    .update(hashTree(hashes.slice(split)))
    .digest();
}

function largestPowerOfTwoBelow(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}
