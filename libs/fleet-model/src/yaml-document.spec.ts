import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Json, isEqualJson, parseJson } from "@wheelhouse/kube-object";
import { defaultYamlLimits } from "./yaml-limits.ts";
import { type YamlResult, parseYaml } from "./yaml-document.ts";

const valuesOf = (text: string | Uint8Array): readonly Json[] => {
  const result = parseYaml("test.yaml", text);
  if (!result.ok) throw new Error(result.problem.message);
  return result.documents.map(({ value }) => value);
};

const problemOf = (result: YamlResult) =>
  result.ok ? undefined : result.problem;

const refusal = (text: string | Uint8Array, limits = defaultYamlLimits) => {
  const problem = problemOf(parseYaml("apps/test.yaml", text, limits));
  return problem && `${problem.location?.line}: ${problem.reason}`;
};

/** What sigs.k8s.io/yaml 1.6 makes of each scalar, as found by running it. */
const scalars: readonly [string, Json][] = [
  ["yes", true],
  ["No", false],
  ["y", true],
  ["off", false],
  ["~", null],
  ["", null],
  ["Null", null],
  ["=", "="],
  ["0755", 493],
  ["0o17", 15],
  ["08", 8],
  ["0x1F", 31],
  ["0b11", 3],
  ["-0x10", -16],
  ["+1", 1],
  ["1_000", 1000],
  ["1:30", "1:30"],
  ["2001-01-01", "2001-01-01"],
  ["2e-07", 2e-7],
  ["1e3", 1000],
  [".5", 0.5],
  [".1_0", 0.1],
  ["._1", "._1"],
  ["1.0", 1],
  ["9223372036854775807", 9223372036854775807n],
  ["18446744073709551615", 18446744073709551615n],
  ["-9223372036854775808", -9223372036854775808n],
  ["1.2.3", "1.2.3"],
  ["yEs", "yEs"],
  ['"yes"', "yes"],
  ["!!str 0755", "0755"],
  ["!!int 7", 7],
  ["!!float 1", 1],
  ["!!binary aGk=", "hi"],
];

