import { createDecipheriv } from "node:crypto";
import { type Json, parseJson } from "@wheelhouse/kube-object";

const form =
  /^ENC\[AES256_GCM,data:([^,]+),iv:([^,]+),tag:([^,]+),type:([^\]]+)\]$/;

/** A value was changed, moved, or encrypted with another key. It says nothing of the value. */
export class SopsFault extends Error {}

/** Decrypts one value and verifies its tag, which is bound to `context`. Throws `SopsFault`. */
export function decryptValue(
  text: string,
  dataKey: Uint8Array,
  context: string,
): Json {
  // SOPS leaves empty texts as they are.
  if (text === "") return "";
  const [, data, iv, tag, type] = form.exec(text) ?? [];
  if (data === undefined || iv === undefined || tag === undefined) {
    throw new SopsFault("is not encrypted");
  }
  return typed(open({ data, iv, tag }, dataKey, context), type ?? "");
}

function open(
  sealed: { readonly data: string; readonly iv: string; readonly tag: string },
  dataKey: Uint8Array,
  context: string,
): string {
  const bytes = (text: string) => Buffer.from(text, "base64");
  const authTag = bytes(sealed.tag);
  if (authTag.length !== 16) throw new SopsFault("does not have its tag");
  try {
    const decipher = createDecipheriv(
      "aes-256-gcm",
      dataKey,
      bytes(sealed.iv),
      {
        authTagLength: 16,
      },
    );
    decipher.setAAD(Buffer.from(context, "utf8"));
    decipher.setAuthTag(authTag);
    const plain = [decipher.update(bytes(sealed.data)), decipher.final()];
    return Buffer.concat(plain).toString("utf8");
  } catch {
    throw new SopsFault("does not have its tag");
  }
}

function typed(text: string, type: string): Json {
  switch (type) {
    case "str":
    case "bytes":
      return text;
    case "int":
    case "float":
      return number(text);
    case "bool":
      return text.toLowerCase() === "true";
    default:
      throw new SopsFault("has a type that is not built yet");
  }
}

function number(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    throw new SopsFault("is no number");
  }
}
