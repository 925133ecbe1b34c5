import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import {
  type Json,
  type JsonObject,
  canonicalJson,
  isJsonList,
  isJsonObject,
  parseJson,
} from "@wheelhouse/kube-object";

/** What Flux's own libraries made of one root: objects as text, by bundle. */
export interface Golden {
  readonly root: string;
  readonly objects: readonly string[];
  /** Names under which the root's own bundle may go. */
  readonly rootNames: ReadonlySet<string>;
  /** Objects that a stand-in made, and not Flux, by identity. */
  readonly emulated: ReadonlySet<string>;
}

const rootName = "flux-system/(root)";

/** Reads the goldens of a repository. */
export function readGoldens(directory: string): readonly Golden[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith(".json.gz"))
    .map((name) =>
      readGolden(gunzipSync(readFileSync(join(directory, name))).toString()),
    );
}

function readGolden(text: string): Golden {
  const golden = parseJson(text) as JsonObject;
  const entries = (golden["objects"] as readonly Json[]).filter(isJsonObject);
  const kustomizations = Object.entries(golden["kustomizations"] as JsonObject);
  const names = kustomizations.flatMap(([name, value]) =>
    isJsonObject(value) && value["self"] === true ? [name] : [],
  );
  const own = kustomizations.flatMap(([name, value]) =>
    isJsonObject(value) && name !== rootName && Number(value["objects"]) > 0
      ? [name]
      : [],
  );
  const rootNames = new Set([rootName, "flux-system/flux-system", ...names]);
  for (const name of own) rootNames.delete(name);
  const isEmulated = (entry: JsonObject) => entry["emulated"] !== undefined;
  const emulated = new Set(
    entries.filter(isEmulated).map((entry) => identityOf(objectOf(entry))),
  );
  return {
    root: String(golden["root"]),
    rootNames,
    emulated,
    objects: entries
      .filter((entry) => !isEmulated(entry))
      .map((entry) =>
        comparable(String(entry["kustomization"]), objectOf(entry), rootNames),
      ),
  };
}

function objectOf(entry: JsonObject): JsonObject {
  return entry["object"] as JsonObject;
}

/** Group, kind and name of an object, whatever is in it. */
export function identityOf(object: JsonObject): string {
  const { namespace, name } = object["metadata"] as JsonObject;
  return canonicalJson([
    object["apiVersion"] ?? "",
    object["kind"] ?? "",
    namespace ?? "",
    name ?? "",
  ]);
}

/** Not compared: what Flux adds when it applies, and where kustomize says that an object comes from. */
const unseen = new Set([
  "kustomize.toolkit.fluxcd.io/name",
  "kustomize.toolkit.fluxcd.io/namespace",
  "config.kubernetes.io/origin",
]);

/** A bundle's name and an object as one text that is equal where they are. */
export function comparable(
  bundle: string,
  object: JsonObject,
  rootNames: ReadonlySet<string>,
): string {
  const metadata = { ...(object["metadata"] as JsonObject) } as Record<
    string,
    Json
  >;
  for (const field of ["labels", "annotations"]) {
    const texts = metadata[field];
    if (!isJsonObject(texts)) continue;
    const kept = Object.entries(texts).filter(([key]) => !unseen.has(key));
    delete metadata[field];
    if (kept.length > 0) metadata[field] = Object.fromEntries(kept);
  }
  const name = rootNames.has(bundle) ? rootName : bundle;
  return `${name} ${canonicalJson(plain({ ...object, metadata }))}`;
}

/** A whole number is one number, however it is written. */
function plain(value: Json): Json {
  if (typeof value === "bigint") {
    const narrow = Number(value);
    return Number.isSafeInteger(narrow) ? narrow : value;
  }
  if (isJsonList(value)) return value.map(plain);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, plain(item)]),
  );
}