describe("parseYaml", () => {
  it.each(scalars)("reads the scalar %s as Kubernetes does", (text, value) => {
    expect(valuesOf(`k: ${text}\n`)).toEqual([{ k: value }]);
  });

  it("reads keys by the same rules, as text", () => {
    expect(valuesOf("on: 3\n0x10: 2\n")[0]).toEqual({
      true: 3,
      "16": 2,
    });
  });

  it("merges where the merge key stands", () => {
    const text =
      "a: &a {x: 1, w: 2}\nb: {w: 0, <<: *a}\nc: {<<: [*a, {x: 9, z: 3}], w: 5}\n";
    expect(valuesOf(text)[0]).toEqual({
      a: { x: 1, w: 2 },
      b: { x: 1, w: 2 },
      c: { x: 1, w: 5, z: 3 },
    });
  });

  it("takes a redefined anchor by its latest value", () => {
    const text = "a: &x 1\nb: *x\nc: &x 2\nd: *x\n";
    expect(valuesOf(text)[0]).toEqual({ a: 1, b: 1, c: 2, d: 2 });
  });

  it("reads CRLF, byte order marks, UTF-16 and empty documents", () => {
    const text =
      "---\r\n---\r\na: 1\r\n---\r\n# nothing\r\n---\r\nb: |\r\n  x\r\n";
    expect(valuesOf(text)).toEqual([{ a: 1 }, { b: "x\n" }]);
    expect(valuesOf(Buffer.from("\ufeffa: 1\n"))).toEqual([{ a: 1 }]);
    expect(valuesOf(Buffer.from("\ufeffa: é\n", "utf16le"))).toEqual([
      { a: "é" },
    ]);
  });

  it("names the line of documents and fields", () => {
    const result = parseYaml(
      "f",
      "---\na: 1\n---\n# two\nb:\n  c:\n    - d\n    - e: 1\n",
    );
    const [, second] = result.ok ? result.documents : [];
    expect(second?.line).toBe(5);
    expect(second?.lineOf(["b", "c", 1, "e"])).toBe(8);
    expect(second?.lineOf(["b", "c", 7])).toBe(6);
    expect(second?.lineOf(["b", "missing"])).toBe(5);
  });

  it.each([
    ["a: 1\nb: 2\na: 3\n", "3: DuplicateKey"],
    ["on: 1\nyes: 2\n", "2: DuplicateKey"],
    ["a: 1\nb: *gone\n", "2: UnknownAlias"],
    ["a: &a [*a]\n", "1: RecursiveAlias"],
    ["a: !!js/function x\n", "1: InvalidScalar"],
    ["a: !custom {b: 1}\n", "1: UnknownTag"],
    ["a: b\n c: d\n", "1: InvalidYaml"],
    ["a: .nan\n", "1: InvalidScalar"],
    ["? [a]\n: b\n", "1: InvalidKey"],
    ["<<: 1\n", "1: InvalidMerge"],
    [`${"[".repeat(100_000)}`, "1: TooDeep"],
    [`a: ${"[".repeat(64)}${"]".repeat(64)}\n`, "1: TooDeep"],
    [Buffer.from([0x61, 0x3a, 0x20, 0xff]), "undefined: NotText"],
    [`? ${"k".repeat(4_097)}\n: 1\n`, "1: KeyTooLong"],
  ])("refuses %#", (text, expected) => {
    expect(refusal(text)).toBe(expected);
  });

  it("takes what lies at a limit and refuses one more", () => {
    const limits = { ...defaultYamlLimits, maxDocuments: 2, maxBytes: 20 };
    expect(refusal("a: 1\n---\nb: 1\n", limits)).toBeUndefined();
    expect(refusal("a: 1\n---\nb: 1\n---\nc\n", limits)).toBe(
      "4: TooManyDocuments",
    );
    expect(refusal("a: 5678901234567890\n", limits)).toBeUndefined();
    expect(refusal("a: 56789012345678901\n", limits)).toContain("FileTooLarge");
    const short = { ...defaultYamlLimits, maxDocumentLength: 10 };
    expect(refusal("a: 12345\n---\nb: 123456\n", short)).toBe(
      "2: FileTooLarge",
    );
    expect(refusal("a: 12345\n---\nb: 12\n", short)).toBeUndefined();
    const nested = `a: ${"[".repeat(63)}${"]".repeat(63)}\n`;
    expect(refusal(nested)).toBeUndefined();
  });

  it("refuses an alias bomb at once", () => {
    const levels = Array.from({ length: 30 }, (_, level) =>
      level === 0
        ? 'a0: &a0 "lol"'
        : `a${level}: &a${level} [${`*a${level - 1},`.repeat(9)}]`,
    );
    expect(refusal(levels.join("\n"))).toMatch(/AliasExpansion$/);
  });

  it("counts depth through aliases", () => {
    const deep = `${"[".repeat(40)}${"]".repeat(40)}`;
    expect(
      refusal(`a: &a ${deep}\nb: ${"[".repeat(30)}*a${"]".repeat(30)}\n`),
    ).toBe("2: TooDeep");
  });

  it("reads thousands of plain aliases", () => {
    const uses = Array.from({ length: 3_000 }, (_, n) => `k${n}: *v`);
    expect(refusal(`v: &v value\n${uses.join("\n")}\n`)).toBeUndefined();
  });

  it("never touches a prototype", () => {
    const hostile =
      "__proto__: {polluted: 1}\nconstructor: {prototype: {polluted: 1}}\nb: &b {__proto__: {polluted: 1}}\nc: {<<: *b}\n";
    const [value] = valuesOf(hostile);
    expect(Object.keys(value as object)).toContain("__proto__");
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it("reads back whatever JSON says", () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 4, noUnicodeString: false }),
        (value) => {
          const text = `k: ${JSON.stringify(value)}\n`;
          // A double beyond 64 bits is an integer to JSON and a float to YAML.
          fc.pre(!/(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/.test(text));
          const [read] = valuesOf(text);
          const wanted = parseJson(JSON.stringify({ k: value }));
          return isEqualJson(read, wanted);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("never throws", () => {
    const piece = fc.constantFrom(
      "a: ",
      "&x ",
      "*x",
      "- ",
      "\n",
      "  ",
      "{",
      "}",
      "[",
      "]",
      "|",
      ">",
      "'",
      '"',
      "<<: ",
      "!!int ",
      "? ",
      ": ",
      "# ",
      "---\n",
      "%",
      "\t",
      "\u0000",
      "1",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        parseYaml("f", pieces.join(""));
      }),
      { numRuns: 1_000 },
    );
  });
});
