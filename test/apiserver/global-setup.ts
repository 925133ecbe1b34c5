import {
  createProgressLine,
  ensureTools,
  ToolMissingError,
  type ToolName,
} from "@wheelhouse/tools";
import { type TestProject } from "vitest/node";

const needed = [
  "kustomize",
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kwok",
  "kubectl",
] as const satisfies readonly ToolName[];

/** Paths of all tools, or null where one is missing: then the specs that need them are skipped by name. */
export type ToolPaths = Record<(typeof needed)[number], string> | null;

declare module "vitest" {
  // An interface, because that is how vitest lets its context be extended.
  interface ProvidedContext {
    tools: ToolPaths;
  }
}

/** Brings the tools once for all specs. In CI a missing tool fails the run; elsewhere it is told, and specs are skipped. */
export default async function setup(project: TestProject): Promise<void> {
  try {
    const tools = await ensureTools(needed, {
      env: process.env,
      onProgress: createProgressLine(process.stderr),
    });
    project.provide("tools", tools);
  } catch (error) {
    const isCi = (process.env["CI"] ?? "") !== "";
    if (!(error instanceof ToolMissingError) || isCi) throw error;
    process.stderr.write(`\n${error.message}\n\n`);
    project.provide("tools", null);
  }
}
