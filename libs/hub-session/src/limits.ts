import { staleAfterMs } from "@wheelhouse/status";

/** The bounds of a spoke's side of the link, beside those of the protocol. */
export const spokeLimits = {
  /** Bytes of artifacts that one assignment may lack in all. */
  missingBytes: 512 * 1024 * 1024,
  /** One that is missing or damaged of the acknowledged assignment is fetched again no sooner over the same connection. */
  mendAgainMs: 600_000,
  /** Artifacts fetched at once; a hub serves 16 under one key. */
  parallelFetches: 12,
  /** A connection that hears nothing for so long is broken off: from then on the hub calls this cluster Stale. */
  silenceMs: staleAfterMs,
  /** A hub that does not answer a hello within this is given up. */
  welcomeMs: 20_000,
} as const;
