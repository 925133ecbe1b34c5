import {
  type FieldConflict,
  KubeError,
  type KubeErrorReason,
} from "@wheelhouse/kube-apply";
import {
  type Json,
  isJsonList,
  isJsonObject,
  parseJson,
} from "@wheelhouse/kube-object";
import { scrubCause, scrubMessage } from "./scrubbed-message.ts";
import { type HttpResponse } from "./transport.ts";

/** What a request was about, for messages: `Deployment/webapp/api`, and whether its values are secret. */
export interface RequestSubject {
  readonly text: string;
  readonly isSecret: boolean;
}

/** One cause in a Status object. */
export interface StatusCause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

/** A Status object, as far as we read it. `name` is that of the object which the server did not find. */
interface ServerStatus {
  readonly isStatus: boolean;
  readonly reason: string;
  readonly message: string;
  readonly name: string;
  readonly retryAfterSeconds: number | undefined;
  readonly causes: readonly StatusCause[];
}

/** Longest message of an error, in characters. */
const maxMessageLength = 1_024;

/** The error that an answer of 400 or more means. Its message names the subject, and echoes nothing that was sent. */
export function kubeErrorOf(
  response: HttpResponse,
  subject: RequestSubject,
): KubeError {
  const status = readStatus(response.body);
  const reason = reasonOf(response.status, status);
  const conflicts = reason === "conflict" ? conflictsOf(status.causes) : [];
  const retryAfterMs = retryAfterOf(response, status);
  const text = messageOf(response.status, reason, status, subject);
  return new KubeError(
    reason,
    `${subject.text}: ${text}`.slice(0, maxMessageLength),
    {
      code: response.status,
      conflicts,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
  );
}

function readStatus(body: string): ServerStatus {
  const json = readJson(body);
  const details = isJsonObject(json) ? json["details"] : undefined;
  const causes = isJsonObject(details) ? details["causes"] : undefined;
  const seconds = isJsonObject(details)
    ? details["retryAfterSeconds"]
    : undefined;
  return {
    isStatus: isJsonObject(json) && json["kind"] === "Status",
    reason: textIn(json, "reason"),
    message: textIn(json, "message"),
    name: textIn(details, "name"),
    retryAfterSeconds: typeof seconds === "number" ? seconds : undefined,
    causes: (isJsonList(causes) ? causes : []).map((cause) => ({
      reason: textIn(cause, "reason"),
      message: textIn(cause, "message"),
      field: textIn(cause, "field"),
    })),
  };
}

function readJson(body: string): Json | undefined {
  try {
    return parseJson(body);
  } catch {
    // A proxy's page, or plain text such as `404 page not found`.
    return undefined;
  }
}

function textIn(value: Json | undefined, name: string): string {
  const text =
    isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return typeof text === "string" ? text : "";
}

const fixedReasons: Readonly<Record<number, KubeErrorReason>> = {
  401: "unauthorized",
  404: "notFound",
  408: "timeout",
  409: "stale",
  410: "gone",
  413: "tooLarge",
  429: "throttled",
  504: "timeout",
};

function reasonOf(code: number, status: ServerStatus): KubeErrorReason {
  if (code >= 500) {
    if (mistyped.test(status.message)) return "invalid";
    return fixedReasons[code] ?? "server";
  }
  switch (code) {
    case 400:
    case 422:
      return invalidReason(status);
    case 403:
      return forbiddenReason(status);
    case 404:
      // A path that is not served is answered without an object's name.
      return status.name === "" ? "unknownKind" : "notFound";
    case 409:
      return conflictReason(status);
    default:
      return fixedReasons[code] ?? "invalid";
  }
}

/** No field of a Status tells a denial by admission from others; its message always has one of these. */
const denial =
  /admission webhook .* denied the request|denied request:|exceeded quota|violates PodSecurity|failed quota|per (Container|Pod|PersistentVolumeClaim) is/;

/** An apply whose fields the schema does not have is answered with 500, though no waiting will mend it. */
const mistyped = /failed to create typed patch object/;

const immutable =
  /field is immutable|is immutable after|updates to statefulset spec for fields other than|may not change once set|may not be changed once set/;

function invalidReason(status: ServerStatus): KubeErrorReason {
  if (denial.test(status.message)) return "denied";
  const texts = [status.message, ...status.causes.map((one) => one.message)];
  return texts.some((text) => immutable.test(text)) ? "immutable" : "invalid";
}

function forbiddenReason(status: ServerStatus): KubeErrorReason {
  if (status.causes.some(({ reason }) => reason === "NamespaceTerminating")) {
    return "terminating";
  }
  return denial.test(status.message) ? "denied" : "forbidden";
}

function conflictReason(status: ServerStatus): KubeErrorReason {
  if (status.reason === "AlreadyExists") return "alreadyExists";
  return status.causes.some(({ reason }) => reason === "FieldManagerConflict")
    ? "conflict"
    : "stale";
}

/** `conflict with "kubectl-edit" using apps/v1` → kubectl-edit. */
function conflictsOf(causes: readonly StatusCause[]): readonly FieldConflict[] {
  return causes
    .filter(({ reason }) => reason === "FieldManagerConflict")
    .map(({ message, field }) => ({
      manager: unquote(/conflict with ("(?:[^"\\]|\\.)*")/.exec(message)?.[1]),
      field,
    }));
}

function unquote(quoted: string | undefined): string {
  if (quoted === undefined) return "";
  const value = readJson(quoted);
  return typeof value === "string" ? value : quoted.slice(1, -1);
}

function retryAfterOf(
  response: HttpResponse,
  status: ServerStatus,
): number | undefined {
  const seconds = /^\d+$/.test(response.retryAfter ?? "")
    ? Number(response.retryAfter)
    : status.retryAfterSeconds;
  return seconds === undefined ? undefined : seconds * 1_000;
}

function messageOf(
  code: number,
  reason: KubeErrorReason,
  status: ServerStatus,
  subject: RequestSubject,
): string {
  if (reason === "unknownKind") return "the server does not serve this kind";
  if (!status.isStatus) return `the server answered ${code}`;
  if (reason === "conflict") {
    const parts = conflictsOf(status.causes).map(
      ({ manager, field }) => `${field} (${manager})`,
    );
    return `conflicts with other managers: ${parts.join(", ")}`;
  }
  if (subject.isSecret) return secretMessage(code, status);
  if (code === 422 && status.causes.length > 0) {
    return status.causes.map(scrubCause).join("; ");
  }
  return scrubMessage(status.message || status.reason || String(code));
}

/** A Secret's values may stand anywhere in the server's words: only the reason and the fields' paths are kept. */
function secretMessage(code: number, status: ServerStatus): string {
  const fields = status.causes.map(({ field }) => field).filter(Boolean);
  const reason = status.reason || `the server answered ${code}`;
  return fields.length === 0 ? reason : `${reason} at ${fields.join(", ")}`;
}
