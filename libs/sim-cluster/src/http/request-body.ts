import { parse } from "yaml";
import { isObject, type Json, type JsonObject } from "../json.ts";
import { badRequest } from "../status-failure.ts";

/** A body as a JSON object; throws a 400 where it is none. */
export function parseObject(text: string): JsonObject {
  const value = parseJson(text);
  if (!isObject(value)) throw badRequest("the body is not an object");
  return value;
}

/** A body as JSON; throws a 400 where it is none. */
export function parseJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    throw badRequest(
      `couldn't get version/kind; json parse error: ${String(cause)}`,
    );
  }
}

/** An applied configuration: JSON or YAML. */
export function parseConfiguration(text: string): JsonObject {
  if (text.trimStart().startsWith("{")) return parseObject(text);
  let value: Json;
  try {
    value = parse(text, { version: "1.1", schema: "yaml-1.1" }) as Json;
  } catch (cause) {
    throw badRequest(`error decoding YAML: ${String(cause)}`);
  }
  if (!isObject(value)) throw badRequest("error decoding YAML: no object");
  return value;
}
