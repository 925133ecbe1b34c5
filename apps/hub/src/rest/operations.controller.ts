import { Body, Controller, HttpCode, Inject, Post, Req } from "@nestjs/common";
import { ApiOkResponse, ApiTags } from "@nestjs/swagger";
import {
  type ApprovePrunesRequest,
  type PruneView,
  type ReconcileRequestBody,
  type SuspendRequest,
  routes,
} from "@wheelhouse/rest-api";
import { type FastifyRequest } from "fastify";
import { FleetOperations } from "../fleet/fleet-operations.ts";
import { FleetViews } from "../view/fleet-views.ts";
import { principalOf } from "./access-hook.ts";
import {
  approvePrunesBody,
  reconcileBody,
  suspendBody,
} from "./request-bodies.ts";

/** What operators do to clusters and bundles. */
@ApiTags("operations")
@Controller()
export class OperationsController {
  constructor(
    @Inject(FleetOperations) private readonly fleet: FleetOperations,
    @Inject(FleetViews) private readonly views: FleetViews,
  ) {}

  @Post(routes.approvePrunes)
  @HttpCode(200)
  @ApiOkResponse({
    description: "PruneView[]: all that are held, and which are approved",
  })
  async approvePrunes(
    @Body({ schema: approvePrunesBody }) body: ApprovePrunesRequest,
    @Req() request: FastifyRequest,
  ): Promise<readonly PruneView[]> {
    await this.fleet.approvePrunes(principalOf(request).name, body);
    return (await this.views.fleet()).prunes;
  }

  @Post(routes.reconcile)
  @HttpCode(202)
  reconcile(
    @Body({ schema: reconcileBody }) body: ReconcileRequestBody,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    return this.fleet.reconcile(principalOf(request).name, body);
  }

  @Post(routes.suspend)
  @HttpCode(204)
  suspend(
    @Body({ schema: suspendBody }) body: SuspendRequest,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    return this.fleet.suspend(principalOf(request).name, body);
  }

  @Post(routes.resume)
  @HttpCode(204)
  resume(
    @Body({ schema: suspendBody }) body: SuspendRequest,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    return this.fleet.resume(principalOf(request).name, body);
  }
}
