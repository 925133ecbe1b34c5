import { createCipheriv, createHash, randomBytes } from "node:crypto";
import {
  type Json,
  type KubeObject,
  isJsonObject,
} from "@wheelhouse/kube-object";
import {
  Encrypter,
  armor,
  generateIdentity,
  identityToRecipient,
} from "age-encryption";

/** A pair of age keys. */
export interface AgeKeys {
  readonly identity: string;
  readonly recipient: string;
}

/** Makes a pair of keys. */
export async function makeAgeKeys(): Promise<AgeKeys> {
  const identity = await generateIdentity();
  return { identity, recipient: await identityToRecipient(identity) };
}

/** Encrypts `data` and `stringData` of an object as `sops --encrypted-regex '^(data|stringData)$'` does. */
export async function encryptObject(
  object: KubeObject,
  { recipient }: AgeKeys,
  /** In the place of the right one. */
  wrongMac?: string,
): Promise<KubeObject> {
  const dataKey = randomBytes(32);
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  const wrapped = await encrypter.encrypt(dataKey);
  const hash = createHash("sha512");
  const walk = (value: Json, path: readonly string[]): Json => {
    if (isJsonObject(value)) {
      return Object.fromEntries(
        Object.entries(value).map(([key, child]) => [
          key,
          walk(child, [...path, key]),
        ]),
      );
    }
    hash.update(String(value));
    const isSecret = path[0] === "data" || path[0] === "stringData";
    return isSecret
      ? seal(String(value), dataKey, `${path.join(":")}:`)
      : value;
  };
  const encrypted = walk(object, []) as KubeObject;
  const lastmodified = "2026-01-01T00:00:00Z";
  const mac = wrongMac ?? hash.digest("hex").toUpperCase();
  return {
    ...encrypted,
    sops: {
      age: [{ recipient, enc: armor.encode(wrapped) }],
      lastmodified,
      mac: seal(mac, dataKey, lastmodified),
      encrypted_regex: "^(data|stringData)$",
      version: "3.11.0",
    },
  };
}

function seal(text: string, dataKey: Uint8Array, context: string): string {
  const iv = randomBytes(32);
  const cipher = createCipheriv("aes-256-gcm", dataKey, iv);
  cipher.setAAD(Buffer.from(context, "utf8"));
  const data = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  const parts = [data, iv, cipher.getAuthTag()].map((part) =>
    part.toString("base64"),
  );
  return `ENC[AES256_GCM,data:${parts[0]},iv:${parts[1]},tag:${parts[2]},type:str]`;
}
