import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format } from "prettier";
import {
  deriveFacts,
  printFacts,
  servedGroupVersions,
} from "./derive-facts.mjs";
import { type ApiSide, send } from "./api-side.ts";

const file = join(
  import.meta.dirname,
  "../../../libs/sim-cluster/src/facts/facts.json",
);

async function read(side: ApiSide, path: string): Promise<object> {
  const { code, body } = await send(side, { method: "GET", path });
  if (code !== 200 || typeof body !== "object" || body === null)
    throw new Error(`${path}: ${code}`);
  return body;
}

/** Derives the table of facts from a server's discovery and OpenAPI. */
export async function readFacts(side: ApiSide): Promise<object> {
  const version = (await read(side, "/version")) as { gitVersion: string };
  const lists: object[] = [];
  const documents: Record<string, object> = {};
  for (const groupVersion of servedGroupVersions) {
    const root = groupVersion.includes("/") ? "apis" : "api";
    lists.push(await read(side, `/${root}/${groupVersion}`));
    documents[groupVersion] = await read(
      side,
      `/openapi/v3/${root}/${groupVersion}`,
    );
  }
  return deriveFacts({ version: version.gitVersion, lists, documents });
}

/** The table as it is committed. */
export async function committedFacts(): Promise<unknown> {
  return JSON.parse(await readFile(file, "utf8")) as unknown;
}

/** Commits a new table. */
export async function writeFacts(facts: object): Promise<void> {
  await writeFile(file, await format(printFacts(facts), { parser: "json" }));
}
