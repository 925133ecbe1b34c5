import {
  type Document,
  type Node,
  Composer,
  LineCounter,
  Parser,
  isMap,
  isScalar,
  isSeq,
} from "yaml";
import { type Json } from "@wheelhouse/kube-object";
import { type Problem } from "./fleet-objects.ts";
import { YamlFault, readYamlNode } from "./yaml-node.ts";
import { type YamlLimits, defaultYamlLimits } from "./yaml-limits.ts";

/** A step into a document: a map's key or a list's index. */
export type YamlPath = readonly (string | number)[];

/** One document of a YAML file. Its maps have no prototype. */
export interface YamlDocument {
  readonly value: Json;
  /** Where its content begins, 1-based. */
  readonly line: number;
  /** Where the key or item at a path stands; where the path ends early, the last that is there. */
  lineOf(path: YamlPath): number;
}

/** A file's documents without the empty ones, or the first thing wrong with it. */
export type YamlResult =
  | { readonly ok: true; readonly documents: readonly YamlDocument[] }
  | { readonly ok: false; readonly problem: Problem };

/**
 * Parses a file as Kubernetes reads YAML: version 1.1 with Go's scalars, merge
 * keys, redefined anchors, CRLF and byte order marks; duplicate keys, unknown
 * tags and whatever passes the limits are refused, with the line.
 */
export function parseYaml(
  file: string,
  content: Uint8Array | string,
  limits: YamlLimits = defaultYamlLimits,
): YamlResult {
  const lines = new LineCounter();
  try {
    const text = decodeText(content, limits);
    const documents = [...compose(text, lines, limits)]
      .map((document) => readDocument(document, lines, text.length, limits))
      .filter((document) => document.value !== null);
    return { ok: true, documents };
  } catch (error) {
    if (!(error instanceof YamlFault)) throw error;
    const line = error.offset === undefined ? undefined : lineAt(lines, error);
    return {
      ok: false,
      problem: {
        reason: error.reason,
        subject: file,
        message: error.message,
        location: line === undefined ? { file } : { file, line },
      },
    };
  }
}

function lineAt(lines: LineCounter, { offset }: YamlFault): number {
  return Math.max(lines.linePos(offset ?? 0).line, 1);
}

/** UTF-8 with or without a mark, or UTF-16 with one: what Go's reader takes. */
function decodeText(content: Uint8Array | string, limits: YamlLimits): string {
  if (content.length > limits.maxBytes) {
    throw new YamlFault(
      "FileTooLarge",
      `larger than ${limits.maxBytes} bytes, the limit for one YAML file`,
    );
  }
  if (typeof content === "string") return content.replace(/^\ufeff/, "");
  const [first, second] = content;
  const encoding =
    first === 0xff && second === 0xfe
      ? "utf-16le"
      : first === 0xfe && second === 0xff
        ? "utf-16be"
        : "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(content);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new YamlFault("NotText", `is not ${encoding} text`);
  }
}

function* compose(
  text: string,
  lines: LineCounter,
  limits: YamlLimits,
): Generator<Document.Parsed> {
  const composer = new Composer({
    version: "1.1",
    // Every scalar stays text: Go's rules are applied to it afterwards.
    schema: "failsafe",
    resolveKnownTags: false,
    merge: false,
    uniqueKeys: false,
    logLevel: "silent",
  });
  const tokens = new Parser(lines.addNewLine).parse(text);
  let count = 0;
  for (const document of composer.compose(tokens)) {
    const [error] = document.errors;
    if (error !== undefined) {
      throw error.code === "RESOURCE_EXHAUSTION"
        ? new YamlFault("TooDeep", "nested too deep", error.pos[0])
        : new YamlFault("InvalidYaml", tidy(error.message), error.pos[0]);
    }
    const [start, , end] = document.range;
    if (end - start > limits.maxDocumentLength) {
      throw new YamlFault(
        "FileTooLarge",
        `a document is longer than ${limits.maxDocumentLength} characters`,
        start,
      );
    }
    count += 1;
    if (count > limits.maxDocuments) {
      throw new YamlFault(
        "TooManyDocuments",
        `more than ${limits.maxDocuments} documents`,
        document.range[0],
      );
    }
    yield document;
  }
}

function tidy(message: string): string {
  const plain = message.replace(/\.$/, "");
  return `${plain.charAt(0).toLowerCase()}${plain.slice(1)}`;
}

function readDocument(
  document: Document.Parsed,
  lines: LineCounter,
  length: number,
  limits: YamlLimits,
): YamlDocument {
  const node = document.contents;
  const lineOfNode = (at: Node | null): number =>
    Math.max(lines.linePos(at?.range?.[0] ?? document.range[0]).line, 1);
  return {
    value: node === null ? null : readYamlNode(node, length, limits),
    line: lineOfNode(node),
    lineOf: (path) => lineOfNode(nodeAt(node, path)),
  };
}

/** The key or item that a path leads to, or the last on the way. */
function nodeAt(root: Node | null, path: YamlPath): Node | null {
  let marker = root;
  let current = root;
  for (const step of path) {
    if (isMap(current)) {
      const pair = current.items.find(
        ({ key }) => isScalar(key) && key.value === step,
      );
      if (pair === undefined) return marker;
      marker = pair.key as Node;
      current = pair.value as Node | null;
    } else if (isSeq(current) && typeof step === "number") {
      const item = current.items[step];
      if (item === undefined) return marker;
      marker = item as Node;
      current = item as Node;
    } else {
      return marker;
    }
  }
  return marker;
}
