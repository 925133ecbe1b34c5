import { accessSync, constants, readFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { errorText } from "@wheelhouse/kube-object";

/** Everything that a hub is told, parsed once. */
export interface HubSettings {
  /** The hub's directory: keys, database, fetched objects. */
  readonly data: string;
  /** http(s) address or path of the fleet repo, without secrets where `repoToken` is used. */
  readonly repo: string;
  readonly branch: string;
  /** For a repo that asks who fetches. */
  readonly repoToken: string | undefined;
  readonly allowForcePush: boolean;
  readonly pollMs: number;
  readonly listen: HostPort;
  readonly linkListen: HostPort;
  /** host:port by which spokes reach the link, where it is not `linkListen`. */
  readonly linkAddress: string | undefined;
  /** PEM files, for https. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  /** How often a spoke says that it lives. */
  readonly heartbeatMs: number;
  /** How long the login link that is printed at the start is good for; it is good once. */
  readonly loginLinkMs: number;
  readonly logLevel: "debug" | "info" | "warn" | "error";
}

/** An address to listen on. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Settings, or every mistake in them in words: the key, the value, what is allowed. */
export type SettingsResult =
  | {
      readonly ok: true;
      readonly settings: HubSettings;
      /** What works, and should be done otherwise. */
      readonly warnings: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly string[] };

/** A link that lives longer is for this machine alone: on the way to another it may be seen. */
const shortLinkMs = 15 * 60_000;

const duration = z
  .string()
  .regex(/^\d+(ms|s|m|h)$/, "a whole number with ms, s, m or h, such as 15s")
  .transform((text) => {
    const [, number = "0", unit = "s"] = /^(\d+)(.+)$/.exec(text) ?? [];
    const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
    return Number(number) * units[unit as keyof typeof units];
  });

const hostPort = z
  .string()
  .regex(
    /^(\[[0-9a-fA-F:]+\]|[^:\s[\]]+):\d{1,5}$/,
    "HOST:PORT, such as 127.0.0.1:7700 or [::1]:7700",
  )
  .transform((text): HostPort => {
    const at = text.lastIndexOf(":");
    const host = text.slice(0, at).replace(/^\[|\]$/g, "");
    return { host, port: Number(text.slice(at + 1)) };
  })
  .refine(({ port }) => port < 65_536, "a port up to 65535");

const text = z.string().min(1, "must not be empty");

/** Each flag, with what it means; `WHEELHOUSE_` and the flag in capitals does the same in the environment. */
const schema = z.object({
  data: text,
  repo: text,
  branch: text.default("main"),
  "repo-token": text.optional(),
  "repo-token-file": text.optional(),
  "allow-force-push": z.stringbool().default(false),
  poll: duration
    .refine((ms) => ms >= 500 && ms <= 86_400_000, "500ms to 24h")
    .default(15_000),
  listen: hostPort.default({ host: "127.0.0.1", port: 7700 }),
  "link-listen": hostPort.default({ host: "127.0.0.1", port: 7701 }),
  "link-address": z
    .string()
    .regex(/^\S+:\d+$/, "HOST:PORT")
    .optional(),
  "tls-cert": text.optional(),
  "tls-key": text.optional(),
  heartbeat: duration
    .refine((ms) => ms >= 100 && ms <= 30_000, "100ms to 30s")
    .default(15_000),
  "login-link-for": duration
    .refine((ms) => ms >= 1_000 && ms <= 86_400_000, "1s to 24h")
    .default(shortLinkMs),
  "log-level": z.enum(["debug", "info", "warn", "error"]).default("info"),
});

/** Parses a hub's arguments and environment. Nothing else reads them. */
export function parseSettings(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): SettingsResult {
  const flags = parseFlags(args, Object.keys(schema.shape), [
    "allow-force-push",
  ]);
  if (!flags.ok) return flags;
  const given: Record<string, string> = {};
  for (const name of Object.keys(schema.shape)) {
    const variable = `WHEELHOUSE_${name.toUpperCase().replaceAll("-", "_")}`;
    const value = flags.values[name] ?? env[variable];
    if (value !== undefined) given[name] = value;
  }
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) =>
      issueText(String(path[0]), given, message),
    );
    return { ok: false, problems };
  }
  const token = readRepoToken(parsed.data);
  if (!token.ok) return { ok: false, problems: [token.problem] };
  const problems = listeningProblems(parsed.data);
  if (problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    settings: settingsOf(parsed.data, token.token),
    warnings:
      flags.values["repo-token"] === undefined
        ? []
        : [
            "--repo-token is seen by everybody who may list processes; give --repo-token-file, or WHEELHOUSE_REPO_TOKEN",
          ],
  };
}

