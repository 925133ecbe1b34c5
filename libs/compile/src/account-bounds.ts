import {
  type FieldSteps,
  type FluxKustomization,
  type Problem,
  type SourceLocation,
  formatSteps,
} from "@wheelhouse/fleet-model";
import { fluxObjectOf } from "./bundle-object.ts";
import { type FoundBundle, attribute } from "./explored-bundle.ts";

/** The namespace of those who run the fleet: what lies there may name any account. */
const ownersNamespace = "flux-system";

/**
 * What stands against a bundle for the account of the one that makes it. Under
 * Flux the parent's account creates the object, and the cluster's RBAC says
 * whether it may; here no such object is created, so a team that is bound to an
 * account could write itself a bundle without one. Outside `flux-system` a
 * bundle with an account therefore makes only bundles of its own namespace and
 * account.
 */
export function accountProblem(
  parent: FoundBundle,
  bundle: FoundBundle,
): Problem | undefined {
  const maker = fluxObjectOf(parent);
  const made = fluxObjectOf(bundle);
  // What is not built is held already.
  if (maker?.serviceAccountName === undefined || made === undefined) {
    return undefined;
  }
  if (maker.namespace === ownersNamespace) return undefined;
  const isSame =
    made.namespace === maker.namespace &&
    made.serviceAccountName === maker.serviceAccountName;
  if (isSame) return undefined;
  return attribute(
    {
      reason: "OtherAccount",
      subject: bundle.name,
      message: `${parent.name}, which makes this one, is applied as the service account ${accountOf(maker)}; this one as ${accountOf(made)}`,
    },
    bundle,
    ["spec", "serviceAccountName"],
  );
}

/** Where fields of the root's own object stand. */
type Locate = (path: FieldSteps) => SourceLocation | undefined;

/** The root goes by a name in `flux-system`, wherever its object lies: an account of another namespace would be a namesake. */
export function rootAccountFault(
  { namespace, serviceAccountName }: FluxKustomization,
  locate: Locate,
): readonly Problem[] {
  if (serviceAccountName === undefined || namespace === ownersNamespace) {
    return [];
  }
  const path = ["spec", "serviceAccountName"];
  const what = `a root with an account of the namespace ${namespace}`;
  return [movedRoot(what, path, locate)];
}

/** As with accounts, the spoke would take the keys from a Secret of that name in `flux-system`. */
export function rootKeysFault(
  { namespace }: FluxKustomization,
  locate: Locate,
): readonly Problem[] {
  if (namespace === ownersNamespace) return [];
  const path = ["spec", "decryption", "secretRef"];
  const what = `a root with decryption keys of the namespace ${namespace}`;
  return [movedRoot(what, path, locate)];
}

function movedRoot(what: string, path: FieldSteps, locate: Locate): Problem {
  const location = locate(path);
  return {
    reason: "NotBuiltYet",
    subject: formatSteps(path),
    message: `${what} is not built yet`,
    ...(location === undefined ? {} : { location }),
    advice: `Move the root's own Kustomization to ${ownersNamespace}`,
  };
}

function accountOf({
  namespace,
  serviceAccountName,
}: Pick<FluxKustomization, "namespace" | "serviceAccountName">): string {
  return serviceAccountName === undefined
    ? "none"
    : `${namespace}/${serviceAccountName}`;
}
