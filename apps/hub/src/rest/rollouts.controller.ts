import {
  Body,
  Controller,
  Get,
  HttpCode,
  Inject,
  Param,
  Post,
  Req,
} from "@nestjs/common";
import { ApiOkResponse, ApiTags } from "@nestjs/swagger";
import {
  type RolloutActionRequest,
  type RolloutView,
  routes,
} from "@wheelhouse/rest-api";
import { type FastifyRequest } from "fastify";
import {
  FleetOperations,
  type RolloutAction,
  rolloutActions,
} from "../fleet/fleet-operations.ts";
import { FleetViews } from "../view/fleet-views.ts";
import { principalOf } from "./access-hook.ts";
import { HttpProblem } from "./hub-problem.ts";
import { missingAmong } from "../fleet/known-names.ts";
import { rolloutActionBody } from "./request-bodies.ts";

/** Rollouts: seen, and decided upon. */
@ApiTags("rollouts")
@Controller(routes.rollouts)
export class RolloutsController {
  constructor(
    @Inject(FleetViews) private readonly views: FleetViews,
    @Inject(FleetOperations) private readonly fleet: FleetOperations,
  ) {}

  @Get()
  @ApiOkResponse({ description: "RolloutView[]" })
  async list(): Promise<readonly RolloutView[]> {
    return (await this.views.fleet()).rollouts;
  }

  @Get(":name")
  @ApiOkResponse({ description: "RolloutView" })
  async get(@Param("name") name: string): Promise<RolloutView> {
    const all = await this.list();
    const found = all.find((rollout) => rollout.name === name);
    if (found !== undefined) return found;
    throw missingAmong(
      "Rollout",
      name,
      all.map((rollout) => rollout.name),
    );
  }

  @Post(":name/:action")
  @HttpCode(200)
  @ApiOkResponse({ description: "RolloutView, after the decision" })
  async act(
    @Param("name") name: string,
    @Param("action") action: string,
    @Body({ schema: rolloutActionBody.optional() })
    body: RolloutActionRequest | undefined,
    @Req() request: FastifyRequest,
  ): Promise<RolloutView> {
    if (!isAction(action)) {
      throw HttpProblem.notFound(
        `Action ${action}`,
        `There are: ${rolloutActions.join(", ")}`,
      );
    }
    await this.get(name);
    await this.fleet.rollout(principalOf(request).name, action, body ?? {});
    return this.get(name);
  }
}

function isAction(text: string): text is RolloutAction {
  return rolloutActions.some((action) => action === text);
}
