import { type FoundField } from "@wheelhouse/drift";
import { type KubeObject } from "@wheelhouse/kube-object";
import { KubeError } from "./kube-error.ts";

/** What an apply did to one object. `unchanged` took no write. */
export type ObjectAction =
  "created" | "configured" | "adopted" | "recreated" | "healed" | "unchanged";

/** A live object that was found to differ from what was applied last. */
export interface ObservedDrift {
  readonly missing: boolean;
  readonly fields: readonly FoundField[];
  readonly writer: string | null;
  readonly state: "healed" | "reported" | "blocked";
  /** Why it is blocked, or empty. */
  readonly message: string;
}

/** What became of one object. */
export type ObjectOutcome =
  | {
      readonly kind: "applied";
      readonly action: ObjectAction;
      /** The live object as the server answered, or as it was verified; undefined where a missing one is only reported. */
      readonly live: KubeObject | undefined;
      readonly drift?: ObservedDrift;
      /** Whether somebody had made the object anew, without our mark, before it was healed. */
      readonly wasRemade?: boolean;
      /** What the tool that had the object before leaves for a person to remove, in words. */
      readonly remains?: string;
    }
  /** Left alone because its annotations say so. */
  | {
      readonly kind: "skipped";
      readonly message: string;
      readonly live: KubeObject | undefined;
    }
  | {
      readonly kind: "refused";
      /** PascalCase, such as `Conflict`, `Immutable`, `OwnedByOther`. */
      readonly reason: string;
      readonly message: string;
      /** Whether time alone may mend it. */
      readonly isTransient: boolean;
      readonly retryAfterMs?: number;
      readonly drift?: ObservedDrift;
    };

/** An outcome that only a person, or another assignment, can mend. */
export function refuse(reason: string, message: string): ObjectOutcome {
  return { kind: "refused", reason, message, isTransient: false };
}

/** What an error of the API server means for the object that it was about. Anything else is a bug and thrown on. */
export function refusalOf(
  error: unknown,
): Extract<ObjectOutcome, { readonly kind: "refused" }> {
  if (!(error instanceof KubeError)) throw error;
  return {
    kind: "refused",
    reason: reasonNames[error.reason],
    message: error.message,
    isTransient: transientReasons.has(error.reason),
    ...(error.retryAfterMs === undefined
      ? {}
      : { retryAfterMs: error.retryAfterMs }),
  };
}

/** Whether waiting may mend what a request ended with. */
export function isTransient(error: unknown): boolean {
  return error instanceof KubeError && transientReasons.has(error.reason);
}

const transientReasons: ReadonlySet<KubeError["reason"]> = new Set([
  "stale",
  "throttled",
  "server",
  "unreachable",
  "timeout",
  "terminating",
  "gone",
] as const);

const reasonNames: Readonly<Record<KubeError["reason"], string>> = {
  conflict: "Conflict",
  stale: "Stale",
  invalid: "Invalid",
  immutable: "Immutable",
  forbidden: "Forbidden",
  unauthorized: "Unauthorized",
  notFound: "NotFound",
  alreadyExists: "AlreadyExists",
  gone: "Gone",
  throttled: "Throttled",
  tooLarge: "TooLarge",
  unknownKind: "UnknownKind",
  terminating: "NamespaceTerminating",
  denied: "Denied",
  server: "ServerError",
  unreachable: "Unreachable",
  timeout: "Timeout",
};

/** The object is on its way out. */
export function terminating(): ObjectOutcome {
  return {
    kind: "refused",
    reason: "Terminating",
    message: "it is being deleted, and comes back once it is gone",
    isTransient: true,
  };
}

/** The object could not be judged at any one version. */
export function moving(): ObjectOutcome {
  return {
    kind: "refused",
    reason: "Stale",
    message: "it changes faster than it can be judged",
    isTransient: true,
  };
}
