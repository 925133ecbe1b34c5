import { type Agent, request } from "node:https";

/** Where an API server is and as whom to speak to it. */
export interface ApiAccess {
  readonly url: string;
  readonly caCert: string;
  readonly token: string;
  readonly agent: Agent;
}

/** A request to the API server; `body` is sent as JSON. */
export interface ApiRequest {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** With a leading slash, query included. */
  readonly path: string;
  readonly body?: unknown;
  /** Default `application/json`. */
  readonly contentType?: string;
  /** Default `wheelhouse-control-plane`. */
  readonly userAgent?: string;
  /** For the whole exchange, default 10 s. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** An answer: its status, and its body parsed when it is JSON, else as text. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

const maxAnswerChars = 64 * 1024 * 1024;

const parseBody = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text; // health endpoints answer in plain text
  }
};

/** Sends one request and reads the whole answer (64 MiB at most); rejects when the connection or the bound fails. */
export const sendApiRequest = (
  access: ApiAccess,
  options: ApiRequest,
): Promise<ApiAnswer> =>
  new Promise((resolve, reject) => {
    const deadline = AbortSignal.timeout(options.timeoutMs ?? 10_000);
    const body =
      options.body === undefined ? undefined : JSON.stringify(options.body);
    const sent = request(
      `${access.url}${options.path}`,
      {
        method: options.method ?? "GET",
        ca: access.caCert,
        agent: access.agent,
        signal:
          options.signal === undefined
            ? deadline
            : AbortSignal.any([deadline, options.signal]),
        headers: {
          authorization: `Bearer ${access.token}`,
          accept: "application/json",
          "user-agent": options.userAgent ?? "wheelhouse-control-plane",
          ...(body === undefined
            ? {}
            : { "content-type": options.contentType ?? "application/json" }),
        },
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
          if (text.length > maxAnswerChars) {
            response.destroy(new Error(`${options.path}: answer too long`));
          }
        });
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            body: parseBody(text),
          }),
        );
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
