/** A scalar's value as Kubernetes' YAML reader has it, or why it has none. */
export type ScalarResult =
  | {
      readonly ok: true;
      readonly value: null | boolean | number | bigint | string;
    }
  | { readonly ok: false; readonly message: string };

const words: ReadonlyMap<string, null | boolean> = new Map([
  ...variants(["y", "yes", "true", "on"], true),
  ...variants(["n", "no", "false", "off"], false),
  ...variants(["null"], null),
  ["", null],
  ["~", null],
]);

/** A word in the three spellings that YAML 1.1 knows: yes, Yes, YES. */
function variants<Value>(
  texts: readonly string[],
  value: Value,
): [string, Value][] {
  return texts.flatMap((text): [string, Value][] => [
    [text, value],
    [`${text.charAt(0).toUpperCase()}${text.slice(1)}`, value],
    [text.toUpperCase(), value],
  ]);
}

const infinite = /^[-+]?\.(inf|Inf|INF)$|^\.(nan|NaN|NAN)$/;
const decimalFloat = /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/;
const integerForms: readonly (readonly [RegExp, string])[] = [
  [/^([-+]?)0[xX]([0-9a-fA-F]+)$/, "0x"],
  [/^([-+]?)0[bB]([01]+)$/, "0b"],
  [/^([-+]?)0[oO]?([0-7]+)$/, "0o"],
  [/^([-+]?)(0|[1-9]\d*)$/, ""],
];

const minInt64 = -(2n ** 63n);
const maxUint64 = 2n ** 64n - 1n;

/**
 * Resolves an unquoted scalar without a tag, as Go's YAML 1.1 reader behind
 * Kubernetes does: `yes` is true, `0755` is octal, `=` is text, dates are text.
 */
export function resolvePlainScalar(text: string): ScalarResult {
  const word = words.get(text);
  if (word !== undefined) return { ok: true, value: word };
  if (infinite.test(text)) {
    return { ok: false, message: `${text} cannot stand in a manifest` };
  }
  return { ok: true, value: resolveNumber(text) ?? text };
}

function resolveNumber(text: string): number | bigint | undefined {
  if (!/^[-+.0-9]/.test(text)) return undefined;
  // Go drops underscores; in a number that begins with its point they must stand between digits.
  const isOdd = text.startsWith(".") && /(?<!\d)_|_(?!\d)/.test(text);
  const plain = isOdd ? text : text.replaceAll("_", "");
  const integer = resolveInteger(plain);
  if (integer !== undefined) return integer;
  if (!decimalFloat.test(plain)) return undefined;
  const value = Number(plain);
  return Number.isFinite(value) ? value : undefined;
}

function resolveInteger(text: string): number | bigint | undefined {
  for (const [form, prefix] of integerForms) {
    const match = form.exec(text);
    if (match === null) continue;
    const magnitude = BigInt(`${prefix}${match[2] ?? ""}`);
    const value = match[1] === "-" ? -magnitude : magnitude;
    // Beyond 64 bits Go falls back to a float, where the text is a decimal.
    if (value < minInt64 || value > maxUint64) return undefined;
    // An explicit plus is only known to the signed reader.
    if (match[1] === "+" && value >= 2n ** 63n) return undefined;
    const narrow = Number(value);
    return Number.isSafeInteger(narrow) ? narrow : value;
  }
  return undefined;
}

const tagPrefix = "tag:yaml.org,2002:";

/** Resolves a scalar with an explicit tag. Tags that Kubernetes does not know are refused. */
export function resolveTaggedScalar(tag: string, text: string): ScalarResult {
  const plain = resolvePlainScalar(text);
  const mismatch: ScalarResult = {
    ok: false,
    message: `cannot read ${JSON.stringify(text)} as ${tag.replace(tagPrefix, "!!")}`,
  };
  switch (tag.replace(tagPrefix, "!!")) {
    case "!":
    case "!!str":
      return { ok: true, value: text };
    case "!!binary":
      return {
        ok: true,
        value: new TextDecoder().decode(Buffer.from(text, "base64")),
      };
    case "!!null":
      return plain.ok && plain.value === null ? plain : mismatch;
    case "!!bool":
      return plain.ok && typeof plain.value === "boolean" ? plain : mismatch;
    case "!!int":
      return resolveInteger(text.replaceAll("_", "")) === undefined
        ? mismatch
        : plain;
    case "!!float":
      return plain.ok && isNumber(plain.value)
        ? { ok: true, value: Number(plain.value) }
        : mismatch;
    default:
      return { ok: false, message: `unknown tag ${tag}` };
  }
}

function isNumber(value: unknown): boolean {
  return typeof value === "number" || typeof value === "bigint";
}
