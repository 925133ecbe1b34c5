import {
  type Json,
  type JsonObject,
  isJsonObject,
} from "@wheelhouse/kube-object";

/** Values with one text put in, or why it cannot be. */
export type PutResult =
  | { readonly ok: true; readonly values: JsonObject }
  | { readonly ok: false; readonly message: string };

/** A text and where it is put. */
export interface PutText {
  /** Keys with dots between them; `\.` is a dot in a key. */
  readonly path: string;
  readonly text: string;
  /** Whether the text is taken as it is. */
  readonly literal: boolean;
}

const maxDepth = 30;

/**
 * Puts a text into values as Helm's `--set` would: `true`, `null` and whole
 * numbers are what they look like, unless the text is in quotes or `literal`.
 * What `--set` would take for a list, for another key or for an escape is
 * refused by name.
 */
export function putText(values: JsonObject, put: PutText): PutResult {
  const { path, text, literal } = put;
  const steps = path
    .split(/(?<!\\)\./)
    .map((step) => step.replaceAll("\\.", "."));
  if (steps.some((step) => step === "" || /[[\]{},=\\]/.test(step))) {
    return refused(`targetPath ${path}: only keys and dots are built`);
  }
  if (steps.length > maxDepth)
    return refused(`targetPath ${path}: is too deep`);
  if (!literal && /[,\\]|^['"]?\{/.test(text)) {
    return refused(
      `targetPath ${path}: a text with a comma, a backslash or a brace in front is not built without literal: true`,
    );
  }
  return { ok: true, values: putAt(values, steps, valueOf(text, literal)) };
}

function refused(message: string): PutResult {
  return { ok: false, message };
}

function valueOf(text: string, literal: boolean): Json {
  if (literal) return text;
  const [quote = ""] = text;
  const isQuoted = (quote === "'" || quote === '"') && text.endsWith(quote);
  if (isQuoted) return text.replace(/^['"]+|['"]+$/g, "");
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === "true";
  if (/^null$/i.test(text)) return null;
  if (text === "0") return 0;
  const isWhole = /^[+-]?[1-9]\d*$/.test(text);
  return isWhole && Number.isSafeInteger(Number(text)) ? Number(text) : text;
}

function putAt(
  values: JsonObject,
  [step = "", ...rest]: readonly string[],
  value: Json,
): JsonObject {
  const copy = copyOf(values);
  const inner = copy[step];
  const map = isJsonObject(inner) ? inner : {};
  copy[step] = rest.length === 0 ? value : putAt(map, rest, value);
  return copy;
}

/**
 * Merges maps into maps; anything else of `over` stands in the place of what
 * was there, null as well: Helm then takes the chart's default away.
 */
export function mergeValues(base: JsonObject, over: JsonObject): JsonObject {
  const merged = copyOf(base);
  for (const [key, value] of Object.entries(over)) {
    const known = merged[key];
    const isBoth = isJsonObject(known) && isJsonObject(value);
    merged[key] = isBoth ? mergeValues(known, value) : value;
  }
  return merged;
}

/** A copy without a prototype, so that no key means anything but itself. */
function copyOf(map: JsonObject): Record<string, Json> {
  const copy = Object.create(null) as Record<string, Json>;
  for (const [name, item] of Object.entries(map)) copy[name] = item;
  return copy;
}
