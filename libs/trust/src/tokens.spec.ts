import { describe, expect, it } from "vitest";
import { digestOf } from "@wheelhouse/assignment";
import {
  createBearerToken,
  createJoinToken,
  createLoginCode,
  hashSecret,
  parseJoinToken,
} from "./index.ts";

describe("tokens", () => {
  it("for joining carry the pin's fingerprint and hash to what is stored", () => {
    const fingerprint = digestOf("a pin");
    const token = createJoinToken(fingerprint);
    const parsed = parseJoinToken(` ${token.text}\n`);
    expect(parsed?.fingerprint).toBe(fingerprint);
    expect(hashSecret(parsed?.secret ?? "")).toBe(token.hash);
    expect(parsed?.secret).toHaveLength(32);
  });

  it.each(["", "whj", "whj.a.b", "wh_abc", `whj.${"A".repeat(43)}`])(
    "for joining are not read from %j",
    (text) => {
      expect(parseJoinToken(text)).toBeUndefined();
    },
  );

  it("for joining are read whole: nothing behind, and no shorter secret", () => {
    const { text } = createJoinToken(digestOf("a pin"));
    expect(parseJoinToken(`${text}.x`)).toBeUndefined();
    const [prefix, , hex] = text.split(".");
    const short = Buffer.alloc(31, 1).toString("base64url");
    expect(parseJoinToken(`${prefix}.${short}.${hex}`)).toBeUndefined();
  });

  it("for people say what they are, and never repeat", () => {
    const texts = Array.from({ length: 50 }, () => createBearerToken().text);
    expect(new Set(texts).size).toBe(50);
    expect(texts[0]).toMatch(/^wh_[\w-]{43}$/);
    expect(createLoginCode().text).toMatch(/^whl_[\w-]{43}$/);
    const { text, hash } = createBearerToken();
    expect(hashSecret(text)).toBe(hash);
    expect(hashSecret(`${text}x`)).not.toBe(hash);
  });
});
