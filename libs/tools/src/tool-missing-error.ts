import { type ToolName } from "./pinned-tools.ts";

/** One way to a tool that was tried, and why it led nowhere. */
export interface TriedWay {
  readonly way: "explicit path" | "PATH" | "cache" | "release" | "Go build";
  readonly problem: string;
}

/** A tool that no way led to. */
export interface MissingTool {
  readonly name: ToolName;
  readonly version: string;
  /** Which other versions on PATH would do. */
  readonly fitting: string;
  readonly variable: string;
  readonly tried: readonly TriedWay[];
}

const indent = (text: string, by: string): string =>
  text.split("\n").join(`\n${by}`);

const paragraph = (tool: MissingTool): string =>
  [
    `${tool.name} ${tool.version} is missing`,
    ...tool.tried.map(
      ({ way, problem }) =>
        `  ${way.padEnd(14)}${indent(problem, " ".repeat(16))}`,
    ),
  ].join("\n");

const remedy = (tools: readonly MissingTool[]): string => {
  const names = tools.map((tool) => tool.name).join(", ");
  const onPath = tools.map((tool) => `${tool.name} ${tool.fitting}`).join(", ");
  const variables = tools.map((tool) => `${tool.variable}=/path`).join(" ");
  return [
    `Any one of these brings ${names}:`,
    `  set ${variables}, or KUBEBUILDER_ASSETS to a folder that holds them`,
    `  put on PATH: ${onPath}`,
    `  allow https to dl.k8s.io and github.com, where the official releases are`,
    `  install Go (https://go.dev/dl) and allow it its module proxy, to build the pinned versions`,
  ].join("\n");
};

/** Thrown when a needed tool can be had by no way; its message names each tool, each way tried, and what would help. */
export class ToolMissingError extends Error {
  override readonly name = "ToolMissingError";
  readonly tools: readonly MissingTool[];

  constructor(tools: readonly MissingTool[]) {
    super(`${tools.map(paragraph).join("\n\n")}\n\n${remedy(tools)}`);
    this.tools = tools;
  }
}
