import { type IncomingHttpHeaders } from "node:http";
import { type ApiCall } from "./api-call.ts";

/** An answer of an API server, whole. */
export interface ServerAnswer {
  readonly code: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const reasons: Readonly<Record<number, string>> = {
  401: "Unauthorized",
  403: "Forbidden",
  409: "Conflict",
  410: "Expired",
  422: "Invalid",
  429: "TooManyRequests",
  500: "InternalError",
  503: "ServiceUnavailable",
  504: "Timeout",
};

/** A failure as an API server words it. */
export function failure(
  fault: {
    readonly code: number;
    readonly retryAfterSeconds?: number;
    readonly conflictWith?: {
      readonly manager: string;
      readonly field: string;
    };
  },
  { name, resource }: ApiCall,
): ServerAnswer {
  const { code, retryAfterSeconds, conflictWith } = fault;
  const causes =
    conflictWith === undefined
      ? []
      : [
          {
            reason: "FieldManagerConflict",
            message: `conflict with "${conflictWith.manager}"`,
            field: conflictWith.field,
          },
        ];
  const status = {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: `injected fault: ${code}`,
    reason: reasons[code] ?? "Unknown",
    details: {
      name,
      kind: resource,
      ...(causes.length === 0 ? {} : { causes }),
    },
    code,
  };
  return {
    code,
    headers: {
      "content-type": "application/json",
      ...(retryAfterSeconds === undefined
        ? {}
        : { "retry-after": String(retryAfterSeconds) }),
    },
    body: Buffer.from(JSON.stringify(status)),
  };
}

/** A list's answer without its items; any other answer as it is. */
export function emptied(answer: ServerAnswer): ServerAnswer {
  if (answer.code !== 200) return answer;
  const list = JSON.parse(answer.body.toString("utf8")) as object;
  const { "content-encoding": _, ...headers } = answer.headers;
  return {
    ...answer,
    headers,
    body: Buffer.from(JSON.stringify({ ...list, items: [] })),
  };
}
