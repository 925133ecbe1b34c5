import { type BundleView } from "@wheelhouse/rest-api";

/** A bundle with how deep it stands in the order: 0 waits for nothing. */
export interface OrderedBundle {
  readonly bundle: BundleView;
  readonly depth: number;
}

type Edges = Pick<BundleView, "bundle" | "dependsOn">;

/** How many steps of dependsOn lead to each bundle at most; a bundle in a cycle counts from where the cycle was entered. */
export function dependencyDepths(
  bundles: readonly Edges[],
): ReadonlyMap<string, number> {
  const edges = new Map<string, Set<string>>();
  for (const { bundle, dependsOn } of bundles) {
    const known = edges.get(bundle) ?? new Set<string>();
    for (const name of dependsOn) known.add(name);
    edges.set(bundle, known);
  }
  const depths = new Map<string, number>();
  const visit = (bundle: string, path: ReadonlySet<string>): number => {
    const known = depths.get(bundle);
    if (known !== undefined) return known;
    if (path.has(bundle)) return 0;
    const inner = new Set(path).add(bundle);
    const below = [...(edges.get(bundle) ?? [])].filter((name) =>
      edges.has(name),
    );
    const depth = Math.max(-1, ...below.map((name) => visit(name, inner))) + 1;
    depths.set(bundle, depth);
    return depth;
  };
  for (const bundle of edges.keys()) visit(bundle, new Set());
  return depths;
}

const isRoot = (bundle: string) => bundle.endsWith("/(root)");

/** Bundles in the order in which they are applied: the root first, then by depth, then by name. */
export function orderBundles(
  bundles: readonly BundleView[],
): readonly OrderedBundle[] {
  const depths = dependencyDepths(bundles);
  const order = new Map(
    orderNames(bundles).map((name, index) => [name, index]),
  );
  return bundles
    .map((bundle) => ({ bundle, depth: depths.get(bundle.bundle) ?? 0 }))
    .sort(
      (a, b) =>
        (order.get(a.bundle.bundle) ?? 0) - (order.get(b.bundle.bundle) ?? 0),
    );
}

/** The distinct names of bundles, of one cluster or of many, in order of application. */
export function orderNames(bundles: readonly Edges[]): readonly string[] {
  const depths = dependencyDepths(bundles);
  return [...depths.keys()].sort(
    (a, b) =>
      Number(isRoot(b)) - Number(isRoot(a)) ||
      (depths.get(a) ?? 0) - (depths.get(b) ?? 0) ||
      (a < b ? -1 : 1),
  );
}
