import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import fastifyStatic from "@fastify/static";
import { pagePaths } from "@wheelhouse/rest-api";
import { type FastifyInstance } from "fastify";
import { type HubLog } from "../log.ts";
import { HttpProblem } from "./hub-problem.ts";
import { loginPage } from "./login-page.ts";
import { sendProblem } from "./problem-filter.ts";

/** What `/` says where the page was not built. */
const absentPage = (directory: string) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Wheelhouse</title></head>
<body><main><h1>Wheelhouse</h1>
<p>The hub runs, and its page is not built: there is no ${directory.replaceAll("<", "")}.</p>
<p>Build it with: npm run build</p></main></body></html>
`;

/** The text of `/login`: the page's own, which knows that address, or where it is not built a plain one. */
export function readLoginPage(directory: string): string {
  const index = path.join(directory, "index.html");
  return existsSync(index) ? readFileSync(index, "utf8") : loginPage;
}

/** Serves the page's files, and its index where it has a view; elsewhere there is nothing, and the page itself says so to a browser. */
export async function servePage(
  fastify: FastifyInstance,
  { directory, log }: { readonly directory: string; readonly log: HubLog },
): Promise<void> {
  const index = path.join(directory, "index.html");
  if (!existsSync(index)) {
    fastify.get("/", (_request, reply) =>
      reply.type("text/html; charset=utf-8").send(absentPage(directory)),
    );
    return;
  }
  await fastify.register(fastifyStatic, {
    root: directory,
    wildcard: false,
    serve: false,
  });
  fastify.get("/", (_request, reply) => reply.sendFile("index.html"));
  fastify.get("/*", (request, reply) => {
    const asked = decodeURIComponent(request.url.split("?")[0] ?? "/");
    const file = path.join(directory, path.normalize(`/${asked.slice(1)}`));
    if (path.extname(file) !== "" && existsSync(file)) {
      return reply.sendFile(path.relative(directory, file));
    }
    if (isView(asked)) return reply.sendFile("index.html");
    if (request.headers.accept?.includes("text/html") !== true) {
      return sendProblem(reply, HttpProblem.notFound(asked), log);
    }
    const page = readFileSync(index, "utf8");
    return reply.code(404).type("text/html; charset=utf-8").send(page);
  });
}

const views: readonly string[] = Object.values(pagePaths);

/** As the page itself reads an address. */
function isView(asked: string): boolean {
  return views.includes(asked.replace(/\/+$/, "") || "/");
}
