import {
  type AssignedBundle,
  type BundleName,
  type Digest,
  type Envelope,
  type Template,
  decodeArtifact,
  draftOf,
} from "@wheelhouse/assignment";
import { type DesiredObject, toDesired } from "@wheelhouse/kube-apply";
import { type GroupVersionKind, gvkOf } from "@wheelhouse/kube-object";
import { checkedBundle } from "./dependency-state.ts";

/** One bundle of an assignment, with its objects read. */
export interface PlannedBundle {
  readonly assigned: AssignedBundle;
  /** Null where the artifact is missing, damaged or cannot be read. */
  readonly desired: readonly DesiredObject[] | null;
  /** What finishes its objects, of which `desired` then holds the identities alone. */
  readonly template?: Template;
  /** Bundles that wait for this one, or judge their health by it. */
  readonly dependants: readonly BundleName[];
}

/** An assignment as a spoke works on it. */
export interface AssignmentPlan {
  readonly envelope: Envelope;
  readonly bundles: ReadonlyMap<BundleName, PlannedBundle>;
  /** Which bundle has an object; where two have it, the first by name. */
  readonly ownerByKey: ReadonlyMap<string, BundleName>;
  readonly allowDelete: ReadonlySet<string>;
  /** Every kind that some object is of. */
  readonly kinds: readonly GroupVersionKind[];
}

/** Reads an assignment with the bytes of its artifacts; objects that an earlier plan has read are taken from there. */
export function planAssignment(
  envelope: Envelope,
  artifacts: ReadonlyMap<Digest, Uint8Array>,
  keyOf: (id: Envelope["allowDelete"][number]) => string,
  earlier?: AssignmentPlan,
): AssignmentPlan {
  const dependants = dependantsOf(envelope);
  const bundles = new Map<BundleName, PlannedBundle>();
  const ownerByKey = new Map<string, BundleName>();
  const kinds = new Map<string, GroupVersionKind>();
  for (const assigned of envelope.bundles) {
    const { name } = assigned.spec;
    const content = readContent(envelope.fleet, assigned, artifacts, earlier);
    const { desired } = content;
    bundles.set(name, {
      assigned,
      ...content,
      dependants: dependants.get(name) ?? [],
    });
    for (const { key, object } of desired ?? []) {
      if (!ownerByKey.has(key)) ownerByKey.set(key, name);
      const kind = gvkOf(object);
      kinds.set(`${kind.group}/${kind.version}/${kind.kind}`, kind);
    }
  }
  const allowDelete = new Set(envelope.allowDelete.map(keyOf));
  return {
    envelope,
    bundles,
    ownerByKey,
    allowDelete,
    kinds: [...kinds.values()],
  };
}

/** The artifacts whose objects an earlier plan does not give: new ones, those of a bundle by another name, and those that could not be read before. */
export function lackingArtifacts(
  envelope: Envelope,
  earlier: AssignmentPlan | undefined,
): readonly Digest[] {
  const lacking = envelope.bundles.flatMap(({ spec: { name, artifact } }) => {
    const before = earlier?.bundles.get(name);
    const isKnown =
      before !== undefined &&
      before.desired !== null &&
      before.assigned.spec.artifact?.digest === artifact?.digest;
    return artifact === null || isKnown ? [] : [artifact.digest];
  });
  return [...new Set(lacking)];
}

/** Whether a bundle is planned exactly as it was: the same digest, and the same objects at hand. */
export function isSamePlanned(
  planned: PlannedBundle,
  earlier: PlannedBundle | undefined,
): boolean {
  return (
    earlier !== undefined &&
    earlier.assigned.digest === planned.assigned.digest &&
    earlier.desired === planned.desired
  );
}

/** The artifacts of an assignment. */
export function artifactsOf(envelope: Envelope): readonly Digest[] {
  return envelope.bundles.flatMap(({ spec }) =>
    spec.artifact === null ? [] : [spec.artifact.digest],
  );
}

type PlannedContent = Pick<PlannedBundle, "desired" | "template">;

function readContent(
  fleet: string,
  { spec }: AssignedBundle,
  artifacts: ReadonlyMap<Digest, Uint8Array>,
  earlier: AssignmentPlan | undefined,
): PlannedContent {
  if (spec.artifact === null) return { desired: null };
  const before = earlier?.bundles.get(spec.name);
  if (
    before?.desired &&
    before.assigned.spec.artifact?.digest === spec.artifact.digest
  ) {
    const { desired, template } = before;
    return { desired, ...(template === undefined ? {} : { template }) };
  }
  const bytes = artifacts.get(spec.artifact.digest);
  if (bytes === undefined) return { desired: null };
  try {
    return decodeContent(bytes, { fleet, bundle: spec.name });
  } catch (error) {
    // Bytes of the right digest that are no objects: another version wrote them.
    if (error instanceof SyntaxError) return { desired: null };
    throw error;
  }
}

function decodeContent(
  bytes: Uint8Array,
  owner: { readonly fleet: string; readonly bundle: BundleName },
): PlannedContent {
  const content = decodeArtifact(bytes);
  if (content.kind === "objects") {
    return { desired: toDesired(content.objects, owner) };
  }
  const { template } = content;
  return {
    template,
    desired: toDesired(template.documents.map(draftOf), owner),
  };
}

function dependantsOf(
  envelope: Envelope,
): ReadonlyMap<BundleName, readonly BundleName[]> {
  const dependants = new Map<BundleName, BundleName[]>();
  for (const { spec } of envelope.bundles) {
    const checked = spec.healthChecks.flatMap(
      (check) => checkedBundle(check) ?? [],
    );
    const others = [...spec.dependsOn.map(({ bundle }) => bundle), ...checked];
    for (const bundle of new Set(others)) {
      dependants.set(bundle, [...(dependants.get(bundle) ?? []), spec.name]);
    }
  }
  return dependants;
}

/** Whether a bundle has an object in this assignment, or may have it because its objects are not known. */
export function hasObject(
  plan: AssignmentPlan,
  bundle: BundleName,
  key: string,
): boolean {
  const planned = plan.bundles.get(bundle);
  if (planned === undefined) return false;
  return (
    planned.desired === null ||
    planned.desired.some((desired) => desired.key === key)
  );
}
