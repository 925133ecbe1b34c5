import { type Role } from "@wheelhouse/rest-api";
import { type FastifyReply, type FastifyRequest } from "fastify";
import { type HubLog } from "../log.ts";
import { findRule, isAtLeast } from "../people/access-policy.ts";
import { type People, type Principal } from "../people/people.ts";
import { HttpProblem } from "./hub-problem.ts";
import { sendProblem } from "./problem-filter.ts";

/** The cookie of a logged-in page. */
export const sessionCookie = "wheelhouse_session";

/** The header that no form of a foreign page can send. */
const requestHeader = "x-wheelhouse";

const principals = new WeakMap<FastifyRequest, Principal>();

/** Who asks; throws where the route lets anybody in. */
export function principalOf(request: FastifyRequest): Principal {
  const principal = principals.get(request);
  if (principal === undefined) throw noPrincipal(request);
  return principal;
}

/** Refuses every request that the table of access does not permit, before anything else looks at it. */
export function createAccessHook(people: People, log: HubLog) {
  return async (
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply | undefined> => {
    try {
      await admit(request, people);
      return undefined;
    } catch (error) {
      sendProblem(reply, error, log);
      return reply;
    }
  };
}

async function admit(request: FastifyRequest, people: People): Promise<void> {
  const { method } = request;
  const path = request.routeOptions.url;
  const rule = path === undefined ? undefined : findRule(method, path);
  if (rule?.access === "public" && !isApi(request)) return;
  if (rule?.access === "public" && path !== "/*") return;
  const principal = await identify(request, people);
  if (principal === null) throw noPrincipal(request);
  if (rule === undefined || path === "/*") {
    throw HttpProblem.notFound(`${method} ${request.url.split("?")[0]}`);
  }
  if (principal.byCookie && method !== "GET" && method !== "HEAD") {
    requireOwnPage(request);
  }
  const needed = rule.access as Role;
  if (!isAtLeast(principal.role, needed)) {
    throw new HttpProblem(
      403,
      `${principal.name} is ${principal.role}; this needs ${needed}`,
      {
        advice: `Ask an admin for a token: wheelhouse token create NAME --role ${needed}`,
      },
    );
  }
  principals.set(request, principal);
}

/** Under the API nothing is part of the page. */
function isApi({ url }: FastifyRequest): boolean {
  return /^\/+api(\/|$|\?)/i.test(url);
}

/** Which of the reasons it is stays unsaid: it would tell a guesser which tokens there were. */
function noPrincipal({ headers }: FastifyRequest): HttpProblem {
  const isBearer = headers.authorization !== undefined;
  return new HttpProblem(
    401,
    isBearer
      ? "the hub does not take this token: it has expired, was deleted, or is another hub's"
      : "this needs a principal",
    {
      advice:
        "Log in: wheelhouse login SERVER --token-file FILE, or open the login link that the hub printed.",
    },
  );
}

async function identify(
  { headers }: FastifyRequest,
  people: People,
): Promise<Principal | null> {
  const bearer = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(
    headers.authorization ?? "",
  )?.[1];
  if (bearer !== undefined) return people.identify(bearer, "token");
  const cookie = readCookie(headers.cookie ?? "", sessionCookie);
  return cookie === undefined ? null : people.identify(cookie, "session");
}

/** A cookie speaks by itself: the request must come from our own page. */
function requireOwnPage({ headers }: FastifyRequest): void {
  const { origin, host } = headers;
  const isOwn = origin === undefined || hostOf(origin) === host;
  if (headers[requestHeader] === undefined || !isOwn) {
    throw new HttpProblem(403, "the request does not come from the page");
  }
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

function readCookie(header: string, name: string): string | undefined {
  for (const pair of header.slice(0, 8_192).split(";")) {
    const [key = "", value = ""] = pair.trim().split("=");
    if (key === name) return value;
  }
  return undefined;
}
