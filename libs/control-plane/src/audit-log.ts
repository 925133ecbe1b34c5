import { open } from "node:fs/promises";

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
  /** What was sent and answered; absent unless bodies are logged. */
  readonly requestObject?: unknown;
  readonly responseObject?: unknown;
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
}

/** Every write once, when its answer was complete; a dry run is listed too, its `requestURI` says so. Of the named users the reads are listed as well, a watch when it ends. With bodies, what each write sent and was answered stands beside it, Secrets included: for tests only. */
export const auditPolicyOf = (
  readers: readonly string[],
  hasBodies = false,
): string =>
  JSON.stringify({
    apiVersion: "audit.k8s.io/v1",
    kind: "Policy",
    omitStages: ["RequestReceived", "ResponseStarted"],
    rules: [
      {
        level: hasBodies ? "RequestResponse" : "Metadata",
        verbs: ["create", "update", "patch", "delete", "deletecollection"],
      },
      ...(readers.length === 0 ? [] : [{ level: "Metadata", users: readers }]),
      { level: "None" },
    ],
  });

const isEvent = (value: unknown): value is AuditEvent =>
  typeof value === "object" &&
  value !== null &&
  "stage" in value &&
  value.stage === "ResponseComplete";

/** Reads the finished requests in the order in which they ended. Each call gives all of them and reads only what was added since the one before; a line that is still being written is left for later. */
export const followAuditLog = (path: string): (() => Promise<AuditEvent[]>) => {
  const events: AuditEvent[] = [];
  let offset = 0;
  let reading: Promise<unknown> = Promise.resolve();
  const readOn = async () => {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const added = Buffer.alloc(size - offset);
      await file.read(added, 0, added.length, offset);
      const end = added.lastIndexOf(10) + 1;
      const lines = added.subarray(0, end).toString("utf8").split("\n");
      lines.pop();
      offset += end;
      events.push(
        ...lines.map((line) => JSON.parse(line) as unknown).filter(isEvent),
      );
    } finally {
      await file.close();
    }
  };
  return async () => {
    reading = reading.catch(() => undefined).then(readOn);
    await reading;
    return [...events];
  };
};
