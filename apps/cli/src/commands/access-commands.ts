import { readFileSync } from "node:fs";
import { type Command, InvalidArgumentError } from "commander";
import { type Role, createHubClient } from "@wheelhouse/rest-api";
import { CliProblem } from "../cli-problem.ts";
import {
  contextsPath,
  readContexts,
  removeContext,
  writeContext,
} from "../hub-context.ts";
import { type Terminal, note, tell } from "../output.ts";
import { formatAge } from "../terminal/age.ts";
import { formatTable } from "../terminal/table.ts";
import {
  type HubOptions,
  type ListOptions,
  hubOf,
  lookOf,
  print,
  withHubOptions,
  withListOptions,
} from "./command-options.ts";

/** `wheelhouse login`, `wheelhouse logout` and `wheelhouse token create|list|delete`. */
export function addAccessCommands(program: Command, terminal: Terminal): void {
  addLogin(program, terminal);
  addLogout(program, terminal);
  const token = program
    .command("token")
    .description("tokens for people and programs");
  addTokenCreate(token, terminal);
  withListOptions(
    token.command("list").description("every token, without its secret"),
  ).action(async (options: ListOptions) => {
    const tokens = await hubOf(terminal, options).tokens();
    const now = new Date().toISOString();
    const rows = tokens.map(({ name, role, createdAt, expiresAt }) => [
      name,
      role,
      formatAge(createdAt, now),
      formatAge(now, expiresAt),
    ]);
    print(terminal, options, {
      value: tokens,
      names: tokens.map(({ name }) => `token/${name}`),
      text: formatTable(
        ["NAME", "ROLE", "AGE", "EXPIRES"],
        rows,
        lookOf(terminal, options),
      ),
    });
  });
  withHubOptions(
    token
      .command("delete")
      .description("make a token worthless at once")
      .argument("<name>", "the token"),
  ).action(async (name: string, options: HubOptions) => {
    await hubOf(terminal, options).deleteToken(name);
    terminal.out.write(`token/${name} deleted\n`);
  });
}

interface LoginOptions {
  readonly tokenFile?: string;
  readonly name?: string;
}

function addLogin(program: Command, terminal: Terminal): void {
  program
    .command("login")
    .description("remember a hub and the token for it")
    .argument("<server>", "such as http://127.0.0.1:7700")
    .option(
      "--token-file <file>",
      "the token; - reads standard input (default), never an argument",
    )
    .option("--name <context>", "the context's name; default: host and port")
    .action(async (server: string, options: LoginOptions) => {
      const url = parseServer(server);
      const file = options.tokenFile ?? "-";
      if (file === "-" && terminal.input.isTTY) {
        terminal.err.write("paste the token, then Enter and Ctrl-D:\n");
      }
      const token = readToken(file);
      const principal = await createHubClient({
        server: url.origin,
        token,
      }).whoami();
      const name = options.name ?? url.host;
      const path = contextsPath(terminal.env);
      writeContext(path, { name, server: url.origin, token });
      terminal.out.write(
        `logged in to ${url.origin} as ${principal.name} (${principal.role}); context ${name} in ${path}\n`,
      );
    });
}

function addLogout(program: Command, terminal: Terminal): void {
  program
    .command("logout")
    .description("forget a hub and the token for it, on this machine")
    .option("--context <name>", "the context; default: the current one")
    .action(({ context }: { context?: string }) => {
      const path = contextsPath(terminal.env);
      const { name, server } = removeContext(path, context);
      tell(
        terminal,
        `logged out of ${server}: context ${name} is out of ${path}\n`,
      );
      const { current, contexts } = readContexts(path);
      if (context === undefined && contexts.length > 0) {
        tell(
          terminal,
          current === ""
            ? "choose another hub: wheelhouse context use NAME\n"
            : `context ${current} is the current one now\n`,
        );
      }
      note(
        terminal,
        "the token itself is good until it ends; an admin ends it now with: wheelhouse token delete NAME\n",
      );
    });
}

function parseServer(text: string): URL {
  try {
    const url = new URL(text);
    if (url.protocol === "http:" || url.protocol === "https:") return url;
  } catch {
    // Falls through to the same words: it is no address of a hub.
  }
  throw CliProblem.usage(
    `${text} is no address of a hub`,
    "give it with its scheme, such as http://127.0.0.1:7700",
  );
}

const tokenAdvice =
  "a hub writes its first admin token to admin-token in its data directory: --token-file DIR/admin-token";

function readToken(file: string): string {
  try {
    const token = readFileSync(file === "-" ? 0 : file, "utf8").trim();
    if (token !== "") return token;
  } catch (error) {
    throw CliProblem.refused(
      `the token cannot be read from ${file === "-" ? "standard input" : file}`,
      (error as NodeJS.ErrnoException).code === "ENOENT"
        ? `there is no such file; ${tokenAdvice}`
        : String(error),
    );
  }
  throw CliProblem.usage("the token is empty", tokenAdvice);
}

function addTokenCreate(token: Command, terminal: Terminal): void {
  withHubOptions(
    token
      .command("create")
      .description("make a token; its secret is shown once")
      .argument("<name>", "whose it is"),
  )
    .requiredOption(
      "--role <role>",
      "viewer, operator or admin (required)",
      parseRole,
    )
    .option(
      "--expires <days>",
      "after how many days, at most 90",
      parseDays,
      30,
    )
    .action(
      async (
        name: string,
        options: HubOptions & { role: Role; expires: number },
      ) => {
        const made = await hubOf(terminal, options).createToken({
          name,
          role: options.role,
          expiresInMs: options.expires * 86_400_000,
        });
        terminal.err.write(
          `token/${name} (${made.role}) until ${made.expiresAt}; it is not shown again:\n`,
        );
        terminal.out.write(`${made.token}\n`);
      },
    );
}

function parseRole(text: string): Role {
  if (text === "viewer" || text === "operator" || text === "admin") return text;
  throw new InvalidArgumentError("one of viewer, operator, admin.");
}

function parseDays(text: string): number {
  const days = Number(text);
  if (Number.isInteger(days) && days >= 1 && days <= 90) return days;
  throw new InvalidArgumentError("a whole number of days from 1 to 90.");
}
