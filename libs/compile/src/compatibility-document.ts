import {
  type FieldSupport,
  helmReleaseFields,
  kustomizationFields,
  problemReasons,
} from "@wheelhouse/fleet-model";
import { type KindTreatment, fluxKinds } from "./flux-kinds.ts";

const support: Readonly<Record<FieldSupport["support"], string>> = {
  built: "as in Flux",
  held: "held",
  ignored: "no effect",
};

const roles: Readonly<Record<KindTreatment["role"], string>> = {
  kustomization: "built",
  release: "built",
  unbuiltBundle: "held",
  source: "read",
  machinery: "left out, with a notice",
};

/** Where Wheelhouse does something else than Flux, on purpose. */
const differences: readonly (readonly [string, string])[] = [
  [
    "A remote base or resource in a kustomization",
    "Held: kustomize never fetches here. It is to be fetched and pinned by the hub.",
  ],
  [
    "`helmCharts` in a kustomization, exec and container plugins",
    "Held, as Flux fails on them; nothing in a repository is run.",
  ],
  [
    "A Kustomization that another makes, which has a service account and lies outside `flux-system`",
    "Held, unless it lies in the same namespace and names the same account. In Flux the rights of the account that creates the object decide; here nothing is created that they could be asked about.",
  ],
  [
    "A field of a Kustomization that nobody knows",
    "Held, with the Kustomizations in it. Flux's API server drops or refuses it.",
  ],
  [
    "An unknown field in the kustomization of a directory that is built",
    "Dropped as in Flux, with a warning.",
  ],
  [
    "A YAML tag that Kubernetes does not know, such as `!secret`",
    "Refused; Flux drops the tag and takes the value as text.",
  ],
  [
    "Integers beyond 2^53",
    "Exact to 64 bits; Flux rounds them where it substitutes variables.",
  ],
  [
    "Duplicate keys in YAML",
    "Refused with the line, everywhere; Flux takes the last in some places.",
  ],
  [
    "An object in two bundles, or twice in one",
    "The later bundle by name is held; under Flux the two overwrite one another.",
  ],
  [
    "`uid`, `resourceVersion` or `managedFields` in an object's metadata, as an export has them",
    "The bundle is held, naming file and line; under Flux the API server refuses the object. `creationTimestamp`, `generation` and `selfLink` change nothing.",
  ],
  [
    "What the spoke keeps in `wheelhouse-system`, and the label and annotation that say whose an object is",
    "The bundle is held that would overwrite one: Secrets and ConfigMaps there named `wheelhouse-…`, the label `fleet.wheelhouse.dev/fleet`, the annotation `fleet.wheelhouse.dev/owner`.",
  ],
  [
    "Kustomizations that wait for one another in a circle",
    "The cluster keeps its last assignment whole.",
  ],
  [
    "Symlinks",
    "Followed as long as they stay in the repository; Flux leaves them out of its artifacts.",
  ],
  [
    "A Kustomization's `path` that leads out of its source, such as `../apps`",
    "Stops at the source's root, as in Flux, which says nothing: `../apps` is `./apps`. A warning says so (`PathOutsideRepository`), and where that is no directory, the bundle is held.",
  ],
  [
    "A source that nothing in Git defines",
    "The fleet repo where it is named flux-system/flux-system, is the root's own, or is the only one; else held.",
  ],
  [
    "An object without a namespace, where one is needed",
    "A Kustomization or source lies in the namespace of the Kustomization that makes it.",
  ],
  [
    "Hooks of a chart",
    "A release whose chart has hooks for an install or an upgrade is held: they are not run yet. Hooks for a deletion or a rollback are left out with a warning, tests without.",
  ],
  [
    "A chart that makes something different each time, such as `randAlphaNum` or `genCA`",
    "Held: a password would change with no commit. Under Flux it changes with each upgrade, unless `lookup` finds the old one.",
  ],
  [
    "`lookup` in a chart",
    "Finds nothing, as in `helm template`: no cluster is asked.",
  ],
  [
    "`.Capabilities` in a chart",
    "Kubernetes 1.36 and its own kinds, for every cluster, or what FleetConfig's `helm.kubeVersion` and `helm.apiVersions` say. What the clusters report is not used.",
  ],
  [
    "`.Release` in a chart",
    "Always of a first install: `IsInstall` is true, `Revision` is 1.",
  ],
  [
    "The namespace of a chart's object that names none",
    "The release's, unless the kind is known to lie in none: by Kubernetes, by a definition in the same chart, or since its name begins with Cluster.",
  ],
  [
    "What a chart keeps (`helm.sh/resource-policy: keep`), and definitions in `crds`",
    "Never pruned.",
  ],
  [
    "A chart that is released twice, or whose definitions another bundle has",
    "Each definition stays with one bundle, so that the others are not held for it.",
  ],
  [
    "Kustomizations and releases that a chart makes",
    "The release is held: charts make no bundles yet.",
  ],
  [
    "`fleet.wheelhouse.dev/cluster-selector` and `…/path-candidates`",
    "Annotations that choose clusters and directories; to Flux they say nothing.",
  ],
];

