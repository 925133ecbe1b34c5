import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createScrubber } from "./scrubber.ts";

const encodings: Readonly<Record<string, (value: string) => string>> = {
  raw: (value) => value,
  "upper case": (value) => value.toUpperCase(),
  json: (value) => JSON.stringify(value).slice(1, -1),
  url: encodeURIComponent,
  hex: (value) => Buffer.from(value).toString("hex"),
  base64: (value) => Buffer.from(value).toString("base64"),
  "base64 within a text": (value) =>
    Buffer.from(`user:${value}!`).toString("base64"),
};

describe("a scrubber", () => {
  const { scrub } = createScrubber(["s3cret/+ \"pass'", "line-one\nline-two!"]);

  it.each(Object.keys(encodings))("takes a value out: %s", (name) => {
    const encoded = encodings[name]?.("s3cret/+ \"pass'") ?? "";
    const clean = scrub(`Invalid value: ${encoded} at data`);
    expect(clean).toContain("(redacted)");
    expect(clean).toMatch(/^Invalid value: .* at data$/);
    expect(clean).not.toContain(encoded);
    expect(clean).not.toContain("s3cret");
  });

  it("takes single lines and the joined text of a value with line feeds", () => {
    expect(scrub("a line-two! b line-oneline-two! c")).toBe(
      "a (redacted) b (redacted) c",
    );
  });

  it("takes what is left of a value where a text was cut", () => {
    expect(scrub("Invalid value: s3cret/+ ")).toBe("Invalid value: (redacted)");
    expect(scrub("Invalid value: s3cret/+…")).toBe("Invalid value: (redacted)");
  });

  it("takes short values only where they stand alone", () => {
    const short = createScrubber(["7", "ab"]);
    expect(short.scrub("7 of 17 cabs, ab: a7b")).toBe(
      "(redacted) of 17 cabs, (redacted): a7b",
    );
  });

  it("leaves no value of four signs or more in any text", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 4, maxLength: 20 }), { minLength: 1 }),
        fc.string(),
        fc.string(),
        (values, before, after) => {
          const [first = ""] = values;
          fc.pre(!"(redacted)".includes(first.toLowerCase()));
          const { scrub: all } = createScrubber(values);
          const clean = all(`${before}${first}${after}`).replaceAll(
            "(redacted)",
            "\0",
          );
          expect(clean.includes(first)).toBe(false);
        },
      ),
    );
  });
});
