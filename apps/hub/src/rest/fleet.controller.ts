import { createHash } from "node:crypto";
import { Controller, Get, Inject, Query, Req, Res } from "@nestjs/common";
import { ApiOkResponse, ApiTags } from "@nestjs/swagger";
import { type Journal } from "@wheelhouse/hub-store";
import {
  type AuditView,
  type DriftView,
  type PruneView,
  routes,
} from "@wheelhouse/rest-api";
import { type FastifyReply, type FastifyRequest } from "fastify";
import { z } from "zod";
import { People } from "../people/people.ts";
import { FleetViews } from "../view/fleet-views.ts";
import { principalOf } from "./access-hook.ts";
import { openEventStream } from "./event-stream.ts";
import { FleetEvents } from "./fleet-events.ts";

/** By which the journal is injected. */
export const JOURNAL = Symbol("journal");

const auditQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
  before: z.coerce.number().int().min(1).optional(),
});

/** The fleet as a whole. */
@ApiTags("fleet")
@Controller()
export class FleetController {
  constructor(
    @Inject(FleetViews) private readonly views: FleetViews,
    @Inject(FleetEvents) private readonly events: FleetEvents,
    @Inject(People) private readonly people: People,
    @Inject(JOURNAL) private readonly journal: Journal,
  ) {}

  @Get(routes.fleet)
  @ApiOkResponse({
    description: "FleetView, with an ETag over all but its time",
  })
  async fleet(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const view = await this.views.fleet();
    const etag = etagOf({ ...view, now: "" });
    void reply.header("etag", etag).header("cache-control", "no-cache");
    if (request.headers["if-none-match"] === etag) {
      void reply.status(304).send();
      return;
    }
    void reply.send(view);
  }

  @Get(routes.events)
  @ApiOkResponse({
    description: "server-sent events: `fleet` with a FleetView",
  })
  async watch(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const principal = principalOf(request);
    await openEventStream(reply, this.events, () =>
      this.people.isValid(principal),
    );
  }

  @Get(routes.drift)
  @ApiOkResponse({ description: "DriftView[]" })
  async drift(): Promise<readonly DriftView[]> {
    return (await this.views.fleet()).drift;
  }

  @Get(routes.prunes)
  @ApiOkResponse({ description: "PruneView[]" })
  async prunes(): Promise<readonly PruneView[]> {
    return (await this.views.fleet()).prunes;
  }

  @Get(routes.audit)
  @ApiOkResponse({ description: "AuditView[], newest first" })
  async audit(
    @Query({ schema: auditQuery }) query: z.output<typeof auditQuery>,
  ): Promise<readonly AuditView[]> {
    const { limit, before } = query;
    return this.journal.list({
      limit,
      ...(before === undefined ? {} : { before }),
    });
  }
}

function etagOf(value: unknown): string {
  const hash = createHash("sha256").update(JSON.stringify(value));
  return `"${hash.digest("base64url").slice(0, 22)}"`;
}
