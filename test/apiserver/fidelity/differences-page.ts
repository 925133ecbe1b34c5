import { type KnownDifference } from "./known-differences.ts";

const cell = (text: string) => text.replaceAll("|", "\\|");

/** The page that lists how the simulated cluster differs from a real one. */
export function printDifferencesPage(
  differences: readonly KnownDifference[],
  sequences: readonly string[],
): string {
  const rows = differences.map(
    ({ subject, simulated, real, covers }) =>
      `| ${cell(subject)} | ${cell(simulated)} | ${cell(real)} | ${covers === undefined ? "" : "yes"} |`,
  );
  return [
    "# The simulated cluster",
    "",
    "<!-- Generated from test/apiserver/fidelity; `FIDELITY_WRITE=1 npx vitest run -c vitest.apiserver.config.ts test/apiserver/fidelity/page.spec.ts` writes it anew. -->",
    "",
    "`libs/sim-cluster` is a server of the Kubernetes API in one process, for demos, scale and simulation. It is the only fake",
    "in Wheelhouse, and it is held to the real thing: the fidelity suite makes the same requests of it and of a real",
    "kube-apiserver with its controller manager, and compares every answer field by field. What differs is in this table, or",
    "the suite fails. The last column says whether a sequence shows the difference; the others are known from how it is built.",
    "",
    "`wheelhouse sim-cluster --kubeconfig FILE` starts one, to try `kubectl` or a spoke on: it writes a new kubeconfig, runs until",
    "Ctrl-C, and is gone then with all that was in it. `--port` says where it listens, `--ready-after 10s` how long pods take",
    "to be ready. What never becomes ready: a pod with the annotation `wheelhouse.dev/simulate: never-ready`, or an image whose",
    "last part has the word `bad`, such as `web:v2-bad`.",
    "",
    "## Known differences",
    "",
    "| What | Simulated | Real | Seen by a sequence |",
    "| --- | --- | --- | --- |",
    ...rows,
    "",
    `## The ${sequences.length} sequences that are compared`,
    "",
    ...sequences.map((name) => `- ${name}`),
    "",
  ].join("\n");
}
