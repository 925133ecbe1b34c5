import {
  type BundleName,
  type HeldReason,
  type LateReference,
  type Template,
} from "@wheelhouse/assignment";
import {
  type FieldSteps,
  type FluxHelmRelease,
  type FluxKustomization,
  type Problem,
  type SourceLocation,
} from "@wheelhouse/fleet-model";
import { type KubeObject } from "@wheelhouse/kube-object";

/** A bundle as found in a rendered root or parent, before it is built. */
export interface FoundBundle {
  readonly name: BundleName;
  /** Undefined for a release, and for a kind that is not built yet. */
  readonly kustomization: FluxKustomization | undefined;
  /** Of a HelmRelease. */
  readonly release?: FluxHelmRelease;
  /** How many bundles lie within one another down to it, itself counted: 1 for the root. */
  readonly depth: number;
  /** Where a field of it is written in the repository, as far as that can be told. */
  readonly locate: (path: FieldSteps) => SourceLocation | undefined;
  /** What is wrong with its own object: it is built all the same, to see what is in it, and held. */
  readonly faults: readonly Problem[];
  /** Whether a fault may change what it builds to: then the bundles in it are held, too. */
  readonly isUncertain: boolean;
}

/** A bundle with what building it came to. */
export interface ExploredBundle extends FoundBundle {
  /** Its ordinary objects; empty where it is held. */
  readonly objects: readonly KubeObject[];
  /** Everything that it builds to, also what is Flux's, and where it is held. */
  readonly rendered: readonly KubeObject[];
  /** The definitions among them that a release brings for others, too, by key. */
  readonly definitions?: ReadonlySet<string>;
  /** Files that hold its objects as written. */
  readonly manifests: readonly string[];
  readonly lateReferences: readonly LateReference[];
  /** What its objects are delivered as where only the cluster can finish them. */
  readonly template?: Template;
  /** The Secret with the keys, in its own namespace, where something must be decrypted. */
  readonly decryption?: { readonly secretName: string };
  readonly held: HeldReason | undefined;
  /** Whether the bundles inside it are known; where not, none of the last ones may be taken for gone. */
  readonly isExplored: boolean;
}

/** Makes a problem one of a bundle's: its subject is the bundle, and it stands somewhere. */
export function attribute(
  problem: Problem,
  bundle: FoundBundle,
  path: FieldSteps = [],
): Problem {
  const { subject, message } = problem;
  const location = problem.location ?? bundle.locate(path);
  const isSaid = subject === bundle.name || subject === location?.file;
  return {
    ...problem,
    subject: bundle.name,
    message: isSaid ? message : `${subject}: ${message}`,
    ...(location === undefined ? {} : { location }),
  };
}

/** A problem in one line: where, and what. */
export function formatProblem({ location, message }: Problem): string {
  if (location === undefined) return message;
  const line = location.line === undefined ? "" : `:${location.line}`;
  return `${location.file}${line}: ${message}`;
}

/** Holds a bundle for its problems: the first one's reason, and all of them in words, with their files. Lines are left to the problems themselves: this is part of the bundle's digest, and a comment above changes nothing of it. */
export function heldFor(problems: readonly Problem[]): HeldReason {
  const [first] = problems;
  const shown = problems
    .slice(0, 3)
    .map(({ location, message }) =>
      location === undefined ? message : `${location.file}: ${message}`,
    );
  const more = problems.length - shown.length;
  return {
    reason: first?.reason ?? "BuildFailed",
    message: [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join("; "),
  };
}
