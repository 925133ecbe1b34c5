import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type KubeObject } from "@wheelhouse/kube-object";
import {
  invalidVariableNames,
  isSubstituteDisabled,
  mergeVariables,
  substituteText,
} from "./substitute.ts";

const variables = {
  A: "abcabc",
  EMPTY: "",
  FILE: "path/to/file.tar.gz",
  IMAGE: "ghcr.io/x/y@sha256:12ab",
  U: "äbÇ",
};

/** Each outcome as Flux's own library (envsubst 1.7.1) gives it, found by running it. */
const expressions: readonly [string, string][] = [
  ["plain $ and $x and }", "plain $ and $x and }"],
  ["$$", "$"],
  ["$${A}", "${A}"],
  ["$$${A}", "$abcabc"],
  ["${A}-${NOPE}-", "abcabc--"],
  ["${NOPE:=d}${NOPE:-e}${NOPE=f}", "def"],
  ["${EMPTY:-d}${EMPTY=e}", "de"],
  ["${A:?x}${A:+y}", "abcabcabcabc"],
  ["${NOPE:=a-${A}-b}", "a-abcabc-b"],
  ["${NOPE:=$$}", "$$"],
  ["${NOPE:=}", ""],
  ["${#A}${#U}${#NOPE}", "650"],
  ["${A^}${A^^}${U,,}${U^}", "AbcabcABCABCäbçÄbÇ"],
  ["${A:2}${A:-9}", "cabcabcabc"],
  ["${A:1:2}${A:1:-1}${A:9}${A:x}", "bcbcababcabc"],
  ["${A#a}${A#*b}${A##*b}", "bcabccabcc"],
  ["${A%c}${A%b*}${A%%b*}", "abcababcaa"],
  ["${FILE##*/}${FILE%%.*}", "file.tar.gzpath/to/file"],
  ["${IMAGE#*@sha256:????}${IMAGE%@*}", "ghcr.io/x/y"],
  ["${A#[a-b]}${A#[^b]}${A#[}", "bcabcbcabcabcabc"],
  ["${A/b/X}${A//b/X}${A/#a/X}${A/%c/X}", "aXcabcaXcaXcXbcabcabcabX"],
  ["${A/b/}${A//b/}", "acabcacac"],
  ["${FILE//\\//-}", "path-to-file.tar.gz"],
  ["${A/${NOPE:=b}/${EMPTY:=y}}", "aycabc"],
];

describe("substituteText", () => {
  it.each(expressions)("makes of %s what Flux makes of it", (text, output) => {
    expect(substituteText(text, variables)).toMatchObject({
      ok: true,
      text: output,
    });
  });

  it.each([
    ["${", "unable to parse variable name"],
    ["${A", "missing closing brace"],
    ["${A-x}", "missing closing brace"],
    ["${!A}", "unable to parse variable name"],
    ["${A#}", "unable to parse substitution within function"],
    ["${A/b}", "bad substitution"],
    ["${A^^x}", "bad substitution"],
    ["${#}", "bad substitution"],
  ])("refuses %s as Flux does", (text, message) => {
    expect(substituteText(`first\n  x: ${text}`, variables)).toEqual({
      ok: false,
      message,
      line: 2,
    });
  });

  it("names what was needed and not set", () => {
    const result = substituteText("${B}${A}${C:=x}${B}${D#x}", variables);
    expect(result).toMatchObject({ missing: ["B", "D"] });
  });

  it("does not look into prototypes", () => {
    expect(substituteText("${constructor}", {})).toMatchObject({
      text: "",
      missing: ["constructor"],
    });
  });

  it("bounds nesting and growth", () => {
    const deep = `${"${A:=".repeat(100)}${"}".repeat(100)}`;
    expect(substituteText(deep, {}).ok).toBe(false);
    const long = { L: "x".repeat(1024 * 1024) };
    expect(substituteText("${L}".repeat(17), long).ok).toBe(false);
    expect(substituteText("${L##*a*b*c}", long)).toMatchObject({ ok: false });
    expect(substituteText("${L//x/${L}}", long)).toMatchObject({ ok: false });
    expect(substituteText(`\${N:=${"${L}".repeat(500)}}`, long).ok).toBe(false);
    const most = { L: "a".repeat(1_024) };
    expect(substituteText(`\${L#${"*a".repeat(50)}b}`, most).ok).toBe(true);
  });

  it("leaves a text without a dollar alone", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const plain = text.replaceAll("$", "");
        const result = substituteText(plain, variables);
        return result.ok && result.text === plain;
      }),
    );
  });

  it("gives a text back when every dollar is doubled", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const result = substituteText(text.replaceAll("$", "$$$$"), variables);
        return result.ok && result.text === text;
      }),
    );
  });

  it("never throws", () => {
    const piece = fc.constantFrom(
      "${",
      "}",
      "$",
      "#",
      "%",
      "/",
      ":",
      "=",
      "^",
      ",",
      "A",
      "*",
      "[",
      "]",
      "\\",
      "é",
      "-1",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        substituteText(pieces.join(""), variables);
      }),
      { numRuns: 3_000 },
    );
  });
});

describe("variables", () => {
  it("merges later over earlier, and takes line feeds out", () => {
    const merged = mergeVariables({ A: "1", B: "x\ny\n" }, { A: "2" });
    expect({ ...merged }).toEqual({ A: "2", B: "xy" });
  });

  it("names what is no name", () => {
    expect(
      invalidVariableNames({ A: "", _b1: "", "1a": "", "a-b": "", "": "" }),
    ).toEqual(["", "1a", "a-b"]);
  });

  it("sees the label and the annotation that switch it off", () => {
    const key = "kustomize.toolkit.fluxcd.io/substitute";
    const object = (metadata: object): KubeObject => ({
      apiVersion: "v1",
      kind: "X",
      metadata: { name: "x", ...metadata },
    });
    expect(
      isSubstituteDisabled(object({ labels: { [key]: "disabled" } })),
    ).toBe(true);
    expect(
      isSubstituteDisabled(object({ annotations: { [key]: "disabled" } })),
    ).toBe(true);
    expect(isSubstituteDisabled(object({ labels: { [key]: "enabled" } }))).toBe(
      false,
    );
    expect(isSubstituteDisabled(object({}))).toBe(false);
  });
});
