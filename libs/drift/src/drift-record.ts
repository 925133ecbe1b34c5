import { type ObjectId } from "@wheelhouse/kube-object";

/**
 * What became of a drift: `open` while it differs and nothing was done yet,
 * `healed` when our value is back, `reported` in mode `warn`, `blocked` when
 * healing was tried and refused.
 */
export type DriftState = "open" | "healed" | "reported" | "blocked";

/** One field that differs from what we applied. Values are JSON texts, cut at 256 characters, and `(redacted)` in a Secret. */
export interface DriftField {
  /** As the API server writes it: `spec.replicas`. */
  readonly path: string;
  /** What we applied; null where we applied nothing there. */
  readonly wanted: string | null;
  /** What was found; null where nothing was there. */
  readonly found: string | null;
}

/** One object's drift, from when it was first seen. At most 20 fields are kept. */
export interface DriftRecord {
  readonly object: ObjectId;
  readonly bundle: string;
  /** Empty where the whole object was gone. */
  readonly fields: readonly DriftField[];
  /** Whether the object itself was deleted. */
  readonly missing: boolean;
  /** The manager that managedFields name as last writer of a differing field; null where nothing tells. */
  readonly writer: string | null;
  /** RFC 3339. */
  readonly firstSeen: string;
  readonly lastSeen: string;
  /** How often this object has drifted since the spoke started. */
  readonly times: number;
  readonly state: DriftState;
  /** Why it is blocked, or empty. */
  readonly message: string;
}
