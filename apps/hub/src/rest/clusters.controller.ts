import {
  Body,
  Controller,
  Delete,
  Get,
  Inject,
  Param,
  Post,
  Req,
} from "@nestjs/common";
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from "@nestjs/swagger";
import {
  type AddClusterRequest,
  type ClusterView,
  type JoinView,
  routes,
} from "@wheelhouse/rest-api";
import { type FastifyRequest } from "fastify";
import { ClusterOperations } from "../fleet/cluster-operations.ts";
import { FleetViews } from "../view/fleet-views.ts";
import { principalOf } from "./access-hook.ts";
import { missingAmong } from "../fleet/known-names.ts";
import { addClusterBody } from "./request-bodies.ts";

/** Clusters: seen, added, replaced, removed. */
@ApiTags("clusters")
@Controller(routes.clusters)
export class ClustersController {
  constructor(
    @Inject(FleetViews) private readonly views: FleetViews,
    @Inject(ClusterOperations) private readonly clusters: ClusterOperations,
  ) {}

  @Get()
  @ApiOkResponse({ description: "ClusterView[]" })
  async list(): Promise<readonly ClusterView[]> {
    return (await this.views.fleet()).clusters;
  }

  @Get(":name")
  @ApiOkResponse({ description: "ClusterView" })
  async get(@Param("name") name: string): Promise<ClusterView> {
    const all = (await this.views.fleet()).clusters;
    const found = all.find((cluster) => cluster.name === name);
    if (found !== undefined) return found;
    throw missingAmong(
      "Cluster",
      name,
      all.map((cluster) => cluster.name),
    );
  }

  @Post()
  @ApiCreatedResponse({ description: "JoinView: its token is shown once" })
  add(
    @Body({ schema: addClusterBody }) body: AddClusterRequest,
    @Req() request: FastifyRequest,
  ): Promise<JoinView> {
    return this.clusters.add(principalOf(request).name, body);
  }

  @Delete(":name")
  @ApiOkResponse({ description: "what remains to be done in Git" })
  remove(
    @Param("name") name: string,
    @Req() request: FastifyRequest,
  ): Promise<{ readonly notice: string }> {
    return this.clusters.remove(principalOf(request).name, name);
  }

  @Post(":name/repoint")
  @ApiCreatedResponse({ description: "JoinView: its token is shown once" })
  repoint(
    @Param("name") name: string,
    @Req() request: FastifyRequest,
  ): Promise<JoinView> {
    return this.clusters.repoint(principalOf(request).name, name);
  }
}
