import { type Environment } from "@marcbachmann/cel-js";

class SetsNamespace {}
class Base64Namespace {}

/** Texts that an expression makes are no longer than this, in characters: a chain of replacements grows without end. */
const maxTextLength = 1_048_576;

/** Adds to an environment what Flux's expressions know and the package does not: `sets`, `base64`, and functions of texts. */
export function registerFluxFunctions(environment: Environment): Environment {
  registerSets(environment);
  registerBase64(environment);
  registerTextFunctions(environment);
  return environment;
}

function registerSets(environment: Environment): void {
  environment
    .registerType("SetsNamespace", SetsNamespace)
    .registerConstant("sets", "SetsNamespace", new SetsNamespace());
  const tests = {
    contains: containsAll,
    equivalent: (a: readonly unknown[], b: readonly unknown[]) =>
      containsAll(a, b) && containsAll(b, a),
    intersects: (a: readonly unknown[], b: readonly unknown[]) =>
      b.some((item) => includesValue(a, item)),
  };
  for (const [name, test] of Object.entries(tests)) {
    environment.registerFunction(
      `SetsNamespace.${name}(list, list): bool`,
      (_: unknown, a: readonly unknown[], b: readonly unknown[]) => test(a, b),
    );
  }
}

function containsAll(
  list: readonly unknown[],
  wanted: readonly unknown[],
): boolean {
  return wanted.every((item) => includesValue(list, item));
}

/** Sets are compared by value only where values are plain: numbers of all types, texts, truth values and null. */
function includesValue(list: readonly unknown[], wanted: unknown): boolean {
  // CEL compares int and double by value, as `==` does with bigint and number.
  return list.some(
    (item) =>
      item === wanted ||
      (isNumber(item) && isNumber(wanted) && Number(item) === Number(wanted)),
  );
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

function registerBase64(environment: Environment): void {
  environment
    .registerType("Base64Namespace", Base64Namespace)
    .registerConstant("base64", "Base64Namespace", new Base64Namespace())
    .registerFunction(
      "Base64Namespace.encode(bytes): string",
      (_: unknown, bytes: Uint8Array) => Buffer.from(bytes).toString("base64"),
    )
    .registerFunction(
      "Base64Namespace.decode(string): bytes",
      (_: unknown, text: string) => new Uint8Array(decodeBase64(text)),
    );
}

/** With or without padding, as in Flux; throws where the text is no base64. */
function decodeBase64(text: string): Buffer {
  const bytes = Buffer.from(text, "base64");
  const unpadded = text.replace(/=+$/, "");
  if (bytes.toString("base64").replace(/=+$/, "") !== unpadded) {
    throw new Error("base64.decode: illegal base64 data");
  }
  return bytes;
}

function registerTextFunctions(environment: Environment): void {
  environment
    .registerFunction(
      "string.replace(string, string): string",
      (text: string, from: string, to: string) =>
        replaceText(text, { from, to, limit: -1 }),
    )
    .registerFunction(
      "string.replace(string, string, int): string",
      (text: string, from: string, to: string, limit: bigint) =>
        replaceText(text, { from, to, limit: Number(limit) }),
    )
    .registerFunction(
      "string.charAt(int): string",
      (text: string, index: bigint) => charAt(text, Number(index)),
    )
    .registerFunction("string.reverse(): string", (text: string) =>
      [...text].reverse().join(""),
    );
}

/** The first `limit` places, or all for a negative one. */
function replaceText(
  text: string,
  {
    from,
    to,
    limit,
  }: { readonly from: string; readonly to: string; readonly limit: number },
): string {
  // The empty text stands between all characters, not between their halves.
  const parts = from === "" ? ["", ...text, ""] : text.split(from);
  const count =
    limit < 0 ? parts.length - 1 : Math.min(limit, parts.length - 1);
  if (text.length + count * to.length > maxTextLength) {
    throw new Error(`replace: more than ${maxTextLength} characters`);
  }
  const replaced = parts.slice(0, count).map((part) => part + to);
  return replaced.join("") + parts.slice(count).join(from);
}

function charAt(text: string, index: number): string {
  const characters = [...text];
  if (index < 0 || index > characters.length) {
    throw new Error(`charAt: index ${index} is out of range`);
  }
  return characters[index] ?? "";
}
