import { execFile, spawn } from "node:child_process";
import {
  type IncomingMessage,
  type Server,
  type ServerResponse,
  createServer,
} from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";
import { listen } from "./listen.ts";

const run = promisify(execFile);

/** A Git server over http on loopback, read-only. */
export interface GitServer {
  /** The base of every repository's URL. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Serves the bare repositories in a directory with git's own `http-backend`. */
export async function startGitServer(directory: string): Promise<GitServer> {
  const { stdout } = await run("git", ["--exec-path"]);
  const backend = join(stdout.trim(), "git-http-backend");
  const server = createServer((request, response) =>
    serve({ backend, directory }, request, response),
  );
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () => stopServer(server),
  };
}

function stopServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** One CGI request: the environment in, headers and body out. */
function serve(
  { backend, directory }: { backend: string; directory: string },
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const url = new URL(request.url ?? "/", "http://git");
  const child = spawn(backend, [], {
    env: {
      PATH: process.env["PATH"] ?? "",
      GIT_PROJECT_ROOT: directory,
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method ?? "GET",
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  request.pipe(child.stdin);
  // A client that goes away, or a backend that ends early, ends the other.
  child.stdin.on("error", () => request.destroy());
  response.on("close", () => child.kill());
  child.on("error", () => response.writeHead(500).end());
  let head = Buffer.alloc(0);
  child.stdout.on("data", (chunk: Buffer) => {
    if (response.headersSent) {
      response.write(chunk);
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return;
    writeHead(response, head.subarray(0, end).toString("latin1"));
    response.write(head.subarray(end + 4));
  });
  child.stdout.on("end", () => response.end());
}

function writeHead(response: ServerResponse, head: string): void {
  const fields = head
    .split("\r\n")
    .map((line) => /^([^:]+): (.*)$/.exec(line))
    .flatMap((match) => (match === null ? [] : [match]));
  let status = 200;
  for (const [, name = "", value = ""] of fields) {
    if (name === "Status") status = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
  response.writeHead(status);
}
