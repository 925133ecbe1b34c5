import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson, compareBytewise, parseJson } from "./canonical-json.ts";
import { type Json, isEqualJson } from "./json.ts";

const integer64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n });

/** A JSON value as `parseJson` gives it: integers that a number holds exactly are numbers. */
const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constant(null),
    fc.boolean(),
    fc.string({ unit: "binary" }),
    fc.constantFrom("\u0000wide:1", "\u0000text:", "\u0000wide:x", '\\"'),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    integer64.map((wide) =>
      Number.isSafeInteger(Number(wide)) ? Number(wide) : wide,
    ),
    fc.array(tie("value")),
    fc.dictionary(fc.string({ unit: "binary" }), tie("value")),
  ),
})).value;

describe("canonicalJson", () => {
  test("sorts keys bytewise and leaves no space", () => {
    expect(canonicalJson({ b: [1, { d: null, c: "x" }], a: true })).toBe(
      '{"a":true,"b":[1,{"c":"x","d":null}]}',
    );
  });

  test("writes integers of 64 bits exactly", () => {
    expect(canonicalJson([9007199254740993n, -9223372036854775808n])).toBe(
      "[9007199254740993,-9223372036854775808]",
    );
  });

  test("refuses what JSON cannot hold", () => {
    const none = undefined as unknown as Json;
    for (const value of [NaN, Infinity, none, [none], { a: none }]) {
      expect(() => canonicalJson(value)).toThrow(TypeError);
    }
  });

  test("is one text for one value, whatever the order of its keys", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), json), (object) => {
        const turned = Object.fromEntries(Object.entries(object).reverse());
        expect(canonicalJson(turned)).toBe(canonicalJson(object));
      }),
    );
  });

  test("is read back as the value that was written, and as no other text", () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = canonicalJson(value);
        expect(isEqualJson(parseJson(text), value)).toBe(true);
        expect(canonicalJson(parseJson(text))).toBe(text);
      }),
      { numRuns: 500 },
    );
  });
});

describe("parseJson", () => {
  test("keeps wide integers exact wherever they stand", () => {
    const text =
      '{"a":9007199254740993,"b":[-9007199254740993, 1234567890123456],"c":"9007199254740993"}';
    expect(parseJson(text)).toEqual({
      a: 9007199254740993n,
      b: [-9007199254740993n, 1234567890123456],
      c: "9007199254740993",
    });
  });

  test("leaves fractions and exponents to numbers, however many digits they have", () => {
    expect(parseJson("1.12345678901234567890")).toBe(1.1234567890123457);
    expect(parseJson("12345678901234567.5")).toBe(12345678901234567.5);
    expect(
      parseJson("[1e0000000000000000002,-2E-00000000000000000001]"),
    ).toEqual([100, -0.2]);
  });

  test("is not misled by strings and keys that look like its marks", () => {
    const text = String.raw`{"\u0000wide:1":"\u0000wide:x","k":"\u0000text:","n":9007199254740993}`;
    expect(parseJson(text)).toEqual({
      "\u0000wide:1": "\u0000wide:x",
      k: "\u0000text:",
      n: 9007199254740993n,
    });
  });

  test("reads what JSON.parse reads, but for wide integers", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        // A double beyond ±2^53 is written with the digits that round to it, not with its own.
        fc.pre(!/(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/.test(text));
        const plain = JSON.parse(text) as Json;
        // The wide integer beside it makes the whole text pass through the marks.
        const read = parseJson(`[${text},9007199254740993]`);
        expect(isEqualJson(read, [plain, 9007199254740993n])).toBe(true);
      }),
    );
  });

  test("reads a string of two million characters beside a wide integer", () => {
    const long = "x".repeat(2_000_000);
    expect(parseJson(`["${long}",9007199254740993]`)).toEqual([
      long,
      9007199254740993n,
    ]);
  });

  test("throws on what is not JSON", () => {
    for (const text of ["", "{", "[9007199254740993", '{"a":01}', "nul"]) {
      expect(() => parseJson(text)).toThrow(SyntaxError);
    }
  });
});

describe("compareBytewise", () => {
  test("orders as the bytes of UTF-8 do", () => {
    const wellFormed = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(wellFormed, wellFormed, (a, b) => {
        const bytes = Buffer.compare(Buffer.from(a), Buffer.from(b));
        expect(Math.sign(compareBytewise(a, b))).toBe(bytes);
      }),
    );
  });

  test("puts what lies beyond 16 bits after what lies within", () => {
    expect(compareBytewise("\u{1F600}", "\uFFFD")).toBeGreaterThan(0);
  });
});
