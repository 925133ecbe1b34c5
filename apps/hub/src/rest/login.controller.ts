import {
  Body,
  Controller,
  Get,
  HttpCode,
  Inject,
  Post,
  Req,
  Res,
} from "@nestjs/common";
import { ApiExcludeEndpoint, ApiOkResponse, ApiTags } from "@nestjs/swagger";
import {
  type LoginRequest,
  type PrincipalView,
  routes,
} from "@wheelhouse/rest-api";
import { type FastifyReply, type FastifyRequest } from "fastify";
import { LoginLimit } from "../people/login-limit.ts";
import { People, sessionMs } from "../people/people.ts";
import { principalOf, sessionCookie } from "./access-hook.ts";
import { HttpProblem } from "./hub-problem.ts";
import { loginScript } from "./login-page.ts";
import { loginBody } from "./request-bodies.ts";

/** By which the login page's text is injected. */
export const LOGIN_PAGE = Symbol("login page");

/** Opens and closes sessions of the page. */
@ApiTags("people")
@Controller()
export class LoginController {
  constructor(
    @Inject(People) private readonly people: People,
    @Inject(LoginLimit) private readonly limit: LoginLimit,
    @Inject(LOGIN_PAGE) private readonly loginPage: string,
  ) {}

  @Post(routes.login)
  @HttpCode(200)
  @ApiOkResponse({ description: "who is logged in now; sets the cookie" })
  async login(
    @Body({ schema: loginBody }) body: LoginRequest,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PrincipalView> {
    const retryAfterMs = this.limit.waitMs(request.ip);
    if (retryAfterMs > 0) {
      throw new HttpProblem(429, "too many failed logins", { retryAfterMs });
    }
    const opened = await this.people.openSession(body);
    if (opened === null) {
      this.limit.failed(request.ip);
      throw body.code === undefined ? badToken() : badLink();
    }
    const isSecure = request.protocol === "https";
    void reply.header("set-cookie", cookie(opened.secret, sessionMs, isSecure));
    return { name: opened.name, role: opened.role };
  }

  @Post(routes.logout)
  @HttpCode(204)
  async logout(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    await this.people.closeSession(principalOf(request));
    void reply.header("set-cookie", cookie("", 0, false));
  }

  @Get(routes.whoami)
  @ApiOkResponse({ description: "who asks" })
  whoami(@Req() request: FastifyRequest): PrincipalView {
    const { name, role } = principalOf(request);
    return { name, role };
  }

  @Get("login")
  @ApiExcludeEndpoint()
  page(@Res() reply: FastifyReply): void {
    void reply.type("text/html; charset=utf-8").send(this.loginPage);
  }

  @Get("login.js")
  @ApiExcludeEndpoint()
  script(@Res() reply: FastifyReply): void {
    void reply.type("text/javascript; charset=utf-8").send(loginScript);
  }
}

/** Which of the reasons it is stays unsaid, as for every request: it would tell a guesser which tokens there were. */
function badToken(): HttpProblem {
  return new HttpProblem(
    401,
    "the hub does not take this token: it has expired, was deleted, or is another hub's",
    {
      advice: "Take another token, or a login link of this hub.",
    },
  );
}

function badLink(): HttpProblem {
  return new HttpProblem(
    401,
    "this login link is not good any more: it was used, has expired, or is another hub's",
    {
      advice:
        "A login link is good once, and for 15 minutes unless the hub was told otherwise: restart the hub for another, or log in with a token.",
    },
  );
}

function cookie(value: string, maxAgeMs: number, isSecure: boolean): string {
  const secure = isSecure ? "; Secure" : "";
  return `${sessionCookie}=${value}; Path=/; Max-Age=${Math.floor(maxAgeMs / 1_000)}; HttpOnly; SameSite=Strict${secure}`;
}
