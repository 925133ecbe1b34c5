import { type IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";

/** Who asks: a name, or undefined for a caller who could not be recognised. */
export interface Caller {
  readonly user: string;
  readonly impersonator: string | undefined;
}

/** Names by bearer token. */
export type Tokens = ReadonlyMap<string, string>;

/** The caller of a request, by bearer token, else by client certificate; impersonation headers are honoured for all. */
export function callerOf(
  message: IncomingMessage,
  tokens: Tokens,
): Caller | undefined {
  const user = tokenUser(message, tokens) ?? certificateUser(message);
  if (user === undefined) return undefined;
  const impersonated = message.headers["impersonate-user"];
  return typeof impersonated === "string" && impersonated !== ""
    ? { user: impersonated, impersonator: user }
    : { user, impersonator: undefined };
}

function tokenUser(
  message: IncomingMessage,
  tokens: Tokens,
): string | undefined {
  const [scheme, token = ""] = (message.headers.authorization ?? "").split(" ");
  return scheme?.toLowerCase() === "bearer" ? tokens.get(token) : undefined;
}

function certificateUser(message: IncomingMessage): string | undefined {
  const { socket } = message;
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const name = socket.getPeerCertificate().subject?.CN;
  return typeof name === "string" && name !== "" ? name : undefined;
}
