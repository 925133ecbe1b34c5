import { matchesSelector } from "@wheelhouse/kube-object";
import { hasReadableLabels, readCluster } from "./cluster.ts";
import { defaultFleetConfig, readFleetConfig } from "./fleet-config.ts";
import { reportField } from "./field-reader.ts";
import {
  type FoundObject,
  findObjects,
  objectsOf,
  problemAt,
} from "./found-objects.ts";
import {
  type Cluster,
  type FleetConfig,
  type FleetObjects,
  type Problem,
  type Rollout,
} from "./fleet-objects.ts";
import { adviseProblem } from "./problem-reasons.ts";
import { hasReadableSelector, readRollout } from "./rollout.ts";
import { type SourceTree } from "./source-tree.ts";

/** What of a revision concerns the whole fleet, or everything that is wrong with it. */
export type FleetResult =
  | {
      readonly ok: true;
      readonly fleet: FleetObjects;
      readonly warnings: readonly Problem[];
    }
  | {
      readonly ok: false;
      /** At most 50; a word beyond them says how many more there are. */
      readonly problems: readonly Problem[];
      /** The clusters that nothing is wrong with, to look at what they would run and never to act on; absent where the FleetConfig cannot be read, which may say anything. */
      readonly readable?: FleetObjects;
    };

/** Problems that are listed of one revision's fleet objects. */
const maxProblems = 50;

/**
 * Parses `wheelhouse.yaml`, the Cluster objects and the Rollout objects of a
 * revision, each to its end, whatever is wrong with the others. `registered`
 * are clusters known only to the API: they count where a selector is asked
 * whether it matches anything.
 */
export function parseFleet(
  tree: SourceTree,
  registered: readonly Cluster[] = [],
): FleetResult {
  const config = parseConfig(tree);
  const clusters = parseClusters(tree, config.value);
  const rollouts = parseRollouts(tree);
  const known = [...clusters.value.map(({ value }) => value), ...registered];
  // Where a cluster's labels are not known, no selector can be called idle.
  const isWhole = config.problems.length === 0 && clusters.areLabelsKnown;
  const problems = [
    ...[config, clusters, rollouts].flatMap((parsed) => parsed.problems),
    ...rollouts.value.flatMap((found) =>
      isWhole ? emptyWaves(found, known) : [],
    ),
  ];
  const isSound = ({ problems: own }: Parsed<Cluster>) => own.length === 0;
  const fleet: FleetObjects = {
    clusters: clusters.value.filter(isSound).map(({ value }) => value),
    rollouts: rollouts.value.map(({ rollout }) => rollout),
    config: config.value,
  };
  if (problems.length > 0) {
    const readable = config.problems.length === 0 ? { readable: fleet } : {};
    const listed = bounded(problems).map(adviseProblem);
    return { ok: false, problems: listed, ...readable };
  }
  const warnings = known.length === 0 ? [noClusters(config.value)] : [];
  return { ok: true, fleet, warnings: warnings.map(adviseProblem) };
}

/** What was read, as far as it could be, with all that is wrong with it. */
interface Parsed<Value> {
  readonly value: Value;
  readonly problems: readonly Problem[];
}

/** The first 50 problems, and how many there are beyond. */
function bounded(problems: readonly Problem[]): readonly Problem[] {
  const more = problems.length - maxProblems;
  if (more <= 0) return problems;
  return [
    ...problems.slice(0, maxProblems),
    {
      reason: "MoreProblems",
      subject: "fleet repo",
      message: `${more} more problems with its fleet objects are not listed`,
    },
  ];
}

function parseClusters(
  tree: SourceTree,
  { clustersDir }: FleetConfig,
): Parsed<readonly Parsed<Cluster>[]> & { readonly areLabelsKnown: boolean } {
  const problems: Problem[] = [];
  const found = findObjects(tree, clustersDir, "Cluster", problems);
  const areLabelsKnown =
    problems.length === 0 &&
    found.every(({ object, reading }) => hasReadableLabels(reading, object));
  const parsed = found.map(({ object, reading }): Parsed<Cluster> => {
    const own: Problem[] = [];
    const value = readCluster({ ...reading, problems: own }, object);
    return { value, problems: own };
  });
  problems.push(...parsed.flatMap(({ problems: own }) => own));
  problems.push(...duplicateNames(parsed.map(({ value }) => value)));
  return { value: firstOfName(parsed), problems, areLabelsKnown };
}

