import { type Json, isJsonList, isJsonObject } from "./json.ts";

/**
 * The one text of a JSON value: keys sorted bytewise (UTF-8), no space,
 * integers exact to 64 bits. Throws on NaN, infinities and `undefined`, which
 * JSON cannot hold.
 */
export function canonicalJson(value: Json): string {
  // What was read from canonical text mostly is in order, and the engine's own writer is quick.
  return isInOrder(value) ? JSON.stringify(value) : writeSorted(value);
}

/** Whether plain JSON is the canonical text: keys in order, and nothing in it that needs care. */
function isInOrder(value: Json | undefined): boolean {
  if (typeof value === "string" || typeof value === "boolean") return true;
  if (value === null) return true;
  if (typeof value === "number") return Number.isSafeInteger(value);
  if (isJsonList(value)) return value.every(isInOrder);
  if (!isJsonObject(value)) return false;
  let before: string | undefined;
  for (const key of Object.keys(value)) {
    const isAfter = before === undefined || compareBytewise(before, key) < 0;
    if (!isAfter || !isInOrder(value[key])) return false;
    before = key;
  }
  return true;
}

function writeSorted(value: Json): string {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number") return canonicalNumber(value);
  if (isJsonList(value)) return `[${value.map(writeSorted).join(",")}]`;
  if (isJsonObject(value)) {
    const fields = Object.keys(value)
      .sort(compareBytewise)
      .map((key) => `${JSON.stringify(key)}:${writeField(value, key)}`);
    return `{${fields.join(",")}}`;
  }
  const text = JSON.stringify(value);
  if (text === undefined) throw new TypeError("undefined is not JSON");
  return text;
}

function writeField(object: { [key: string]: Json }, key: string): string {
  const field = object[key];
  if (field === undefined) throw new TypeError(`${key}: undefined is not JSON`);
  return writeSorted(field);
}

function canonicalNumber(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError(`${value} is not JSON`);
  // The shortest text of a wide integer is another integer when read exactly.
  const isWide = Number.isInteger(value) && !Number.isSafeInteger(value);
  return isWide && Math.abs(value) < 1e21
    ? BigInt(value).toString()
    : JSON.stringify(value);
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
const textMark = "\u0000text:";

/** A string, and whether it is a key; or an integer of 16 digits or more that is no part of a fraction or exponent. */
const token = /"(?:[^"\\]|\\.)*"(\s*:)?|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;

/**
 * Quotes wide integers behind a mark. A string that begins as a mark does can
 * only do so by the escape `\u0000`, and gets a mark of its own.
 */
function markWideIntegers(text: string): string {
  return text.replace(token, (found, colon?: string) => {
    if (!found.startsWith('"')) {
      return JSON.stringify(`${wideIntegerMark}${found}`);
    }
    const isMarkable = colon === undefined && found.startsWith('"\\u0000');
    return isMarkable
      ? `${JSON.stringify(textMark).slice(0, -1)}${found.slice(1)}`
      : found;
  });
}

function reviveWideInteger(_key: string, value: unknown): unknown {
  if (typeof value !== "string") return value;
  if (value.startsWith(textMark)) return value.slice(textMark.length);
  if (!value.startsWith(wideIntegerMark)) return value;
  const exact = BigInt(value.slice(wideIntegerMark.length));
  const rounded = Number(exact);
  return Number.isSafeInteger(rounded) ? rounded : exact;
}
