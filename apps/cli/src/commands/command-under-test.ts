import { createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { PassThrough } from "node:stream";
import { type Terminal } from "../output.ts";
import { createProgram } from "../program.ts";
import { createPalette } from "../terminal/palette.ts";

/** What a hub of a test says: a status, and a body in JSON. */
export type Answer = readonly [status: number, body: unknown];

/** A hub that answers by method and path, and keeps what it was asked. */
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
      const [status, answer] = answers[route]?.(body) ?? missing;
      response.writeHead(status).end(JSON.stringify(answer));
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

/** What a command printed, and how it ended. */
export interface CommandEnd {
  readonly out: string;
  readonly err: string;
  readonly error: unknown;
}

/** Runs `wheelhouse ARGS…` in this process. `typed` is what a person types at a terminal; without it there is none. */
export async function runCommand(
  hub: { readonly url: string },
  args: readonly string[],
  typed?: readonly string[],
): Promise<CommandEnd> {
  const [input, out, err] = [
    new PassThrough(),
    new PassThrough(),
    new PassThrough(),
  ];
  const env = { WHEELHOUSE_SERVER: hub.url, WHEELHOUSE_TOKEN: "t" };
  const terminal = {
    ...{ input, out, err, env },
    palette: createPalette({}, {}),
  } as unknown as Terminal;
  Object.assign(input, { isTTY: typed !== undefined });
  const [outText, errText] = [collect(out), collect(err)];
  const lines = [...(typed ?? [])];
  err.on("data", (chunk: Buffer) => {
    if (chunk.toString().includes("[y/N]")) input.write(`${lines.shift()}\n`);
  });
  let error: unknown;
  try {
    await createProgram(terminal).parseAsync(["node", "wheelhouse", ...args]);
  } catch (thrown) {
    error = thrown;
  }
  return { out: outText(), err: errText(), error };
}

function collect(stream: PassThrough): () => string {
  let text = "";
  stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
  return () => text;
}
