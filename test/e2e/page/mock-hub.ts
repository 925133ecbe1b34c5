import { readFile } from "node:fs/promises";
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { type AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import {
  type ApprovePrunesRequest,
  type FleetView,
  type Role,
  type RolloutActionRequest,
  approvalOf,
} from "@wheelhouse/rest-api";

/** As strict as the hub's own, under which `served-page.spec.ts` sees the page. */
export const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

/** A request that would have changed something. */
export interface RecordedPost {
  readonly path: string;
  readonly body: unknown;
  readonly isOurs: boolean;
}

/** A hub that shows whatever it is told to, for the page's tests. */
export interface MockHub {
  readonly url: string;
  readonly posts: readonly RecordedPost[];
  /** Shows another fleet, to every page that looks. */
  show(fleet: FleetView): void;
  /** Who is asking; null for nobody, until a login. */
  logIn(role: Role | null): void;
  /** Answers nothing and cuts every stream, as a hub that restarts; and is back on the same port. */
  stop(): Promise<void>;
  restart(): Promise<void>;
}

const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

const maxBodyBytes = 64 * 1024;

/** The code and the token that this hub takes. */
export const validLogin = { code: "one-time-code", token: "wh_valid" };

/** Starts a mock hub on loopback that serves the page from `root`. */
export async function startMockHub(options: {
  readonly root: string;
  readonly fleet: FleetView;
  readonly role?: Role | null;
}): Promise<MockHub> {
  let fleet = options.fleet;
  let role: Role | null = options.role === undefined ? "admin" : options.role;
  let server: Server | undefined;
  let port = 0;
  const posts: RecordedPost[] = [];
  const streams = new Set<ServerResponse>();

  const sendFleet = (stream: ServerResponse) =>
    stream.write(`event: fleet\ndata: ${JSON.stringify(fleet)}\n\n`);

  const answerApi = async (
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
  ) => {
    if (path === "/api/v1/login" && request.method === "POST") {
      const body = (await readBody(request)) as Partial<typeof validLogin>;
      const fits =
        body.code === validLogin.code || body.token === validLogin.token;
      if (fits) role = "operator";
      if (fits) return sendJson(response, 200, {});
      return sendProblem(response, 401, "the code was used, or is too old");
    }
    if (role === null) {
      return sendProblem(response, 401, "no session and no token");
    }
    if (path === "/api/v1/whoami") {
      return sendJson(response, 200, { name: `${role}-1`, role });
    }
    if (path === "/api/v1/fleet") return sendJson(response, 200, fleet);
    if (path === "/api/v1/events") {
      response.writeHead(200, { "content-type": "text/event-stream" });
      streams.add(response);
      response.on("close", () => streams.delete(response));
      sendFleet(response);
      return;
    }
    if (request.method === "POST") {
      const body = await readBody(request);
      const isOurs = request.headers["x-wheelhouse"] === "1";
      posts.push({ path, body, isOurs });
      if (path === "/api/v1/logout") role = null;
      const conflict = findConflict(fleet, body);
      if (conflict !== "") return sendProblem(response, 409, conflict);
      return sendJson(response, 200, fleet.rollouts[0] ?? {});
    }
    sendProblem(response, 404, `no such route: ${path}`);
  };

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname } = new URL(request.url ?? "/", "http://hub.local");
    response.setHeader("content-security-policy", pagePolicy);
    response.setHeader("x-content-type-options", "nosniff");
    if (pathname.startsWith("/api/")) {
      await answerApi(request, response, pathname);
    } else {
      await sendFile(response, options.root, pathname);
    }
  };

  const listen = () =>
    new Promise<void>((resolve, reject) => {
      server = createServer((request, response) => {
        answer(request, response).catch((error: unknown) => {
          response.destroy(error instanceof Error ? error : undefined);
        });
      });
      server.once("error", reject);
      server.listen(port, "127.0.0.1", () => {
        port = (server?.address() as AddressInfo).port;
        resolve();
      });
    });

  const stop = () =>
    new Promise<void>((resolve) => {
      server?.close(() => resolve());
      server?.closeAllConnections();
    });

  await listen();
  return {
    url: `http://127.0.0.1:${port}`,
    posts,
    show: (next) => {
      fleet = next;
      for (const stream of streams) sendFleet(stream);
    },
    logIn: (next) => {
      role = next;
    },
    stop,
    restart: listen,
  };
}

/** As the hub refuses: a rollout of another generation than the person saw, a deletion that is held no longer. */
function findConflict(fleet: FleetView, body: unknown): string {
  const { generation, objects = [] } = body as RolloutActionRequest &
    Partial<ApprovePrunesRequest>;
  const current = fleet.rollouts[0]?.generation;
  if (generation !== undefined && generation !== current) {
    return `the rollout is at generation ${current}, not ${generation}`;
  }
  const held = new Set(
    approvalOf(fleet.prunes).objects.map((one) => JSON.stringify(one)),
  );
  const gone = objects.filter((one) => !held.has(JSON.stringify(one)));
  return gone.map(({ key }) => `${key} is held no longer`).join("; ");
}

async function sendFile(
  response: ServerResponse,
  root: string,
  pathname: string,
) {
  // Every path of the page is the same document: the address is its own affair.
  const name = extname(pathname) === "" ? "/index.html" : normalize(pathname);
  const type = contentTypes[extname(name)];
  const bytes = await readFile(join(root, name)).catch(() => undefined);
  if (bytes === undefined || type === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { "content-type": type }).end(bytes);
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > maxBodyBytes) throw new RangeError("body too large");
  }
  return text === "" ? {} : JSON.parse(text);
}

function sendJson(response: ServerResponse, status: number, body: unknown) {
  response
    .writeHead(status, { "content-type": "application/json" })
    .end(JSON.stringify(body));
}

function sendProblem(response: ServerResponse, status: number, detail: string) {
  response
    .writeHead(status, { "content-type": "application/problem+json" })
    .end(
      JSON.stringify({
        type: "about:blank",
        title: "Refused",
        status,
        detail,
        advice: "Ask the hub for a new login link: wheelhouse login",
      }),
    );
}
