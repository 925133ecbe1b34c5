import {
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { type HubClient, createHubClient } from "@wheelhouse/rest-api";
import { parse, stringify } from "yaml";
import { CliProblem } from "./cli-problem.ts";

/** One hub that this person talks to. */
export interface HubContext {
  readonly name: string;
  readonly server: string;
  readonly token: string;
}

/** The file of contexts: like a kubeconfig, for hubs. */
export interface HubContexts {
  readonly current: string;
  readonly contexts: readonly HubContext[];
}

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the command line said about the hub. */
export interface HubChoice {
  readonly server?: string | undefined;
  readonly context?: string | undefined;
}

/** `WHEELHOUSE_CONFIG`, else `wheelhouse/config` under `XDG_CONFIG_HOME` or `~/.config`. */
export function contextsPath(env: Environment): string {
  const explicit = env["WHEELHOUSE_CONFIG"];
  if (explicit !== undefined && explicit !== "") return explicit;
  const base = env["XDG_CONFIG_HOME"] ?? join(env["HOME"] ?? ".", ".config");
  return join(base, "wheelhouse", "config");
}

/** Reads the contexts; none where the file is absent. */
export function readContexts(path: string): HubContexts {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return { current: "", contexts: [] };
    }
    throw CliProblem.refused(`${path}: cannot be read`, String(error));
  }
  const file = parse(text) as {
    "current-context"?: string;
    contexts?: HubContext[];
  } | null;
  return {
    current: file?.["current-context"] ?? "",
    contexts: file?.contexts ?? [],
  };
}

/** Adds or replaces a context and makes it the current one. */
export function writeContext(path: string, context: HubContext): void {
  const { contexts } = readContexts(path);
  const others = contexts.filter(({ name }) => name !== context.name);
  writeContexts(path, {
    current: context.name,
    contexts: [...others, context],
  });
}

/** Makes a context the current one, and gives it back. */
export function useContext(path: string, name: string): HubContext {
  const known = readContexts(path);
  const context = requireContext(known, name);
  writeContexts(path, { ...known, current: name });
  return context;
}

/** Forgets a context, by default the current one, and gives it back. After the current one, the only one that is left is current; of several none is. */
export function removeContext(
  path: string,
  wanted: string | undefined,
): HubContext {
  const known = readContexts(path);
  const context = requireContext(known, wanted);
  const { name } = context;
  const contexts = known.contexts.filter((other) => other.name !== name);
  const [left] = contexts;
  const next = contexts.length === 1 && left !== undefined ? left.name : "";
  const current = known.current === name ? next : known.current;
  writeContexts(path, { current, contexts });
  return context;
}

/** The file is 0600, and replaced whole. */
function writeContexts(path: string, { current, contexts }: HubContexts): void {
  const text = stringify({
    apiVersion: "wheelhouse.dev/v1",
    kind: "Config",
    "current-context": current,
    contexts,
  });
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  chmodSync(`${path}.new`, 0o600);
  renameSync(`${path}.new`, path);
}

/**
 * The hub to talk to: `--server` with `WHEELHOUSE_TOKEN`, else
 * `WHEELHOUSE_SERVER` with it, else the named or current context. A token in
 * the environment wins over a remembered one.
 */
export function chooseHub(choice: HubChoice, env: Environment): HubContext {
  const server = choice.server ?? env["WHEELHOUSE_SERVER"];
  const token = env["WHEELHOUSE_TOKEN"];
  const known = readContexts(contextsPath(env));
  if (choice.context === undefined && server !== undefined) {
    const found = known.contexts.find((context) => context.server === server);
    const secret = token ?? found?.token;
    if (secret !== undefined) return { name: server, server, token: secret };
    throw CliProblem.refused(
      `no token for ${server}`,
      `log in once: wheelhouse login ${server} --token-file FILE, or set WHEELHOUSE_TOKEN`,
    );
  }
  const context = requireContext(known, choice.context);
  return token === undefined ? context : { ...context, token };
}

function requireContext(
  { current, contexts }: HubContexts,
  wanted: string | undefined,
): HubContext {
  const name = wanted ?? current;
  const context = contexts.find((candidate) => candidate.name === name);
  if (context !== undefined) return context;
  const names = contexts.map((one) => one.name).join(", ");
  throw CliProblem.refused(
    name === "" ? "not logged in to a hub" : `there is no context ${name}`,
    names === ""
      ? "log in once: wheelhouse login http://HOST:PORT --token-file FILE; or give --server with WHEELHOUSE_TOKEN"
      : `choose one of ${names} with --context or wheelhouse context use NAME, or log in: wheelhouse login http://HOST:PORT --token-file FILE`,
  );
}

/** A client of the chosen hub. */
export function connectHub(choice: HubChoice, env: Environment): HubClient {
  const { server, token } = chooseHub(choice, env);
  return createHubClient({ server, token });
}
