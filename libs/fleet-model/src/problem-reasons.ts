/** What a reason means, and what its reader can do where the problem itself says nothing better. */
interface ReasonText {
  /** One sentence for a person who has never seen the word. */
  readonly what: string;
  readonly advice: string;
}

/** Every reason for which something in a fleet repo is held, refused or worth a word. */
export const problemReasons = {
  AliasExpansion: {
    what: "The aliases of a YAML file would expand to far more than the file.",
    advice: "Write the repeated part out, or split the file",
  },
  BuildFailed: {
    what: "kustomize refuses to build the directory; its own words follow.",
    advice: "Try it in a checkout: kustomize build DIRECTORY",
  },
  ChartDependencyMissing: {
    what: "A chart depends on another that is not in its charts directory.",
    advice:
      "Run helm dependency update in the chart's directory, and commit charts/",
  },
  ChartFailed: {
    what: "helm refuses to render a chart; its own words follow.",
    advice: "Try it in a checkout: helm template NAME DIRECTORY",
  },
  ChartNotFetched: {
    what: "A release's chart lies in a repository of charts, and those are not fetched yet.",
    advice: "Commit the chart to the fleet repo, and name its directory",
  },
  ClusterNotFound: {
    what: "No Cluster object has the name that was asked for.",
    advice: "Compare it with the files under fleet/clusters",
  },
  DependencyCycle: {
    what: "Bundles wait for one another in a circle.",
    advice: "Take one of these dependencies away",
  },
  DependencyNotFound: {
    what: "A bundle waits for one that is not on this cluster.",
    advice: "Add the other bundle, or take the dependency away",
  },
  DuplicateBundle: {
    what: "Two Flux objects of one kind share namespace and name.",
    advice: "Rename one, or take it out of one of the two parents",
  },
  DuplicateKey: {
    what: "A map in a YAML file has one key twice, so one value would be lost.",
    advice: "Keep one of the two lines",
  },
  DuplicateName: {
    what: "Two objects of the fleet share a name.",
    advice: "Rename one of them",
  },
  DuplicateObject: {
    what: "Two bundles, or one bundle twice, hold the same object.",
    advice: "An object belongs to one bundle: take it out of the other",
  },
  FileTooLarge: {
    what: "A file is larger than what is read.",
    advice: "Split it into several files",
  },
  FleetEmptied: {
    what: "A commit takes every Cluster object away.",
    advice: "Remove clusters one by one: wheelhouse cluster remove NAME",
  },
  FluxLeftOut: {
    what: "Flux's own objects are not applied beside Wheelhouse.",
    advice:
      "Nothing to do; FleetConfig's spec.flux.objects: apply sends them to the cluster",
  },
  HelmHooks: {
    what: "A chart has hooks for an install or an upgrade, and hooks are not run yet.",
    advice:
      "Switch them off in the chart's values, or with disableHooks under install and upgrade if the release can do without",
  },
  HelmHooksLeftOut: {
    what: "A chart has hooks for a deletion or a rollback, which Wheelhouse never runs.",
    advice: "Nothing to do, unless the chart needs them",
  },
  HelmRefused: {
    what: "A kustomization asks kustomize to inflate a chart.",
    advice: "Use a HelmRelease, or commit the rendered chart",
  },
  InvalidExpression: {
    what: "A CEL expression cannot be read, or gives something else than true or false.",
    advice:
      "Correct it; docs/health.md says which names and functions there are",
  },
  InvalidField: {
    what: "A field's value is not what the field takes.",
    advice: "Correct the value at the place named",
  },
  InvalidKey: {
    what: "A map in a YAML file has a list, a map or nothing for a key.",
    advice: "Write the key as text",
  },
  InvalidMerge: {
    what: "A YAML merge key stands for something that is no map.",
    advice: "Give << a map, an alias of one, or a list of these",
  },
  InvalidName: {
    what: "An object has a name or a namespace that no API server takes.",
    advice: "Correct it; prefixes, suffixes and variables count",
  },
  InvalidPath: {
    what: "A path cannot be used as it is written.",
    advice: "Write a path of the repository, without .. at its beginning",
  },
  InvalidScalar: {
    what: "A value cannot stand in a manifest, or not under its tag.",
    advice: "Put it in quotes, or take the tag away",
  },
  InvalidSelector: {
    what: "A cluster selector cannot be read.",
    advice: "Write it like kubectl does: env=production,region in (eu,us)",
  },
  InvalidValues: {
    what: "Values of a release cannot be read.",
    advice: "Correct them; each document of values is one map",
  },
  InvalidVariable: {
    what: "A variable's name is none that Flux takes.",
    advice: "Use letters, digits and underscores, and begin with no digit",
  },
  InvalidYaml: {
    what: "A file is no YAML.",
    advice:
      "Correct it at the line named; templates belong in a directory of their own",
  },
  KeyTooLong: {
    what: "A key in a YAML file is longer than any real one.",
    advice: "Shorten it, or move it into a value",
  },
  KustomizationsTooDeep: {
    what: "Kustomizations lie within Kustomizations more than 32 deep.",
    advice: "Look for one that makes another with a path of its own each time",
  },
  LabelsLost: {
    what: "Labels that are not all text are dropped whole, as in Flux.",
    advice: "Put every label's value in quotes",
  },
  LateReference: {
    what: "Values for substitution are not in Git; the spoke reads them in its cluster.",
    advice: "Correct the name if it is mistyped; else nothing is to be done",
  },
  LateValues: {
    what: "Values of a release are not readable in Git, and releases are not finished in the cluster yet.",
    advice: "Bring the values into Git, readable, or take the reference away",
  },
  LateVariableInIdentity: {
    what: "A path, a name or a bundle needs a variable that is not known before the cluster is.",
    advice: "Set the variable in the Cluster object or in the parent",
  },
  MissingComponent: {
    what: "A component that is not there is left out, as asked for.",
    advice: "Add the component, or take it out of spec.components",
  },
  MissingDirectory: {
    what: "A directory is not in the source that is built.",
    advice:
      "Correct the path; it counts from the source's root, and .sourceignore may hide it",
  },
  MissingField: {
    what: "A field that must be there is not.",
    advice: "Add the field to the object named",
  },
  MissingFile: {
    what: "A kustomization names a file that is not in the source.",
    advice: "Add the file or take the line away; .sourceignore may hide it",
  },
  MissingKustomization: {
    what: "A directory that is used as a base holds no kustomization.",
    advice: "Add a kustomization.yaml, or name its files one by one",
  },
  MoreProblems: {
    what: "More is wrong than is listed.",
    advice: "Correct what is listed, and look again",
  },
  NameTooLong: {
    what: "An object's name is longer than Kubernetes takes.",
    advice: "Shorten it to 253 characters; prefixes and suffixes count",
  },
  NoChart: {
    what: "A directory that a release names is no chart.",
    advice: "Name the directory that holds Chart.yaml",
  },
  NoClusters: {
    what: "The repository names no cluster.",
    advice: "Add a Cluster object, or register a cluster through the API",
  },
  NoKubernetesObject: {
    what: "A document is not a Kubernetes object.",
    advice:
      "Give it apiVersion, kind and metadata.name, or name it in .sourceignore",
  },
  NoKustomization: {
    what: "A kustomization file holds something else.",
    advice: "Make it a map with resources in it",
  },
  NotBuiltYet: {
    what: "Something that Flux knows, and Wheelhouse not yet.",
    advice: "The bundle is held: applied without it, it would be another",
  },
  NotText: {
    what: "A file that is read as YAML is no text.",
    advice: "Save it as UTF-8, or take it out of the resources",
  },
  ObjectTooLarge: {
    what: "An object is larger than a cluster's store takes.",
    advice: "Split it, or let the workload fetch what is in it",
  },
  OtherAccount: {
    what: "A Kustomization that is applied as a service account makes one that is not, or as another.",
    advice:
      "Give it the namespace and serviceAccountName of the one that makes it, or let one in flux-system make it",
  },
  OtherCluster: {
    what: "A Kustomization is for another cluster than the one that it lies in.",
    advice: "Put it under the root of the cluster that it is for",
  },
  ParentUncertain: {
    what: "The Kustomization that makes this one has a mistake that may change it.",
    advice: "Correct the parent first; it is named above",
  },
  PathOutsideRepository: {
    what: "A path leads out of the repository.",
    advice: "Move the file into the repository, and name it there",
  },
  PluginRefused: {
    what: "A generator or transformer would run a program.",
    advice: "Use a built-in transformer or patches, or commit its output",
  },
  RecursiveAlias: {
    what: "A YAML anchor contains itself.",
    advice: "Take the alias inside the anchor away",
  },
  RemoteLeftOut: {
    what: "What a kustomization wants from elsewhere is left out here.",
    advice: "Commit what it holds, and name it by its path",
  },
  RemoteReference: {
    what: "A kustomization wants something fetched from elsewhere.",
    advice: "Commit what it holds, and name it by its path",
  },
  ReservedMark: {
    what: "An object carries a mark by which spokes tell whose an object is.",
    advice: "Take it away; the spoke sets it when it applies the object",
  },
  ScalarChangedType: {
    what: "A text became null, a list or a map by substitution.",
    advice: "Put quotes into the value itself, such as '\"#fff\"'",
  },
  SelectorMatchesNothing: {
    what: "A selector matches no cluster.",
    advice: "Compare it with the labels of the Cluster objects",
  },
  ServerField: {
    what: "An object says what the API server alone sets, as one exported from a cluster does.",
    advice: "Take the field away; the API server sets it",
  },
  SourceElsewhere: {
    what: "A bundle's files lie in a source that is not fetched yet.",
    advice:
      "Bring the files into the fleet repo; other repositories and OCI artifacts come later",
  },
  SourceNotFound: {
    what: "Nothing in Git defines the source that a bundle names.",
    advice: "Correct sourceRef, or add the source object to the cluster's root",
  },
  SpokeState: {
    what: "An object would overwrite the state that the spoke keeps in its cluster.",
    advice:
      "Take it out of Git, or give it a name without wheelhouse- in front",
  },
  SubstitutionFailed: {
    what: "Substituting variables in an object went wrong.",
    advice:
      "Correct the expression, write $${…} where it is not meant for us, or annotate the object kustomize.toolkit.fluxcd.io/substitute: disabled",
  },
  SymlinkOutside: {
    what: "A symlink leads out of the repository, or in a circle.",
    advice: "Put a copy of the file in its place",
  },
  TooDeep: {
    what: "Lists and maps are nested deeper than any real manifest.",
    advice: "Flatten the document at the line named",
  },
  TooLarge: {
    what: "A directory needs more files or bytes than are built.",
    advice: "Split it into several Kustomizations",
  },
  TooManyBundles: {
    what: "A root holds more bundles than are compiled.",
    advice: "Look for a Kustomization that makes others without end",
  },
  TooManyDocuments: {
    what: "A YAML file holds more documents than are read.",
    advice: "Split it into several files",
  },
  TooManyObjects: {
    what: "A directory builds to more objects than make a bundle.",
    advice: "Split it into several Kustomizations",
  },
  TwinPaths: {
    what: "Two paths differ only in case or encoding, and are one on some disks.",
    advice: "Rename one of them",
  },
  TwoKustomizations: {
    what: "A directory holds more than one kustomization file.",
    advice: "Keep kustomization.yaml, and remove the other",
  },
  UnexpectedDirectory: {
    what: "A directory stands where a file must.",
    advice: "Name a file in it",
  },
  UnexpectedFile: {
    what: "A file stands where a directory must.",
    advice: "List it under resources, or name its directory",
  },
  UnexpectedObject: {
    what: "An object of another kind lies among the fleet's own.",
    advice: "Move it to a directory that a cluster's root refers to",
  },
  UnknownAlias: {
    what: "A YAML alias has no anchor before it in its document.",
    advice: "Define the anchor first, in the same document",
  },
  UnknownField: {
    what: "A field that nobody knows.",
    advice: "Look for a typing error, or take the field away",
  },
  UnknownTag: {
    what: "A YAML tag that Kubernetes does not know.",
    advice: "Take the tag away",
  },
  Unreadable: {
    what: "A file is there but cannot be read.",
    advice:
      "Commit the file itself: no submodule, no LFS pointer, no link, and nothing larger than is read",
  },
  VariableNotSet: {
    what: "A variable that nobody sets became empty.",
    advice:
      "Set it, write $${…} where it is not meant for us, or annotate the object kustomize.toolkit.fluxcd.io/substitute: disabled",
  },
} as const satisfies Readonly<Record<string, ReasonText>>;

/** One of the reasons above: a closed set, so that none goes without advice. */
export type ProblemReason = keyof typeof problemReasons;

/** A problem with what its reader can do about it: its own advice, else its reason's. */
export function adviseProblem<
  Advised extends { readonly reason: ProblemReason; readonly advice?: string },
>(problem: Advised): Advised & { readonly advice: string } {
  const { advice = problemReasons[problem.reason].advice } = problem;
  return { ...problem, advice };
}
