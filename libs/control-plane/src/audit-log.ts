import { readFile } from "node:fs/promises";

/** One finished request, as the API server's audit log has it: a write, or a read of a user whose reads are logged. */
export interface AuditEvent {
  readonly auditID: string;
  readonly stage: string;
  readonly verb: string;
  readonly requestURI: string;
  readonly user: {
    readonly username: string;
    readonly groups?: readonly string[];
  };
  readonly impersonatedUser?: { readonly username: string };
  readonly userAgent?: string;
  readonly objectRef?: {
    readonly resource?: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly apiGroup?: string;
    readonly apiVersion?: string;
    readonly subresource?: string;
  };
  readonly responseStatus?: { readonly code?: number };
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
}

/** Every write once, when its answer was complete; a dry run is listed too, its `requestURI` says so. Of the named users the reads are listed as well, a watch when it ends. */
export const auditPolicyOf = (readers: readonly string[]): string =>
  JSON.stringify({
    apiVersion: "audit.k8s.io/v1",
    kind: "Policy",
    omitStages: ["RequestReceived", "ResponseStarted"],
    rules: [
      ...(readers.length === 0 ? [] : [{ level: "Metadata", users: readers }]),
      {
        level: "Metadata",
        verbs: ["create", "update", "patch", "delete", "deletecollection"],
      },
      { level: "None" },
    ],
  });

const isEvent = (value: unknown): value is AuditEvent =>
  typeof value === "object" &&
  value !== null &&
  "stage" in value &&
  value.stage === "ResponseComplete";

/** Reads the finished requests in the order in which they ended; a line that is still being written is left for later. */
export const readAuditLog = async (path: string): Promise<AuditEvent[]> => {
  const lines = (await readFile(path, "utf8")).split("\n");
  lines.pop(); // empty, or the line that is being written
  return lines.map((line) => JSON.parse(line) as unknown).filter(isEvent);
};
