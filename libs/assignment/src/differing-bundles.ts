import { type AssignedBundle, type BundleName } from "./bundle.ts";

/** The names of bundles that two assignments do not have at one digest, one that only either has among them; sorted bytewise as strings are. */
export function differingBundles(
  before: readonly AssignedBundle[],
  after: readonly AssignedBundle[],
): readonly BundleName[] {
  const [had, has] = [digestsOf(before), digestsOf(after)];
  const names = [...new Set([...had.keys(), ...has.keys()])].sort();
  return names.filter((name) => had.get(name) !== has.get(name));
}

function digestsOf(bundles: readonly AssignedBundle[]) {
  return new Map(bundles.map(({ spec, digest }) => [spec.name, digest]));
}
