import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Param,
  Post,
  Req,
} from "@nestjs/common";
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from "@nestjs/swagger";
import {
  type CreateTokenRequest,
  type TokenView,
  routes,
} from "@wheelhouse/rest-api";
import { type FastifyRequest } from "fastify";
import { People } from "../people/people.ts";
import { principalOf } from "./access-hook.ts";
import { HttpProblem } from "./hub-problem.ts";
import { missingAmong } from "../fleet/known-names.ts";
import { createTokenBody } from "./request-bodies.ts";

/** Tokens of people and programs. */
@ApiTags("people")
@Controller(routes.tokens)
export class TokensController {
  constructor(@Inject(People) private readonly people: People) {}

  @Get()
  @ApiOkResponse({ description: "TokenView[]" })
  list(): Promise<readonly TokenView[]> {
    return this.people.listTokens();
  }

  @Post()
  @ApiCreatedResponse({ description: "TokenView, and the token itself: once" })
  async create(
    @Body({ schema: createTokenBody }) body: CreateTokenRequest,
    @Req() request: FastifyRequest,
  ): Promise<TokenView & { readonly token: string }> {
    const made = await this.people.createToken(principalOf(request).name, body);
    if (made === null) {
      throw HttpProblem.conflict(
        `Token ${body.name} is there already`,
        `Choose another name, or delete it: wheelhouse token delete ${body.name}`,
      );
    }
    return made;
  }

  @Delete(":name")
  @HttpCode(204)
  async delete(
    @Param("name") name: string,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    const by = principalOf(request).name;
    const deletion = await this.people.deleteToken(by, name);
    if (deletion === "deleted") return;
    if (deletion === "lastAdmin") {
      throw HttpProblem.conflict(
        `Token ${name} is the last one of an admin: without it nobody could make another`,
        "Make another first: wheelhouse token create NAME --role admin",
      );
    }
    const known = await this.people.listTokens();
    throw missingAmong(
      "Token",
      name,
      known.map((token) => token.name),
    );
  }
}
