import {
  type SourceTree,
  parseYaml,
  resolveEntry,
} from "@wheelhouse/fleet-model";
import {
  type Json,
  type KubeObject,
  isEqualJson,
  isJsonObject,
} from "@wheelhouse/kube-object";

/** What an encrypted file holds in every format of SOPS, as Flux looks for it. */
const fileMarkers = [
  '"mac": "ENC[',
  '"mac":"ENC[',
  "mac: ENC[",
  "sops_mac=ENC[",
  "[sops]",
];

/** Whether SOPS encrypted an object, or a file in a Secret's data. */
export function isEncrypted(object: KubeObject): boolean {
  if (isJsonObject(object["sops"])) return true;
  const { apiVersion, kind, data } = object;
  if (apiVersion !== "v1" || kind !== "Secret" || !isJsonObject(data)) {
    return false;
  }
  if (Object.hasOwn(data, "sops_mac")) return true;
  return Object.values(data).some((value) => {
    if (typeof value !== "string") return false;
    const text = Buffer.from(value, "base64").toString("utf8");
    return fileMarkers.some((marker) => text.includes(marker));
  });
}

/** Finds encrypted documents as they stand in Git. */
export interface EncryptedTexts {
  /** The text of a file that holds this object and nothing else, with the same content; undefined where the build changed it. */
  find(object: KubeObject): string | undefined;
}

/** Looks for encrypted documents in the files that a build read. A file of several documents has one MAC over all of them, and is not found. */
export function encryptedTexts(
  tree: SourceTree,
  manifests: readonly string[],
): EncryptedTexts {
  return {
    find: (object) => {
      if (!isJsonObject(object["sops"])) return undefined;
      for (const file of manifests) {
        const found = resolveEntry(tree, file);
        if (!found.ok || found.entry?.kind !== "file") continue;
        const text = Buffer.from(found.entry.bytes).toString("utf8");
        if (!text.includes(macOf(object))) continue;
        const parsed = parseYaml(file, text);
        const [only, second] = parsed.ok ? parsed.documents : [];
        if (only === undefined || second !== undefined) continue;
        if (isEqualJson(only.value, object as Json)) return text;
      }
      return undefined;
    },
  };
}

function macOf({ sops }: KubeObject): string {
  const mac = isJsonObject(sops) ? sops["mac"] : undefined;
  // A long line may be folded in the file; its first signs are enough to look twice.
  return typeof mac === "string" && mac !== "" ? mac.slice(0, 40) : "\0";
}
