import { type Logger, type LoggerOptions, pino } from "pino";

/** The hub's log: one JSON object a line, with the fields of this type and no others. */
export interface LogFields {
  readonly cluster?: string;
  readonly uid?: string;
  readonly session?: string;
  readonly commit?: string;
  readonly epoch?: number;
  readonly seq?: number;
  readonly root?: string;
  readonly actor?: string;
  readonly key?: string;
  readonly reason?: string;
  readonly durationMs?: number;
  readonly error?: unknown;
}

/** Writes lines of the log. Texts start with the subject, lower case; secrets are in none. */
export interface HubLog {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** A log on standard error, so that what the hub prints for people stays apart. */
export function createHubLog(options: {
  readonly level: LoggerOptions["level"];
}): HubLog {
  const logger = pino(
    {
      level: options.level ?? "info",
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: describeError },
    },
    pino.destination({ dest: 2, sync: true }),
  );
  return bindLog(logger);
}

/** A log that says nothing. */
export const silentLog: HubLog = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Only what says what broke and where: objects that hang on errors may hold anything. */
export function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const { name, message, stack, cause } = error;
  return {
    name,
    message,
    stack: stack?.split("\n").slice(1, 8).join("\n"),
    ...(cause === undefined ? {} : { cause: describeError(cause) }),
  };
}

function bindLog(logger: Logger): HubLog {
  return {
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
  };
}
