import type { LoggerService } from "@nestjs/common";
import { type HubLog } from "../log.ts";

/** Nest's own lines, through the same log. */
export function nestLogger(log: HubLog): LoggerService {
  return {
    log: () => undefined,
    warn: (message: unknown) => log.warn(String(message)),
    error: (message: unknown, ...rest: unknown[]) =>
      log.error(String(message), { error: rest[0] }),
  };
}
