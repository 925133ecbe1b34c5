import { Agent, request } from "node:https";

/** One of the two servers that are compared. */
export interface ApiSide {
  readonly name: "simulated" | "real";
  readonly url: string;
  readonly caCert: string;
  readonly token: string;
  readonly kubeconfigPath: string;
}

/** A request as a sequence makes it. */
export interface SideRequest {
  readonly method: string;
  /** Query included. */
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  /** Stop reading after this many lines: for watches. */
  readonly lines?: number;
}

/** An answer: its code, its Warning headers, and its body, parsed where it is JSON; a watch's lines as a list. */
export interface SideAnswer {
  readonly code: number;
  readonly warnings: readonly string[];
  readonly body: unknown;
}

const deadlineMs = 15_000;
const agent = new Agent({ keepAlive: true, maxSockets: 8 });

/** Sends one request, and reads its answer whole or up to the wanted number of lines. */
export function send(side: ApiSide, wanted: SideRequest): Promise<SideAnswer> {
  const body =
    wanted.body === undefined
      ? undefined
      : typeof wanted.body === "string"
        ? wanted.body
        : JSON.stringify(wanted.body);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${side.url}${wanted.path}`,
      {
        method: wanted.method,
        agent,
        ca: side.caCert,
        signal: AbortSignal.timeout(deadlineMs),
        headers: {
          authorization: `Bearer ${side.token}`,
          "user-agent": "fidelity/1",
          accept: wanted.accept ?? "application/json",
          ...(body === undefined
            ? {}
            : {
                "content-type": wanted.contentType ?? "application/json",
                "content-length": Buffer.byteLength(body),
              }),
        },
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        const finish = () => {
          resolve({
            code: response.statusCode ?? 0,
            warnings: [response.headers["warning"] ?? []].flat().map(String),
            body:
              wanted.lines === undefined
                ? parse(text)
                : parseLines(text, wanted.lines),
          });
        };
        response.on("data", (chunk: string) => {
          text += chunk;
          if (wanted.lines === undefined) return;
          if (text.split("\n").length <= wanted.lines) return;
          finish();
          response.destroy();
        });
        response.on("end", finish);
        response.on("error", () => finish());
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

const parseLines = (text: string, count: number) =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .slice(0, count)
    .map(parse);
