import {
  type JsonObject,
  isJsonObject,
  matchesSelector,
} from "@wheelhouse/kube-object";
import { readCluster } from "./cluster.ts";
import { defaultFleetConfig, readFleetConfig } from "./fleet-config.ts";
import { type ObjectReading, reportField } from "./field-reader.ts";
import {
  type Cluster,
  type FleetConfig,
  type FleetObjects,
  type Problem,
  type Rollout,
} from "./fleet-objects.ts";
import { type ProblemReason, adviseProblem } from "./problem-reasons.ts";
import { readRollout } from "./rollout.ts";
import { resolveEntry } from "./repo-path.ts";
import { type SourceTree } from "./source-tree.ts";
import { parseYaml } from "./yaml-document.ts";

/** The API group and version of Cluster, Rollout and FleetConfig. */
export const fleetApiVersion = "fleet.wheelhouse.dev/v1alpha1";

/** What of a revision concerns the whole fleet, or everything that is wrong with it. */
export type FleetResult =
  | {
      readonly ok: true;
      readonly fleet: FleetObjects;
      readonly warnings: readonly Problem[];
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** An object of ours as found in a file. */
interface FoundObject {
  readonly object: JsonObject;
  readonly reading: ObjectReading;
}

/**
 * Parses `wheelhouse.yaml`, the Cluster objects and the Rollout objects of a
 * revision. `registered` are clusters known only to the API: they count where
 * a selector is asked whether it matches anything.
 */
export function parseFleet(
  tree: SourceTree,
  registered: readonly Cluster[] = [],
): FleetResult {
  const problems: Problem[] = [];
  const config = parseConfig(tree, problems);
  const clusters = findObjects(
    tree,
    config.clustersDir,
    "Cluster",
    problems,
  ).map(({ object, reading }) => readCluster(reading, object));
  const found = findObjects(tree, rolloutsDir, "Rollout", problems).map(
    ({ object, reading }) => ({
      rollout: readRollout(reading, object),
      reading,
    }),
  );
  const rollouts = found.map(({ rollout }) => rollout);
  problems.push(...duplicateNames("Cluster", clusters));
  problems.push(...secondRollouts(rollouts));
  const known = [...clusters, ...registered];
  for (const { rollout, reading } of found) {
    noteEmptyWaves(reading, rollout, known);
  }
  if (problems.length > 0)
    return { ok: false, problems: problems.map(adviseProblem) };
  return {
    ok: true,
    fleet: { clusters, rollouts, config },
    warnings: (known.length === 0 ? [noClusters(config)] : []).map(
      adviseProblem,
    ),
  };
}

/** Where Rollout objects live. */
const rolloutsDir = "fleet/rollouts";

function parseConfig(tree: SourceTree, problems: Problem[]): FleetConfig {
  const [found, second] = objectsOf(
    tree,
    "wheelhouse.yaml",
    "FleetConfig",
    problems,
  );
  if (second !== undefined) {
    second.reading.problems.push(
      problemAt(second.reading, "DuplicateName", "a second FleetConfig"),
    );
  }
  return found === undefined
    ? defaultFleetConfig
    : readFleetConfig(found.reading, found.object);
}

function findObjects(
  tree: SourceTree,
  directory: string,
  kind: string,
  problems: Problem[],
): readonly FoundObject[] {
  return tree.list(directory).flatMap((entry) => {
    if (entry.kind === "directory") {
      return findObjects(tree, entry.path, kind, problems);
    }
    return /\.ya?ml$/.test(entry.path)
      ? objectsOf(tree, entry.path, kind, problems)
      : [];
  });
}

/** The objects of a file, all of which must be of one kind of ours. */
function objectsOf(
  tree: SourceTree,
  file: string,
  kind: string,
  problems: Problem[],
): readonly FoundObject[] {
  const resolved = resolveEntry(tree, file);
  if (!resolved.ok || resolved.entry?.kind === "unreadable") {
    const message = resolved.ok ? "cannot be read" : resolved.message;
    problems.push({ ...unreadable(file, message) });
    return [];
  }
  if (resolved.entry?.kind !== "file") return [];
  const parsed = parseYaml(file, resolved.entry.bytes);
  if (!parsed.ok) {
    problems.push(parsed.problem);
    return [];
  }
  return parsed.documents.flatMap((document): FoundObject[] => {
    const object = document.value;
    const reading: ObjectReading = {
      subject: isJsonObject(object) ? subjectOf(kind, object) : file,
      locate: (path) => ({ file, line: document.lineOf(path) }),
      problems,
    };
    if (!isJsonObject(object) || !isOurs(object, kind)) {
      problems.push(
        problemAt(
          reading,
          "UnexpectedObject",
          `is no ${kind} of ${fleetApiVersion}`,
        ),
      );
      return [];
    }
    return [{ object, reading }];
  });
}

function unreadable(file: string, message: string): Problem {
  return { reason: "Unreadable", subject: file, message, location: { file } };
}

function isOurs(object: JsonObject, kind: string): boolean {
  // kustomize's own files may lie beside, where someone lists Clusters as resources.
  return object["apiVersion"] === fleetApiVersion && object["kind"] === kind;
}

function subjectOf(kind: string, object: JsonObject): string {
  const metadata = object["metadata"];
  const name = isJsonObject(metadata) ? metadata["name"] : undefined;
  const found = typeof object["kind"] === "string" ? object["kind"] : kind;
  return typeof name === "string" ? `${found}/${name}` : found;
}

function problemAt(
  reading: ObjectReading,
  reason: ProblemReason,
  message: string,
): Problem {
  const location = reading.locate([]);
  return {
    reason,
    subject: reading.subject,
    message,
    ...(location === undefined ? {} : { location }),
  };
}

function duplicateNames(
  kind: string,
  objects: readonly Cluster[],
): readonly Problem[] {
  const first = new Map<string, Cluster>();
  return objects.flatMap((object): Problem[] => {
    const before = first.get(object.name);
    if (before === undefined) {
      first.set(object.name, object);
      return [];
    }
    return [
      {
        reason: "DuplicateName",
        subject: `${kind}/${object.name}`,
        message: `is also in ${before.location?.file ?? ""}:${before.location?.line ?? 1}`,
        ...(object.location === undefined ? {} : { location: object.location }),
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
function noteEmptyWaves(
  reading: ObjectReading,
  { waves }: Rollout,
  clusters: readonly Cluster[],
): void {
  if (clusters.length === 0) return;
  waves.forEach(({ name, clusterSelector }, index) => {
    const matches = clusters.some(({ labels }) =>
      matchesSelector(clusterSelector, labels),
    );
    if (matches) return;
    const path = ["spec", "waves", index, "clusterSelector"];
    reportField(reading, path, `wave ${name} matches no cluster`, {
      reason: "SelectorMatchesNothing",
      advice: "Compare it with the labels of the Cluster objects",
    });
  });
}

function noClusters(config: FleetConfig): Problem {
  return {
    reason: "NoClusters",
    subject: config.clustersDir,
    message: "holds no Cluster object",
    advice: "Add one, or register a cluster through the API",
  };
}
