import { describe, expect, it } from "vitest";
import { isDnsLabel, isDnsSubdomain, isPathSegment } from "./dns-name.ts";

describe("isDnsSubdomain", () => {
  it.each(["a", "team-a", "a.b-c.d0", "0", "a".repeat(253)])(
    "takes %s",
    (name) => expect(isDnsSubdomain(name)).toBe(true),
  );

  it.each(["", "A", "-a", "a-", "a..b", ".a", "a:b", "a/b", "a b", "é"])(
    "refuses %j",
    (name) => expect(isDnsSubdomain(name)).toBe(false),
  );

  it("refuses what is too long", () => {
    expect(isDnsSubdomain("a".repeat(254))).toBe(false);
  });
});

describe("isDnsLabel", () => {
  it.each(["default", "a", "0-9", "a".repeat(63)])("takes %s", (name) =>
    expect(isDnsLabel(name)).toBe(true),
  );

  it.each(["", ".", "..", "a.b", "A", "-a", "a-", "a/b", "a".repeat(64)])(
    "refuses %j",
    (name) => expect(isDnsLabel(name)).toBe(false),
  );
});

describe("isPathSegment", () => {
  it.each(["a", "system:node", "Mixed.Case", "...", "a b", "\u00e9"])(
    "takes %j",
    (name) => expect(isPathSegment(name)).toBe(true),
  );

  it.each(["", ".", "..", "a/b", "a%2fb", "a\0b", "a\nb", "a\x7fb"])(
    "refuses %j",
    (name) => expect(isPathSegment(name)).toBe(false),
  );
});
