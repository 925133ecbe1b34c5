import { type Problem } from "@wheelhouse/fleet-model";
import { type JsonObject, canonicalJson } from "@wheelhouse/kube-object";
import { type ResolvedRoot } from "./resolve-roots.ts";

/** Everything of the roots but the objects, for programs. */
export function summarizeRoots(
  roots: readonly ResolvedRoot[],
): readonly object[] {
  return roots.map(({ bundles, ...rest }) => ({
    ...rest,
    bundles: bundles.map(({ name, objects, held }) => ({
      name,
      objects: objects.length,
      held: held ?? null,
    })),
  }));
}

/** What each root came to, for people: a line of figures, and below it what is not as Flux has it. */
export function formatRoots(roots: readonly ResolvedRoot[]): string {
  return roots.map((root) => `${formatRoot(root)}\n`).join("");
}

function formatRoot(root: ResolvedRoot): string {
  const built = root.bundles.filter(({ name }) =>
    name.startsWith("Kustomization/"),
  );
  const objects = built.reduce((sum, bundle) => sum + bundle.objects.length, 0);
  const counts = [
    `${built.length} bundles`,
    `${objects} objects`,
    `${root.unsupported.length} unsupported`,
    `${root.warnings.length} warnings`,
    `${root.errors.length} errors`,
    `${root.seconds.toFixed(1)} s`,
  ];
  return [
    `${root.root}: ${counts.join(", ")}`,
    ...grouped("unsupported", root.unsupported, ({ message }) => message),
    ...grouped("warnings", root.warnings, ({ reason }) => reason),
    ...root.errors.map(
      (problem) => `  error ${problem.subject}: ${describe(problem)}`,
    ),
  ]
    .map(scrub)
    .join("\n");
}

function grouped(
  title: string,
  problems: readonly Problem[],
  by: (problem: Problem) => string,
): readonly string[] {
  const counts = new Map<string, number>();
  for (const problem of problems) {
    // An object's own name would make every line another.
    const message = by(problem);
    const key = /spec\.\S+: .*$/.exec(message)?.[0] ?? message;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, count]) => `  ${title} ${count} × ${key}`);
}

function describe({ reason, location, message }: Problem): string {
  const line = location?.line === undefined ? "" : `:${location.line}`;
  const where = location === undefined ? "" : ` ${location.file}${line}:`;
  return `${reason}:${where} ${message}`;
}

/** What comes from a repository must not steer the terminal. */
function scrub(text: string): string {
  return text.replace(/[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/gu, " ");
}

/** One line of JSON for each object: which root, which Flux Kustomization, which object. */
export function* objectLines(
  roots: readonly ResolvedRoot[],
): Generator<string> {
  for (const { root, bundles } of roots) {
    for (const { name, objects } of bundles) {
      const bundle = name.replace(/^Kustomization\//, "");
      for (const object of objects) {
        const line: JsonObject = { root, bundle, object };
        yield `${canonicalJson(line)}\n`;
      }
    }
  }
}
