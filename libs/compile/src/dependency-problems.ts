import {
  type BundleDependency,
  type BundleName,
  rootBundleName,
} from "@wheelhouse/assignment";
import { type Problem, didYouMean } from "@wheelhouse/fleet-model";
import { fluxObjectOf } from "./bundle-object.ts";
import { type ExploredBundle } from "./explored-bundle.ts";

/** What a bundle depends on, by bundle name, with the expressions that say whether it is ready. */
export function dependenciesOf(
  bundle: ExploredBundle,
  selfName: string | undefined,
): readonly BundleDependency[] {
  const dependsOn = fluxObjectOf(bundle)?.dependsOn ?? [];
  const kind = kindOf(bundle.name);
  return dependsOn.map(({ namespace, name, readyExpr }) => {
    const target = `${kind}/${namespace}/${name}`;
    return {
      bundle: target === selfName ? rootBundleName : target,
      ...(readyExpr === undefined ? {} : { readyExpr }),
    };
  });
}

/** A dependency is of the same kind, always, as in Flux. */
function kindOf(name: BundleName): string {
  return name.split("/")[0] ?? "";
}

function dependencyNames(
  bundle: ExploredBundle,
  selfName: string | undefined,
): readonly BundleName[] {
  return dependenciesOf(bundle, selfName).map(({ bundle: name }) => name);
}

type Bundles = ReadonlyMap<BundleName, ExploredBundle>;

/** Dependencies on bundles that are not there, by the bundle that has them. */
export function missingDependencies(
  bundles: Bundles,
  selfName: string | undefined,
): ReadonlyMap<BundleName, readonly Problem[]> {
  const missing = new Map<BundleName, readonly Problem[]>();
  for (const bundle of bundles.values()) {
    const absent = dependencyNames(bundle, selfName).filter(
      (target) => !bundles.has(target),
    );
    if (absent.length === 0) continue;
    missing.set(
      bundle.name,
      absent.map((target) => missingProblem(bundle, target, bundles)),
    );
  }
  return missing;
}

function missingProblem(
  bundle: ExploredBundle,
  target: BundleName,
  bundles: Bundles,
): Problem {
  const [kind = "", namespace = "", name = ""] = target.split("/");
  const others = [...bundles.values()].flatMap((other) =>
    kindOf(other.name) === kind ? (fluxObjectOf(other) ?? []) : [],
  );
  const names = others
    .filter((other) => other.namespace === namespace)
    .map((other) => other.name);
  const elsewhere = others.find((other) => other.name === name);
  const location = bundle.locate(["spec", "dependsOn"]);
  return {
    reason: "DependencyNotFound",
    subject: bundle.name,
    message: `dependsOn: ${namespace}/${name} does not exist in this cluster`,
    ...(location === undefined ? {} : { location }),
    ...(elsewhere === undefined
      ? didYouMean(name, names)
      : {
          advice: `Did you mean ${name} in namespace ${elsewhere.namespace}? Without a namespace its own is meant`,
        }),
  };
}

/** Dependencies that lead back to where they began: each circle once, from its first bundle by name. */
export function dependencyCycles(
  bundles: Bundles,
  selfName: string | undefined,
): readonly Problem[] {
  const done = new Set<BundleName>();
  const problems: Problem[] = [];
  for (const start of [...bundles.keys()].sort()) {
    const trail: BundleName[] = [];
    const todo: { name: BundleName; depth: number }[] = [
      { name: start, depth: 0 },
    ];
    for (;;) {
      const next = todo.pop();
      if (next === undefined) break;
      for (const left of trail.splice(next.depth)) done.add(left);
      const begin = trail.indexOf(next.name);
      if (begin >= 0) {
        problems.push(cycleProblem(bundles, trail.slice(begin)));
        continue;
      }
      if (done.has(next.name)) continue;
      trail.push(next.name);
      const bundle = bundles.get(next.name);
      if (bundle === undefined) continue;
      for (const name of dependencyNames(bundle, selfName)) {
        todo.push({ name, depth: trail.length });
      }
    }
    for (const left of trail) done.add(left);
  }
  return problems;
}

function cycleProblem(bundles: Bundles, cycle: readonly BundleName[]): Problem {
  const first = [...cycle].sort()[0] ?? "";
  const at = cycle.indexOf(first);
  const ordered = [...cycle.slice(at), ...cycle.slice(0, at), first];
  const location = bundles.get(first)?.locate(["spec", "dependsOn"]);
  return {
    reason: "DependencyCycle",
    subject: first,
    message: `dependsOn goes in a circle: ${ordered.map(shortName).join(" → ")}`,
    ...(location === undefined ? {} : { location }),
    advice: "Take one of these dependencies away",
  };
}

function shortName(name: BundleName): string {
  return name.split("/").slice(1).join("/");
}