/** The text of docs/compatibility.md: what of Flux works, what is held, and what every reason means. */
export function compatibilityDocument(): string {
  const kinds = Object.entries(fluxKinds).flatMap(([group, treatments]) =>
    Object.entries(treatments).map(([kind, { role, note }]) => [
      kind === "*" ? `every kind of ${group}` : kind,
      roles[role],
      note,
    ]),
  );
  return [
    "# Compatibility with Flux",
    "A repository that Flux runs is a fleet repo, unmodified. This page is made of the tables that the code uses: `npm run compat -- --document > docs/compatibility.md`. To see what becomes of a repository of yours, offline:",
    "```\nnpm run compat -- PATH --root clusters/production\n```",
    "It resolves each root as Flux would, and names what is held and what cannot be built. What is **held** is never applied in part: the bundle keeps its last good state, says why, and the others go on.",
    "## Fields of a Kustomization",
    fieldTable(kustomizationFields),
    "## Fields of a HelmRelease",
    "A release's chart is rendered by the hub with the official `helm template`, and what comes out is a bundle like any other: applied by the server, watched, pruned behind the gate. Neither Helm's release Secrets nor its labels and annotations of ownership are written. The hub brings helm when the first chart is rendered.",
    fieldTable(helmReleaseFields),
    "## Kinds",
    "Every other kind goes to the cluster as it is. Flux's own components, by their labels, are left out with a notice, unless FleetConfig's `flux.skipComponents` is false.",
    table(["kind", "here", "note"], kinds),
    "## Different on purpose",
    table(["what", "here"], differences),
    "## Reasons",
    "What stands beside a problem, in `wheelhouse validate` and on the page.",
    table(
      ["reason", "what it means", "what to do"],
      Object.entries(problemReasons).map(([reason, { what, advice }]) => [
        reason,
        what,
        advice,
      ]),
    ),
  ]
    .join("\n\n")
    .concat("\n");
}

function fieldTable(fields: Readonly<Record<string, FieldSupport>>): string {
  return table(
    ["field", "here", "note"],
    Object.entries(fields).map(([field, one]) => [
      `\`${field}\``,
      support[one.support],
      one.note,
    ]),
  );
}

/** A table with its columns in line, as the formatter would write it. */
function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const cells = [head, ...rows].map((row) =>
    row.map((cell) => cell.replaceAll("|", "\\|")),
  );
  const widths = head.map((_, column) =>
    Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[], fill: string): string =>
    `| ${widths.map((width, at) => (row[at] ?? "").padEnd(width, fill)).join(" | ")} |`;
  const [first = [], ...others] = cells;
  return [
    line(first, " "),
    line(
      head.map(() => ""),
      "-",
    ),
    ...others.map((row) => line(row, " ")),
  ].join("\n");
}
