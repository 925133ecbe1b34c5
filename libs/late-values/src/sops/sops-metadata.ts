import {
  type Json,
  type JsonObject,
  isJsonList,
  isJsonObject,
} from "@wheelhouse/kube-object";

/** Which values of a document are encrypted, how its MAC is made, and what wraps its data key. */
export interface SopsMetadata {
  /** RFC 3339, exactly as written: the MAC is bound to it. */
  readonly lastModified: string;
  readonly mac: string;
  readonly macOnlyEncrypted: boolean;
  isEncrypted(path: readonly string[]): boolean;
  /** The data key, once for each age recipient. */
  readonly age: readonly string[];
  /** The data key, once for each PGP key. */
  readonly pgp: readonly string[];
}

/** A document's metadata, or what of it this spoke does not know. */
export type SopsMetadataResult =
  | { readonly ok: true; readonly metadata: SopsMetadata }
  | { readonly ok: false; readonly message: string };

/** Longer expressions are refused: they are tried on every key. */
const maxExpressionLength = 512;

/** Reads a document's `sops` block. */
export function readSopsMetadata(sops: JsonObject): SopsMetadataResult {
  if (isJsonList(sops["key_groups"] ?? null)) {
    return refused("key groups are not built yet");
  }
  for (const field of [
    "encrypted_comment_regex",
    "unencrypted_comment_regex",
  ]) {
    if (textIn(sops, field) !== "") return refused(`${field} is not built yet`);
  }
  const isEncrypted = ruleOf(sops);
  if (isEncrypted === undefined)
    return refused("its expression cannot be read");
  return {
    ok: true,
    metadata: {
      lastModified: textIn(sops, "lastmodified"),
      mac: textIn(sops, "mac"),
      macOnlyEncrypted: sops["mac_only_encrypted"] === true,
      isEncrypted,
      age: wrappedKeys(sops["age"]),
      pgp: wrappedKeys(sops["pgp"]),
    },
  };
}

function refused(message: string): SopsMetadataResult {
  return { ok: false, message };
}

function textIn(object: JsonObject, name: string): string {
  const text = object[name];
  return typeof text === "string" ? text : "";
}

function wrappedKeys(value: Json | undefined): readonly string[] {
  const list = value !== undefined && isJsonList(value) ? value : [];
  return list.flatMap((one) =>
    isJsonObject(one) && typeof one["enc"] === "string" ? [one["enc"]] : [],
  );
}

type PathRule = (path: readonly string[]) => boolean;

/** The last of the four kinds of rules that is given decides, as in SOPS; without any the suffix `_unencrypted` does. */
function ruleOf(sops: JsonObject): PathRule | undefined {
  const suffixes = ["unencrypted_suffix", "encrypted_suffix"] as const;
  const [unencryptedSuffix, encryptedSuffix] = suffixes.map((name) =>
    textIn(sops, name),
  );
  const unencrypted = textIn(sops, "unencrypted_regex");
  const encrypted = textIn(sops, "encrypted_regex");
  if (encrypted !== "") return matching(encrypted, true);
  if (unencrypted !== "") return matching(unencrypted, false);
  const endsWith = (suffix: string) => (path: readonly string[]) =>
    path.some((step) => step.endsWith(suffix));
  if (encryptedSuffix !== undefined && encryptedSuffix !== "") {
    return endsWith(encryptedSuffix);
  }
  const isPlain = endsWith(unencryptedSuffix || "_unencrypted");
  return (path) => !isPlain(path);
}

function matching(expression: string, means: boolean): PathRule | undefined {
  if (expression.length > maxExpressionLength) return undefined;
  const isCaseless = expression.startsWith("(?i)");
  try {
    const pattern = new RegExp(
      isCaseless ? expression.slice(4) : expression,
      isCaseless ? "i" : "",
    );
    return (path) => path.some((step) => pattern.test(step)) === means;
  } catch {
    // Go reads expressions that JavaScript does not; guessing would show or hide the wrong values.
    return undefined;
  }
}
