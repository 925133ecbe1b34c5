import { createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { PassThrough } from "node:stream";
import { type Terminal } from "../output.ts";
import { runWheelhouse } from "../program.ts";
import { createPalette } from "../terminal/palette.ts";

/** What a hub of a test says: a status, and a body, as JSON unless it is text. */
export type Answer = readonly [status: number, body: unknown];

/** A hub that answers by method and path, and keeps what it was asked; `*` answers whatever has no answer of its own. */
export async function startAnsweringHub(
  answers: Readonly<Record<string, (body: unknown) => Answer>>,
) {
  const asked: { readonly route: string; readonly body: unknown }[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      const route = `${request.method} ${request.url}`;
      const body: unknown = text === "" ? null : JSON.parse(text);
      asked.push({ route, body });
      const missing: Answer = [404, { detail: `${route} is not answered` }];
      const find = answers[route] ?? answers["*"];
      const [status, answer] = find?.(body) ?? missing;
      const isText = typeof answer === "string";
      response.writeHead(status).end(isText ? answer : JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** The address of a hub that was there, and is gone. */
export async function findSilentAddress(): Promise<string> {
  const { url, stop } = await startAnsweringHub({});
  await stop();
  return url;
}

/** What a command printed, and how it ended. */
export interface CommandEnd {
  readonly out: string;
  readonly err: string;
  readonly code: number;
}

/** Runs `wheelhouse ARGS…` whole in this process, logged in to a hub. `typed` is what a person types at a terminal; without it there is none. */
export function runCommand(
  hub: { readonly url: string },
  args: readonly string[],
  typed?: readonly string[],
): Promise<CommandEnd> {
  const env = { WHEELHOUSE_SERVER: hub.url, WHEELHOUSE_TOKEN: "t" };
  return runInEnvironment(env, args, typed);
}

/** Runs `wheelhouse ARGS…` whole in this process, with these environment variables alone. */
export async function runInEnvironment(
  env: Readonly<Record<string, string>>,
  args: readonly string[],
  typed?: readonly string[],
): Promise<CommandEnd> {
  const [input, out, err] = [
    new PassThrough(),
    new PassThrough(),
    new PassThrough(),
  ];
  let code = 0;
  const terminal = {
    ...{ input, out, err, env },
    palette: createPalette({}, {}),
    calledAs: env["WHEELHOUSE_CALLED_AS"] ?? "wheelhouse",
    setExitCode: (set: number) => (code = set),
  } as unknown as Terminal;
  Object.assign(input, { isTTY: typed !== undefined });
  const [outText, errText] = [collect(out), collect(err)];
  const lines = [...(typed ?? [])];
  err.on("data", (chunk: Buffer) => {
    if (chunk.toString().includes("[y/N]")) input.write(`${lines.shift()}\n`);
  });
  await runWheelhouse(terminal, args);
  return { out: outText(), err: errText(), code };
}

function collect(stream: PassThrough): () => string {
  let text = "";
  stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
  return () => text;
}
