import { type Json, isJsonList, isJsonObject } from "./json.ts";

/**
 * The one text of a JSON value: keys sorted bytewise (UTF-8), no space,
 * integers exact to 64 bits. Throws on NaN, infinities and `undefined`, which
 * JSON cannot hold.
 */
export function canonicalJson(value: Json): string {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number") return canonicalNumber(value);
  if (isJsonList(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (isJsonObject(value)) {
    const fields = Object.keys(value)
      .sort(compareBytewise)
      .map((key) => `${JSON.stringify(key)}:${canonicalField(value, key)}`);
    return `{${fields.join(",")}}`;
  }
  const text = JSON.stringify(value);
  if (text === undefined) throw new TypeError("undefined is not JSON");
  return text;
}

function canonicalField(object: { [key: string]: Json }, key: string): string {
  const field = object[key];
  if (field === undefined) throw new TypeError(`${key}: undefined is not JSON`);
  return canonicalJson(field);
}

function canonicalNumber(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError(`${value} is not JSON`);
  return JSON.stringify(value);
}

/**
 * Orders texts by their UTF-8 bytes. JavaScript's own order compares UTF-16
 * units and differs above U+FFFF, so surrogates are lifted over the rest.
 */
export function compareBytewise(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return liftSurrogate(left) - liftSurrogate(right);
  }
  return a.length - b.length;
}

function liftSurrogate(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/**
 * Parses JSON and keeps integers beyond ±2^53 exact, as `bigint`. Throws
 * `SyntaxError` on text that is not JSON.
 */
export function parseJson(text: string): Json {
  if (!/\d{16}/.test(text)) return JSON.parse(text) as Json;
  return JSON.parse(markWideIntegers(text), reviveWideInteger) as Json;
}

const wideIntegerMark = "\u0000wide:";

/** Quotes integers of 16 digits or more outside strings, behind a mark that no manifest holds. */
function markWideIntegers(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g, (token) =>
    token.startsWith('"')
      ? token
      : JSON.stringify(`${wideIntegerMark}${token}`),
  );
}

function reviveWideInteger(_key: string, value: unknown): unknown {
  if (typeof value !== "string" || !value.startsWith(wideIntegerMark)) {
    return value;
  }
  const exact = BigInt(value.slice(wideIntegerMark.length));
  const rounded = Number(exact);
  return Number.isSafeInteger(rounded) ? rounded : exact;
}
