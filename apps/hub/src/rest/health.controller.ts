import { Controller, Get } from "@nestjs/common";
import { ApiOkResponse, ApiTags } from "@nestjs/swagger";
import { routes } from "@wheelhouse/rest-api";

/** Whether the hub lives. It listens only once it is ready, so the two say the same. */
@ApiTags("health")
@Controller()
export class HealthController {
  @Get(routes.health)
  @ApiOkResponse({ description: "the process lives" })
  health(): { readonly status: "ok" } {
    return { status: "ok" };
  }

  @Get(routes.ready)
  @ApiOkResponse({ description: "the store is open and the link listens" })
  ready(): { readonly status: "ok" } {
    return { status: "ok" };
  }
}
