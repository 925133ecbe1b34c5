import { X509Certificate } from "node:crypto";

/** A PEM text of DER certificates, in order. */
export function formatPemChain(chain: readonly Uint8Array[]): string {
  return chain.map((der) => new X509Certificate(der).toString()).join("");
}

/** When a chain's leaf begins and ends, in milliseconds by the wall clock. Throws for an empty chain: there is no identity without one. */
export function lifetimeOf(chain: readonly Uint8Array[]): {
  readonly beginMs: number;
  readonly endMs: number;
} {
  const [leaf] = chain;
  if (leaf === undefined) throw new Error("certificate chain: empty");
  const certificate = new X509Certificate(leaf);
  return {
    beginMs: Date.parse(certificate.validFrom),
    endMs: Date.parse(certificate.validTo),
  };
}
