import {
  ToolMissingError,
  type ToolName,
  createProgressLine,
  ensureTools,
  findChromium,
} from "@wheelhouse/tools";

/** Brings every official program that the tests use, and says which browser they will find. */
const needed: readonly ToolName[] = [
  "kustomize",
  "helm",
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubectl",
  "kwok",
];

try {
  await ensureTools(needed, {
    env: process.env,
    onProgress: createProgressLine(process.stderr),
  });
} catch (error) {
  if (!(error instanceof ToolMissingError)) throw error;
  process.stderr.write(`\n✕ ${error.message}\n\n`);
  process.exitCode = 3;
}
const browser = await findChromium(process.env);
if (browser.path === undefined) {
  process.stderr.write(`✕ ${browser.message}\n`);
  process.exitCode = 3;
}