/** A token comes from one place: its file, or the environment. */
function readRepoToken({
  "repo-token": token,
  "repo-token-file": file,
}: z.output<typeof schema>):
  | { readonly ok: true; readonly token: string | undefined }
  | { readonly ok: false; readonly problem: string } {
  if (file === undefined) return { ok: true, token };
  const refuse = (why: string) =>
    ({ ok: false, problem: `--repo-token-file "${file}": ${why}` }) as const;
  if (token !== undefined) return refuse("there is a --repo-token as well");
  try {
    const text = readFileSync(file, "utf8").trim();
    return text === "" ? refuse("is empty") : { ok: true, token: text };
  } catch (error) {
    return refuse(fileReason(error));
  }
}

/** Why a file cannot be read, in words rather than in the system's. */
export function fileReason(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return "there is no such file";
  if (code === "EACCES" || code === "EPERM") return "may not be read";
  if (code === "EISDIR") return "is a directory";
  return errorText(error);
}

/** Flags of a command, by name; all take a value but those in `switches`. */
export function parseFlags(
  args: readonly string[],
  names: readonly string[],
  switches: readonly string[] = [],
):
  | {
      readonly ok: true;
      readonly values: Readonly<Record<string, string | undefined>>;
    }
  | { readonly ok: false; readonly problems: readonly string[] } {
  try {
    const { values } = parseArgs({
      args: [...args],
      strict: true,
      options: Object.fromEntries(
        names.map((name) => [
          name,
          { type: switches.includes(name) ? "boolean" : "string" } as const,
        ]),
      ),
    });
    const texts = Object.entries(values).map(([name, value]) => [
      name,
      String(value),
    ]);
    return {
      ok: true,
      values: Object.fromEntries(texts) as Record<string, string>,
    };
  } catch (error) {
    const why = errorText(error);
    return { ok: false, problems: [why.split(". ")[0] ?? why] };
  }
}

const secrets = new Set(["repo-token"]);

function issueText(
  name: string,
  given: Readonly<Record<string, string>>,
  message: string,
): string {
  const value = given[name];
  if (value === undefined) return `--${name} is missing`;
  const shown = secrets.has(name) ? "(not shown)" : JSON.stringify(value);
  return `--${name} ${shown}: ${message}`;
}

function settingsOf(
  parsed: z.output<typeof schema>,
  repoToken: string | undefined,
): HubSettings {
  const { "tls-cert": cert, "tls-key": key } = parsed;
  return {
    data: parsed.data,
    repo: parsed.repo,
    branch: parsed.branch,
    repoToken,
    allowForcePush: parsed["allow-force-push"],
    pollMs: parsed.poll,
    listen: parsed.listen,
    linkListen: parsed["link-listen"],
    linkAddress: parsed["link-address"],
    tls: cert === undefined || key === undefined ? undefined : { cert, key },
    heartbeatMs: parsed.heartbeat,
    loginLinkMs: parsed["login-link-for"],
    logLevel: parsed["log-level"],
  };
}

/** What is wrong with the address, its certificate, and how long a link to it lives. */
function listeningProblems({
  listen: { host, port },
  "tls-cert": cert,
  "tls-key": key,
  "login-link-for": linkMs,
}: z.output<typeof schema>): readonly string[] {
  if ((cert === undefined) !== (key === undefined)) {
    return ["--tls-cert and --tls-key: give both, or none"];
  }
  if (cert === undefined && !isLoopback(host)) {
    return [
      `--listen "${host}:${port}": an address beyond this machine needs --tls-cert and --tls-key`,
    ];
  }
  if (linkMs > shortLinkMs && !isLoopback(host)) {
    return [
      `--login-link-for: at most 15m where --listen is beyond this machine, as "${host}:${port}" is`,
    ];
  }
  const files = { "tls-cert": cert, "tls-key": key };
  return Object.entries(files).flatMap(([flag, file]) => {
    if (file === undefined) return [];
    try {
      accessSync(file, constants.R_OK);
      return [];
    } catch (error) {
      return [`--${flag} "${file}": ${fileReason(error)}`];
    }
  });
}

/** Whether only this machine reaches an address. */
export function isLoopback(host: string): boolean {
  return (
    host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host)
  );
}

/** Where a hub's keys lie in its directory. */
export function keysDirectory(data: string): string {
  return path.join(data, "keys");
}
