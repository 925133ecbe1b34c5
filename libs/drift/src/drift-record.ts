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

/** A field that was found to differ, and who wrote it. */
export interface FoundField extends DriftField {
  /** The manager that managedFields name as its last writer, or of a field that is gone, as the last who updated something else in the same place; null where nothing tells. */
  readonly writer: string | null;
}

/** The drift of one field of an object, or of a whole object that was gone, from when it was first seen. */
export interface DriftRecord {
  readonly object: ObjectId;
  readonly bundle: string;
  /** The field; empty where the whole object was gone. A spoke of an earlier version has up to 20 fields of an object here. */
  readonly fields: readonly DriftField[];
  /** Whether the object itself was deleted. */
  readonly missing: boolean;
  /** The manager that managedFields name as last writer of the field; null where nothing tells. */
  readonly writer: string | null;
  /** RFC 3339. */
  readonly firstSeen: string;
  readonly lastSeen: string;
  /** How often this field has drifted since the spoke started, or since it was dropped from a full ledger. */
  readonly times: number;
  readonly state: DriftState;
  /** Why it is blocked, or empty. */
  readonly message: string;
}
