/**
 * Why the API server, or the way to it, refused. `conflict` is a server-side
 * apply conflict with other managers, `stale` a resourceVersion or uid that no
 * longer holds, `invalid` a 422 or 400, `unknownKind` a kind that is not
 * served, `terminating` a namespace on its way out.
 */
export type KubeErrorReason =
  | "conflict"
  | "stale"
  | "invalid"
  | "immutable"
  | "forbidden"
  | "unauthorized"
  | "notFound"
  | "alreadyExists"
  | "gone"
  | "throttled"
  | "tooLarge"
  | "unknownKind"
  | "terminating"
  | "denied"
  | "server"
  | "unreachable"
  | "timeout";

/** One field over which a server-side apply conflicts. */
export interface FieldConflict {
  readonly manager: string;
  /** As the server writes it: `.spec.replicas`. */
  readonly field: string;
}

/** What a Kubernetes request ended with when it did not succeed. */
export class KubeError extends Error {
  readonly reason: KubeErrorReason;
  /** The HTTP status, or 0 where none came. */
  readonly code: number;
  readonly conflicts: readonly FieldConflict[];
  /** From Retry-After, where the server sent it. */
  readonly retryAfterMs: number | undefined;

  constructor(
    reason: KubeErrorReason,
    message: string,
    details: {
      readonly code?: number;
      readonly conflicts?: readonly FieldConflict[];
      readonly retryAfterMs?: number;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: details.cause });
    this.name = "KubeError";
    this.reason = reason;
    this.code = details.code ?? 0;
    this.conflicts = details.conflicts ?? [];
    this.retryAfterMs = details.retryAfterMs;
  }
}

const verdicts: ReadonlySet<KubeErrorReason> = new Set([
  "invalid",
  "immutable",
  "forbidden",
  "denied",
  "tooLarge",
] as const);

/** Whether the server looked at what was sent, and will not have it: asking again ends the same until something else changes. */
export function isVerdict({ reason }: KubeError): boolean {
  return verdicts.has(reason);
}
