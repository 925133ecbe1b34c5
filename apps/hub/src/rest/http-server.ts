import "reflect-metadata";
import { readFileSync } from "node:fs";
import helmet from "@fastify/helmet";
import { StandardSchemaValidationPipe } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import {
  FastifyAdapter,
  type NestFastifyApplication,
} from "@nestjs/platform-fastify";
import { DocumentBuilder, SwaggerModule } from "@nestjs/swagger";
import { routes } from "@wheelhouse/rest-api";
import { type HubLog } from "../log.ts";
import { type HostPort } from "../settings.ts";
import { type FastifyReply } from "fastify";
import { createAccessHook } from "./access-hook.ts";
import { HttpProblem } from "./hub-problem.ts";
import { HubModule, type HubServices, controllers } from "./hub.module.ts";
import { nestLogger } from "./nest-logger.ts";
import { describeParameters } from "./parameter-types.ts";
import { ProblemFilter, sendProblem } from "./problem-filter.ts";
import { readLoginPage, servePage } from "./static-page.ts";

/** What the HTTP side is made from. */
export interface HttpServerOptions {
  readonly services: HubServices;
  readonly listen: HostPort;
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  /** Where the page's build lies. */
  readonly pageDirectory: string;
  readonly hubVersion: string;
  readonly log: HubLog;
}

/** One method of one path, as Fastify knows it: `:name` for a parameter. */
export interface ServedRoute {
  readonly method: string;
  readonly path: string;
}

/** The API and the page, listening. */
export interface HttpServer {
  /** Such as `http://127.0.0.1:7700`. */
  readonly url: string;
  /** All that is served, HEAD too: what the table of access is held against. */
  readonly routes: readonly ServedRoute[];
  close(): Promise<void>;
}

/** Bytes of a request's body; larger ones are refused. */
const bodyLimit = 2 ** 20;

/** Starts the API and the page. Throws where it cannot listen. */
export async function startHttpServer(
  options: HttpServerOptions,
): Promise<HttpServer> {
  const { services, listen, tls, log } = options;
  const adapter = new FastifyAdapter({
    bodyLimit,
    // An address that no route is looked up for, such as one with a broken escape.
    frameworkErrors: (error: Error, _request: unknown, reply: FastifyReply) =>
      sendProblem(reply, error, log),
    forceCloseConnections: true,
    ...(tls === undefined
      ? {}
      : {
          https: { cert: readFileSync(tls.cert), key: readFileSync(tls.key) },
        }),
  });
  const fastify = adapter.getInstance();
  fastify.removeContentTypeParser("text/plain");
  const served: ServedRoute[] = [];
  fastify.addHook("onRoute", ({ method, url: path }) => {
    for (const one of [method].flat()) served.push({ method: one, path });
  });
  fastify.addHook("onRequest", createAccessHook(services.people, log));
  const app = await NestFactory.create<NestFastifyApplication>(
    HubModule.of(services, readLoginPage(options.pageDirectory)),
    adapter,
    // Fastify's own parser reads JSON and, with the next line, nothing else.
    { logger: nestLogger(log), abortOnError: false, bodyParser: false },
  );
  await app.register(helmet, helmetOptions(tls !== undefined));
  app.useGlobalPipes(
    new StandardSchemaValidationPipe({ exceptionFactory: bodyProblem }),
  );
  app.useGlobalFilters(new ProblemFilter(log));
  const document = describeApi(app, options.hubVersion);
  fastify.get(routes.openapi, (_request, reply) => reply.send(document));
  await servePage(fastify, { directory: options.pageDirectory, log });
  await app.listen(listen.port, listen.host);
  return {
    url: addressOf(app, listen, tls !== undefined),
    routes: served,
    close: () => app.close(),
  };
}

function helmetOptions(isSecure: boolean) {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", "data:"],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        manifestSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: isSecure,
    crossOriginEmbedderPolicy: false,
  } as const;
}

interface Issue {
  readonly message: string;
  readonly path?:
    readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** Each mistake with its key, so that a person finds it. */
function bodyProblem(issues: readonly Issue[]): HttpProblem {
  const said = issues.slice(0, 10).map(({ message, path = [] }) => {
    const keys = path.map((part) =>
      String(typeof part === "object" ? part.key : part),
    );
    return keys.length === 0 ? message : `${keys.join(".")}: ${message}`;
  });
  return new HttpProblem(400, said.join("; "));
}

function describeApi(app: NestFastifyApplication, version: string): object {
  const config = new DocumentBuilder()
    .setTitle("Wheelhouse")
    .setDescription(
      "The hub's API. Errors are problem documents (RFC 9457). Every route but health and login needs a principal.",
    )
    .setVersion(version)
    .setOpenAPIVersion("3.1.0")
    .addBearerAuth()
    .addSecurityRequirements("bearer")
    .build();
  describeParameters(controllers);
  return SwaggerModule.createDocument(app, config);
}

function addressOf(
  app: NestFastifyApplication,
  { host, port }: HostPort,
  isSecure: boolean,
): string {
  const address: unknown = app.getHttpServer().address();
  const bound = (address as { port?: unknown } | null)?.port;
  const shownHost = host.includes(":") ? `[${host}]` : host;
  return `${isSecure ? "https" : "http"}://${shownHost}:${typeof bound === "number" ? bound : port}`;
}
