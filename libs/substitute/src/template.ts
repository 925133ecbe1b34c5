/** A piece of a template: text, or a variable with an operator and its arguments. */
export type TemplateNode =
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "variable";
      readonly name: string;
      /** Empty for a bare `${name}`; else such as `:=`, `#`, `//`, `^^`. */
      readonly operator: string;
      readonly args: readonly TemplateNode[];
    };

/** A template's pieces in order, or why Flux refuses it. */
export type TemplateResult =
  | { readonly ok: true; readonly nodes: readonly TemplateNode[] }
  | {
      readonly ok: false;
      readonly message: string;
      /** Where in the text the refused expression begins. */
      readonly offset: number;
    };

/** Nested expressions beyond this are refused. */
const maxNesting = 64;

/** Which signs of an argument end it, and whether `\/`, `\\` and `$$` are escapes in it. */
interface ArgumentForm {
  readonly stops: string;
  readonly hasEscapes: boolean;
}

const untilBrace: ArgumentForm = { stops: "}", hasEscapes: false };
const untilColon: ArgumentForm = { stops: ":}", hasEscapes: false };
const pattern: ArgumentForm = { stops: "/", hasEscapes: true };
const replacement: ArgumentForm = { stops: "}", hasEscapes: true };

interface Scanner {
  readonly text: string;
  at: number;
}

/** Why a template is refused; thrown only inside the parser. */
class TemplateFault extends Error {}

/**
 * Parses a text with `${…}` expressions by the grammar of Flux's substitution:
 * `$$` stands for one `$`, a lone `$` for itself.
 */
export function parseTemplate(text: string): TemplateResult {
  const scanner: Scanner = { text, at: 0 };
  const nodes: TemplateNode[] = [];
  let offset = 0;
  try {
    while (scanner.at < text.length) {
      offset = scanner.at;
      nodes.push(
        text.startsWith("${", scanner.at)
          ? readVariable(scanner, 1)
          : readText(scanner),
      );
    }
    return { ok: true, nodes };
  } catch (error) {
    if (!(error instanceof TemplateFault)) throw error;
    return { ok: false, message: error.message, offset };
  }
}

/** Text up to the next expression, with `$$` made one `$`. */
function readText(scanner: Scanner): TemplateNode {
  const { text } = scanner;
  let value = "";
  while (scanner.at < text.length) {
    const dollar = text.indexOf("$", scanner.at);
    const end = dollar < 0 ? text.length : dollar;
    value += text.slice(scanner.at, end);
    scanner.at = end;
    if (dollar < 0 || text[dollar + 1] === "{") break;
    value += "$";
    scanner.at += text[dollar + 1] === "$" ? 2 : 1;
  }
  return { kind: "text", text: value };
}

function readVariable(scanner: Scanner, nesting: number): TemplateNode {
  if (nesting > maxNesting) throw new TemplateFault("nested too deep");
  scanner.at += 2;
  if (peek(scanner) === "#") return readLength(scanner);
  const name = readName(scanner);
  if (name === "") throw new TemplateFault("unable to parse variable name");
  const node = readOperation(scanner, name, nesting);
  closeBrace(scanner, node.operator === "" ? "missing closing brace" : bad);
  return node;
}

const bad = "bad substitution";

type VariableNode = Extract<TemplateNode, { kind: "variable" }>;

function readOperation(
  scanner: Scanner,
  name: string,
  nesting: number,
): VariableNode {
  const rest = scanner.text.slice(scanner.at, scanner.at + 2);
  const node = (
    operator: string,
    args: readonly TemplateNode[],
  ): VariableNode => ({ kind: "variable", name, operator, args });
  const argument = (form: ArgumentForm): TemplateNode =>
    readArgument(scanner, form, nesting);
  const operator = operatorOf(rest);
  scanner.at += operator.length;
  switch (operator[0]) {
    case "=":
      return node(operator, readDefault(scanner, nesting));
    case ":":
      return operator.length === 2
        ? node(operator, readDefault(scanner, nesting))
        : node(operator, readRange(scanner, argument));
    case "#":
    case "%":
      return node(operator, [argument(untilBrace)]);
    case "/":
      return node(operator, readReplacement(scanner, argument));
    default:
      return node(operator, []);
  }
}

/** The operator that two signs begin with; empty where there is none. */
function operatorOf(signs: string): string {
  return /^(:[-=?+]|:|=|[,^]{1,2}|\/[/#%]?|##?|%%?)/.exec(signs)?.[0] ?? "";
}

function readLength(scanner: Scanner): TemplateNode {
  scanner.at += 1;
  const name = readName(scanner);
  if (name === "") throw new TemplateFault(bad);
  closeBrace(scanner, bad);
  return { kind: "variable", name, operator: "#", args: [] };
}

/** The words of a default: text and expressions in any number, up to the brace. */
function readDefault(
  scanner: Scanner,
  nesting: number,
): readonly TemplateNode[] {
  const args: TemplateNode[] = [];
  while (peek(scanner) !== "}") {
    args.push(readArgument(scanner, untilBrace, nesting));
  }
  return args;
}

function readRange(
  scanner: Scanner,
  argument: (form: ArgumentForm) => TemplateNode,
): readonly TemplateNode[] {
  const position = argument(untilColon);
  if (peek(scanner) === "}") return [position];
  if (peek(scanner) !== ":") throw new TemplateFault(bad);
  while (peek(scanner) === ":") scanner.at += 1;
  return [position, argument(untilBrace)];
}

function readReplacement(
  scanner: Scanner,
  argument: (form: ArgumentForm) => TemplateNode,
): readonly TemplateNode[] {
  const sought = argument(pattern);
  if (peek(scanner) !== "/") throw new TemplateFault(bad);
  while (peek(scanner) === "/") scanner.at += 1;
  return peek(scanner) === "}" ? [sought] : [sought, argument(replacement)];
}

/** One argument: an expression, or a text that is not empty. */
function readArgument(
  scanner: Scanner,
  form: ArgumentForm,
  nesting: number,
): TemplateNode {
  if (scanner.text.startsWith("${", scanner.at)) {
    return readVariable(scanner, nesting + 1);
  }
  const text = readArgumentText(scanner, form);
  if (text === undefined) {
    throw new TemplateFault("unable to parse substitution within function");
  }
  return { kind: "text", text };
}

function readArgumentText(
  scanner: Scanner,
  { stops, hasEscapes }: ArgumentForm,
): string | undefined {
  const start = scanner.at;
  let value = "";
  while (scanner.at < scanner.text.length) {
    const sign = peek(scanner);
    if (scanner.text.startsWith("${", scanner.at)) break;
    const next = scanner.text[scanner.at + 1];
    if (hasEscapes && isEscape(sign, next)) {
      value += next;
      scanner.at += 2;
      continue;
    }
    if (stops.includes(sign)) break;
    value += sign;
    scanner.at += 1;
  }
  return scanner.at === start ? undefined : value;
}

function isEscape(sign: string, next: string | undefined): boolean {
  return sign === "$"
    ? next === "$"
    : sign === "\\" && (next === "/" || next === "\\");
}

function readName(scanner: Scanner): string {
  const form = /[\p{L}\p{Nd}_]*/uy;
  form.lastIndex = scanner.at;
  const name = form.exec(scanner.text)?.[0] ?? "";
  scanner.at += name.length;
  return name;
}

function closeBrace(scanner: Scanner, message: string): void {
  if (peek(scanner) !== "}") throw new TemplateFault(message);
  scanner.at += 1;
}

function peek({ text, at }: Scanner): string {
  return text[at] ?? "";
}