/** Of clusters that share a name the first. */
function firstOfName(
  parsed: readonly Parsed<Cluster>[],
): readonly Parsed<Cluster>[] {
  const names = new Set<string>();
  return parsed.filter(({ value: { name } }) => {
    const isFirst = !names.has(name);
    names.add(name);
    return isFirst;
  });
}

/** A Rollout with the object that it was read from. */
interface ParsedRollout extends FoundObject {
  readonly rollout: Rollout;
}

function parseRollouts(tree: SourceTree): Parsed<readonly ParsedRollout[]> {
  const problems: Problem[] = [];
  const value = findObjects(tree, rolloutsDir, "Rollout", problems).map(
    ({ object, reading }): ParsedRollout => ({
      object,
      reading,
      rollout: readRollout(reading, object),
    }),
  );
  problems.push(...secondRollouts(value.map(({ rollout }) => rollout)));
  return { value, problems };
}

/** Where Rollout objects live. */
const rolloutsDir = "fleet/rollouts";

function parseConfig(tree: SourceTree): Parsed<FleetConfig> {
  const problems: Problem[] = [];
  const [found, second] = objectsOf(
    tree,
    "wheelhouse.yaml",
    "FleetConfig",
    problems,
  );
  if (second !== undefined) {
    problems.push(
      problemAt(second.reading, "DuplicateName", "a second FleetConfig"),
    );
  }
  const value =
    found === undefined
      ? defaultFleetConfig
      : readFleetConfig(found.reading, found.object);
  return { value, problems };
}

function duplicateNames(clusters: readonly Cluster[]): readonly Problem[] {
  const first = new Map<string, Cluster>();
  return clusters.flatMap((cluster): Problem[] => {
    const { name, location } = cluster;
    const before = first.get(name);
    // One without a name is told of already.
    if (before === undefined || name === "") {
      first.set(name, cluster);
      return [];
    }
    return [
      {
        reason: "DuplicateName",
        subject: `Cluster/${name}`,
        message: `is also in ${before.location?.file ?? ""}:${before.location?.line ?? 1}`,
        ...(location === undefined ? {} : { location }),
        advice: "A cluster's name is its role in the fleet: give one another",
      },
    ];
  });
}

function secondRollouts(rollouts: readonly Rollout[]): readonly Problem[] {
  return rollouts.slice(1).map((rollout) => ({
    reason: "NotBuiltYet",
    subject: `Rollout/${rollout.name}`,
    message: "more than one Rollout is not built yet: each has the whole fleet",
    ...(rollout.location === undefined ? {} : { location: rollout.location }),
    advice: "Keep one Rollout, with a wave for each step",
  }));
}

/** A selector that matches nothing is a wave that guards nothing: most likely a typing error. */
function emptyWaves(
  { reading, object, rollout }: ParsedRollout,
  clusters: readonly Cluster[],
): readonly Problem[] {
  if (clusters.length === 0) return [];
  const problems: Problem[] = [];
  rollout.waves.forEach(({ name, clusterSelector }, index) => {
    const matches = clusters.some(({ labels }) =>
      matchesSelector(clusterSelector, labels),
    );
    if (matches || !hasReadableSelector(reading, object, index)) return;
    const path = ["spec", "waves", index, "clusterSelector"];
    const message = `wave ${name} matches no cluster`;
    reportField({ ...reading, problems }, path, message, {
      reason: "SelectorMatchesNothing",
      advice: "Compare it with the labels of the Cluster objects",
    });
  });
  return problems;
}

function noClusters(config: FleetConfig): Problem {
  return {
    reason: "NoClusters",
    subject: config.clustersDir,
    message: "holds no Cluster object",
    advice: "Add one, or register a cluster through the API",
  };
}
