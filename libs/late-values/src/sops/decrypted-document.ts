import { type TemplateDocument } from "@wheelhouse/assignment";
import { parseYaml } from "@wheelhouse/fleet-model";
import {
  type JsonObject,
  type KubeObject,
  isEqualJson,
  isKubeObject,
} from "@wheelhouse/kube-object";
import { stringify } from "yaml";
import { type RenderedDocument } from "@wheelhouse/substitute";
import { type LiveValues } from "../live-values.ts";
import { unwrapDataKey } from "./data-key.ts";
import { decryptTree } from "./decrypted-tree.ts";
import { hasItsMac } from "./document-mac.ts";
import { type SopsMetadata, readSopsMetadata } from "./sops-metadata.ts";
import { SopsFault } from "./sops-value.ts";

/** A decrypted object with the text that is substituted in, or why there is none. */
export type DecryptionResult =
  | {
      readonly ok: true;
      readonly document: RenderedDocument;
      /** Whether the MAC over the whole document was verified, and not only each value's tag. */
      readonly isMacVerified: boolean;
    }
  | {
      readonly ok: false;
      readonly reason:
        "DecryptionFailed" | "DecryptionKeyMissing" | "MacMismatch";
      readonly message: string;
      /** Whether other keys may mend it. */
      readonly isFinal: boolean;
    };

/** Decrypts an object that SOPS encrypted. */
export async function decryptDocument(
  encrypted: KubeObject & { readonly sops: JsonObject },
  { inGit }: Pick<TemplateDocument, "inGit">,
  keys: LiveValues,
): Promise<DecryptionResult> {
  const read = readSopsMetadata(encrypted.sops);
  if (!read.ok) return failed("DecryptionFailed", read.message, true);
  const { metadata } = read;
  const unwrapped = await unwrapDataKey(metadata, keys);
  if (!unwrapped.ok) {
    return failed("DecryptionKeyMissing", unwrapped.message, false);
  }
  const { dataKey } = unwrapped;
  try {
    const isAsWritten = inGit !== undefined && isSameContent(inGit, encrypted);
    if (isAsWritten && !hasItsMac(inGit, metadata, dataKey)) {
      return failed(
        "MacMismatch",
        "the MAC does not match: it was changed without its key",
        true,
      );
    }
    return decrypted(encrypted, metadata, {
      dataKey,
      isMacVerified: isAsWritten,
    });
  } catch (error) {
    if (!(error instanceof SopsFault)) throw error;
    return failed("DecryptionFailed", error.message, true);
  } finally {
    dataKey.fill(0);
  }
}

function decrypted(
  encrypted: KubeObject,
  metadata: SopsMetadata,
  {
    dataKey,
    isMacVerified,
  }: { readonly dataKey: Uint8Array; readonly isMacVerified: boolean },
): DecryptionResult {
  const object = decryptTree(encrypted, metadata, dataKey);
  if (!isKubeObject(object)) {
    return failed(
      "DecryptionFailed",
      "is no Kubernetes object after decryption",
      true,
    );
  }
  const text = stringify(object, {
    version: "1.1",
    lineWidth: 0,
    sortMapEntries: true,
  });
  return { ok: true, isMacVerified, document: { text, object } };
}

function isSameContent(inGit: string, object: KubeObject): boolean {
  const parsed = parseYaml("inGit", inGit);
  const [only, second] = parsed.ok ? parsed.documents : [];
  return (
    only !== undefined &&
    second === undefined &&
    isEqualJson(only.value, object)
  );
}

function failed(
  reason: Extract<DecryptionResult, { ok: false }>["reason"],
  message: string,
  isFinal: boolean,
): DecryptionResult {
  return { ok: false, reason, message, isFinal };
}
