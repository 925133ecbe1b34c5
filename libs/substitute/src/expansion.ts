import { matchGlob } from "./glob-match.ts";

/** The operators that name what an unset variable becomes. */
const defaultOperators = new Set(["=", ":=", ":-", ":?", ":+"]);

/** Whether an operator says what an unset variable becomes. */
export function hasDefault(operator: string): boolean {
  return defaultOperators.has(operator);
}

/**
 * What an expression gives for a variable's value (empty where it is unset).
 * As in Flux, `:?` and `:+` do what `:-` does, and lengths and positions count
 * bytes of UTF-8.
 */
export function expand(
  value: string,
  operator: string,
  args: readonly string[],
): string {
  const [first = "", second] = args;
  switch (operator) {
    case ",":
      return mapFirst(value, toLower);
    case ",,":
      return mapAll(value, toLower);
    case "^":
      return mapFirst(value, toUpper);
    case "^^":
      return mapAll(value, toUpper);
    case "#":
      return args.length === 0
        ? String(Buffer.byteLength(value))
        : trim(value, first, "shortest");
    case "##":
      return trim(value, first, "longest");
    case "%":
      return trimEnd(value, first, "shortest");
    case "%%":
      return trimEnd(value, first, "longest");
    case ":":
      return slice(value, first, second);
    case "/":
      return replaceFirst(value, first, second ?? "");
    case "//":
      return replaceAll(value, first, second ?? "");
    case "/#":
      return second !== undefined && value.startsWith(first)
        ? second + value.slice(first.length)
        : value;
    case "/%":
      return second !== undefined && value.endsWith(first)
        ? value.slice(0, value.length - first.length) + second
        : value;
    default:
      return value === "" ? args.join("") : value;
  }
}

function toLower(sign: string): string {
  return sign.toLowerCase();
}

function toUpper(sign: string): string {
  return sign.toUpperCase();
}

/** Case by single code points, as in Go: a sign that would become two stays. */
function mapAll(value: string, change: (sign: string) => string): string {
  return [...value]
    .map((sign) => {
      const changed = change(sign);
      return [...changed].length === 1 ? changed : sign;
    })
    .join("");
}

function mapFirst(value: string, change: (sign: string) => string): string {
  const [first = ""] = value;
  return mapAll(first, change) + value.slice(first.length);
}

type Extent = "shortest" | "longest";

/** Takes a prefix that matches a pattern away; an empty match takes nothing. */
function trim(value: string, pattern: string, extent: Extent): string {
  const signs = [...value];
  const parts = [...pattern];
  let cut = 0;
  for (let length = signs.length; length > 0; length -= 1) {
    const matches = matchGlob(parts, signs.slice(0, length));
    if (matches === undefined) return value;
    if (!matches) continue;
    cut = length;
    if (extent === "longest") break;
  }
  return signs.slice(cut).join("");
}

/** As `trim`, from the end: Flux reverses value and pattern, sign by sign. */
function trimEnd(value: string, pattern: string, extent: Extent): string {
  return reverse(trim(reverse(value), reverse(pattern), extent));
}

function reverse(text: string): string {
  return [...text].reverse().join("");
}

const integer = /^[-+]?\d{1,18}$/;

function slice(
  value: string,
  position: string,
  length: string | undefined,
): string {
  const isReadable =
    integer.test(position) && (length === undefined || integer.test(length));
  if (!isReadable) return value;
  const bytes = Buffer.from(value, "utf8");
  const wanted = Number(position);
  const start = wanted < 0 ? Math.max(bytes.length + wanted, 0) : wanted;
  const count = length === undefined ? bytes.length : Number(length);
  const end = count < 0 ? bytes.length + count : start + count;
  return end < start ? "" : bytes.subarray(start, end).toString("utf8");
}

function replaceFirst(value: string, sought: string, by: string): string {
  const at = value.indexOf(sought);
  return at < 0
    ? value
    : value.slice(0, at) + by + value.slice(at + sought.length);
}

function replaceAll(value: string, sought: string, by: string): string {
  if (sought !== "") return value.split(sought).join(by);
  return by + [...value].map((sign) => sign + by).join("");
}
