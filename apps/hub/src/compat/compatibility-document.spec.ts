import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compatibilityDocument } from "@wheelhouse/compile";

const committed = join(
  import.meta.dirname,
  "../../../../docs/compatibility.md",
);

describe("docs/compatibility.md", () => {
  it("is what the tables say (npm run compat -- --document)", () => {
    expect(readFileSync(committed, "utf8")).toBe(compatibilityDocument());
  });

  it("names every field, kind and reason", () => {
    const text = compatibilityDocument();
    for (const word of ["`decryption`", "HelmRelease", "RemoteReference"]) {
      expect(text).toContain(word);
    }
  });
});
