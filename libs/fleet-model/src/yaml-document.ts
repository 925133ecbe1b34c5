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
import {
  type NodeResult,
  YamlFault,
  maxYamlFaults,
  readYamlNode,
} from "./yaml-node.ts";
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

/** A file's documents without the empty ones, or what is wrong with it. */
export type YamlResult =
  | { readonly ok: true; readonly documents: readonly YamlDocument[] }
  | {
      readonly ok: false;
      /** The first. */
      readonly problem: Problem;
      /** All of them, at most 50: of a document that is no YAML the first, of any other each. */
      readonly problems: readonly [Problem, ...Problem[]];
      /** Those that nothing is wrong with: enough to look further, never to act on. */
      readonly documents: readonly YamlDocument[];
    };

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
  const documents: YamlDocument[] = [];
  const faults: YamlFault[] = [];
  try {
    const text = decodeText(content, limits);
    for (const document of compose(text, lines, limits)) {
      const read = readDocument(document, lines, text.length, limits);
      if (!read.ok) faults.push(...read.faults);
      else if (read.document.value !== null) documents.push(read.document);
      if (faults.length >= maxYamlFaults) break;
    }
  } catch (error) {
    if (!(error instanceof YamlFault)) throw error;
    faults.push(error);
  }
  const [problem, ...others] = faults
    .slice(0, maxYamlFaults)
    .map((fault) => problemOf(file, lines, fault));
  if (problem === undefined) return { ok: true, documents };
  return { ok: false, problem, problems: [problem, ...others], documents };
}

function problemOf(
  file: string,
  lines: LineCounter,
  { reason, message, offset }: YamlFault,
): Problem {
  const location =
    offset === undefined
      ? { file }
      : { file, line: Math.max(lines.linePos(offset).line, 1) };
  return { reason, subject: file, message, location };
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
    if (error?.code === "RESOURCE_EXHAUSTION") {
      throw new YamlFault("TooDeep", "nested too deep", error.pos[0]);
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

type DocumentResult =
  | { readonly ok: true; readonly document: YamlDocument }
  | { readonly ok: false; readonly faults: readonly YamlFault[] };

function readDocument(
  document: Document.Parsed,
  lines: LineCounter,
  length: number,
  limits: YamlLimits,
): DocumentResult {
  const [error] = document.errors;
  if (error !== undefined) {
    // What the parser says after the first is mostly the same mistake again.
    const { message, pos } = error;
    const fault = new YamlFault("InvalidYaml", tidy(message), pos[0]);
    return { ok: false, faults: [fault] };
  }
  const node = document.contents;
  const lineOfNode = (at: Node | null): number =>
    Math.max(lines.linePos(at?.range?.[0] ?? document.range[0]).line, 1);
  const read: NodeResult =
    node === null
      ? { ok: true, value: null }
      : readYamlNode(node, length, limits);
  if (!read.ok) return read;
  return {
    ok: true,
    document: {
      value: read.value,
      line: lineOfNode(node),
      lineOf: (path) => lineOfNode(nodeAt(node, path)),
    },
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
