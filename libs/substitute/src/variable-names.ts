import { type TemplateNode, parseTemplate } from "./template.ts";

/** The names of all variables that a text's expressions mention, sorted; undefined where Flux refuses the text. */
export function variableNames(text: string): readonly string[] | undefined {
  if (!text.includes("$")) return [];
  const template = parseTemplate(text);
  if (!template.ok) return undefined;
  const names = new Set<string>();
  const note = (node: TemplateNode): void => {
    if (node.kind === "text") return;
    names.add(node.name);
    node.args.forEach(note);
  };
  template.nodes.forEach(note);
  return [...names].sort();
}
