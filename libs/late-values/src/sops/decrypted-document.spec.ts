import { readFileSync } from "node:fs";
import { parseYaml } from "@wheelhouse/fleet-model";
import {
  type JsonObject,
  type KubeObject,
  isKubeObject,
} from "@wheelhouse/kube-object";
import { describe, expect, it } from "vitest";
import { decryptDocument } from "./decrypted-document.ts";

const fixture = (name: string) =>
  readFileSync(new URL(`../../fixtures/${name}`, import.meta.url), "utf8");

/** Recorded from the real sops by fixtures/record.sh. */
const keys = {
  "test.agekey": fixture("test.agekey"),
  "test.asc": fixture("test.asc"),
};

type Encrypted = KubeObject & { readonly sops: JsonObject };

function readObject(text: string): Encrypted {
  const parsed = parseYaml("fixture", text);
  const value = parsed.ok ? parsed.documents[0]?.value : undefined;
  if (!isKubeObject(value)) throw new Error("no object");
  return value as Encrypted;
}

/** As it stands in Git, or with what the build made of it. */
const decrypt = (
  text: string,
  built = text,
  which: typeof keys | JsonObject = keys,
) =>
  decryptDocument(
    readObject(built),
    { inGit: text },
    which as Readonly<Record<string, string>>,
  );

async function plainOf(name: string): Promise<unknown> {
  const result = await decrypt(fixture(name));
  return result.ok
    ? { object: result.document.object, isMacVerified: result.isMacVerified }
    : result;
}

describe("what the real sops wrote", () => {
  const secret = readObject(fixture("plain/secret.yaml"));

  it.each(["age.yaml", "mac-only-encrypted.yaml", "pgp.yaml"])(
    "is decrypted and its MAC verified: %s",
    async (name) => {
      expect(await plainOf(name)).toEqual({
        object: secret,
        isMacVerified: true,
      });
    },
  );

  it("is decrypted by suffix, from JSON with its keys in any order", async () => {
    expect(await plainOf("suffix.json")).toEqual({
      object: readObject(fixture("plain/secret.json")),
      isMacVerified: true,
    });
  });

  it("keeps its types, and is hashed in its own order and spelling", async () => {
    expect(await plainOf("types.yaml")).toEqual({
      object: readObject(fixture("plain/widget.yaml")),
      isMacVerified: true,
    });
  });

  it("loses its MAC, and no tag, where the build altered it", async () => {
    const text = fixture("age.yaml");
    const built = text.replace("namespace: default", "namespace: shop");
    expect(await decrypt(text, built)).toMatchObject({
      ok: true,
      isMacVerified: false,
      document: {
        object: {
          metadata: { namespace: "shop" },
          stringData: { token: "canary-token" },
        },
      },
    });
  });
});

describe("what was tampered with is refused, and nothing of it is said", () => {
  const text = fixture("age.yaml");
  const token = /token: (ENC\[.*)/.exec(text)?.[1] ?? "";
  const last = /last: (ENC\[.*)/.exec(text)?.[1] ?? "";

  it.each([
    ["a value that was taken away", text.replace(/ {4}last: .*\n/, "")],
    [
      "a plain value that was changed",
      text.replace("type: Opaque", "type: example.org/other"),
    ],
    [
      "a plain value that was added",
      text.replace("metadata:", "metadata:\n    added: x"),
    ],
  ])("%s", async (_, changed) => {
    expect(await decrypt(changed)).toMatchObject({
      ok: false,
      reason: "MacMismatch",
      isFinal: true,
    });
  });

  it.each([
    ["a value in another's place", text.replace(token, last)],
    ["a value under another key", text.replace("token:", "renamed:")],
    ["a value with another tag", text.replace(/tag:../, "tag:AA")],
    ["a value in the clear", text.replace(token, "in-the-clear")],
  ])("%s", async (_, changed) => {
    // The build altered it besides: each value alone is enough to tell.
    const built = changed.replace("namespace: default", "namespace: shop");
    const result = await decrypt(text, built);
    expect(result).toMatchObject({
      ok: false,
      reason: "DecryptionFailed",
      message: expect.stringMatching(/^stringData\.\w+ /) as string,
    });
    expect(JSON.stringify(result)).not.toMatch(/canary|in-the-clear|ends/);
  });

  it("has no key that fits", async () => {
    const wrong = {
      "a.agekey":
        "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ",
      "b.asc": "no key",
      "ignored.txt": keys["test.agekey"],
    };
    expect(await decrypt(text, text, wrong)).toEqual({
      ok: false,
      reason: "DecryptionKeyMissing",
      message: "none of its keys fits: 1 *.agekey for 1 age recipients",
      isFinal: false,
    });
  });

  it.each([
    ["key_groups:\n        - {}", "key groups are not built yet"],
    ["encrypted_comment_regex: x", "encrypted_comment_regex is not built yet"],
  ])("needs what is not built: %s", async (field, message) => {
    const changed = text.replace(/^sops:$/m, `sops:\n    ${field}`);
    expect(await decrypt(changed)).toMatchObject({ ok: false, message });
  });

  it("has an expression that only Go reads", async () => {
    const changed = text.replace("^(data|stringData)$", "(?P<x>data)");
    expect(await decrypt(changed)).toMatchObject({
      ok: false,
      message: "its expression cannot be read",
    });
  });
});
