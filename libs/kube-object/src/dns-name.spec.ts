import { describe, expect, it } from "vitest";
import { isDnsSubdomain } from "./dns-name.ts";

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
