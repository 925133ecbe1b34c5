import { type Json, isJsonList, isJsonObject } from "@wheelhouse/kube-object";
import { type SopsMetadata } from "./sops-metadata.ts";
import { SopsFault, decryptValue } from "./sops-value.ts";

/** A document's content with every encrypted value decrypted, and its `sops` block gone. Throws `SopsFault` that names the path, never a value. */
export function decryptTree(
  content: Json,
  metadata: SopsMetadata,
  dataKey: Uint8Array,
): Json {
  return decryptNode(content, [], { metadata, dataKey });
}

interface Walk {
  readonly metadata: SopsMetadata;
  readonly dataKey: Uint8Array;
}

function decryptNode(value: Json, path: readonly string[], walk: Walk): Json {
  if (isJsonList(value)) {
    return value.map((item) => decryptNode(item, path, walk));
  }
  if (isJsonObject(value)) {
    const entries = Object.entries(value)
      .filter(([key]) => path.length > 0 || key !== "sops")
      .map(([key, child]) => [key, decryptNode(child, [...path, key], walk)]);
    return Object.fromEntries(entries) as Json;
  }
  if (value === null || !walk.metadata.isEncrypted(path)) return value;
  return decryptLeaf(value, path, walk.dataKey);
}

/** Decrypts the value at a path; SOPS binds it to the keys on its way, and not to its place in a list. */
export function decryptLeaf(
  value: Json,
  path: readonly string[],
  dataKey: Uint8Array,
): Json {
  const at = path.join(".");
  if (typeof value !== "string") throw new SopsFault(`${at} is not encrypted`);
  try {
    return decryptValue(value, dataKey, `${path.join(":")}:`);
  } catch (error) {
    if (!(error instanceof SopsFault)) throw error;
    throw new SopsFault(`${at} ${error.message}`);
  }
}
