import {
  type FieldStep,
  type Json,
  type JsonObject,
  isJsonObject,
} from "@wheelhouse/kube-object";

type KeyStep = Extract<FieldStep, { kind: "key" }>;

/**
 * The keys by which the API server merges the lists of built-in kinds, by the
 * list's field name. The first whose keys all items have is taken. Lists that
 * are not here are tried with `name`.
 */
const keysByField: Readonly<Record<string, readonly (readonly string[])[]>> = {
  ports: [
    ["containerPort", "protocol"],
    ["port", "protocol"],
    ["containerPort"],
    ["port"],
  ],
  conditions: [["type"]],
  volumeMounts: [["mountPath"]],
  volumeDevices: [["devicePath"]],
  hostAliases: [["ip"]],
  ownerReferences: [["uid"]],
  topologySpreadConstraints: [["topologyKey", "whenUnsatisfiable"]],
  podIPs: [["ip"]],
};

/** What the server fills into list keys that a manifest may leave out. */
export const defaultKeyValues: Readonly<Record<string, Json>> = {
  protocol: "TCP",
};

const byName: readonly (readonly string[])[] = [["name"]];

/**
 * The keys that tell the items of a list apart, or undefined where they can
 * only be told apart by place. Several versions of the list may be given: the
 * keys then hold in each.
 */
export function inferListKeys(
  field: string,
  ...lists: readonly (readonly Json[])[]
): readonly string[] | undefined {
  const candidates = Object.hasOwn(keysByField, field)
    ? (keysByField[field] ?? byName)
    : byName;
  return candidates.find((keys) =>
    lists.every((list) => areKeysOf(keys, list)),
  );
}

function areKeysOf(keys: readonly string[], list: readonly Json[]): boolean {
  const seen = new Set<string>();
  return list.every((item) => {
    const step = isJsonObject(item) ? keyStepOf(keys, item) : undefined;
    if (step === undefined) return false;
    const text = JSON.stringify(Object.values(step.keys));
    const isNew = !seen.has(text);
    seen.add(text);
    return isNew;
  });
}

/** The step that names a list's item by its keys, or undefined where it lacks one of them. */
export function keyStepOf(
  keys: readonly string[],
  item: JsonObject,
): KeyStep | undefined {
  const named: Record<string, string | number | boolean> = {};
  for (const key of [...keys].sort()) {
    const value = Object.hasOwn(item, key) ? item[key] : undefined;
    if (!isKeyValue(value)) return undefined;
    named[key] = value;
  }
  return { kind: "key", keys: named };
}

/** The step that names an item as the server does: with its own value for a key that the item leaves out. */
export function serverStepOf(
  keys: readonly string[],
  item: JsonObject,
): KeyStep | undefined {
  const known = keys.filter(
    (key) => Object.hasOwn(item, key) || Object.hasOwn(defaultKeyValues, key),
  );
  return known.length === 0
    ? undefined
    : keyStepOf(known, { ...defaultKeyValues, ...item });
}

/** Whether a value can stand in a list's key. */
export function isKeyValue(
  value: Json | undefined,
): value is string | number | boolean {
  return (
    typeof value === "string" ||
    typeof value === "number" ||
    typeof value === "boolean"
  );
}
