import {
  type Json,
  type JsonObject,
  isJsonObject,
} from "@wheelhouse/kube-object";
import { type ObjectReading } from "./field-reader.ts";
import { nearestWord } from "./did-you-mean.ts";
import { type Problem } from "./fleet-objects.ts";
import { type ProblemReason } from "./problem-reasons.ts";
import { resolveEntry } from "./repo-path.ts";
import { type SourceTree } from "./source-tree.ts";
import { parseYaml } from "./yaml-document.ts";

/** The API group and version of Cluster, Rollout and FleetConfig. */
export const fleetApiVersion = "fleet.wheelhouse.dev/v1alpha1";

/** An object of ours as found in a file. */
export interface FoundObject {
  readonly object: JsonObject;
  readonly reading: ObjectReading;
}

/** The objects of a directory and those below it, all of which must be of one kind of ours; what is wrong with any other document is noted. */
export function findObjects(
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
export function objectsOf(
  tree: SourceTree,
  file: string,
  kind: string,
  problems: Problem[],
): readonly FoundObject[] {
  const resolved = resolveEntry(tree, file);
  if (!resolved.ok) {
    problems.push(unreadable(file, resolved.message));
    return [];
  }
  if (resolved.entry?.kind === "unreadable") {
    problems.push(unreadable(file, resolved.entry.why));
    return [];
  }
  if (resolved.entry?.kind !== "file") return [];
  const parsed = parseYaml(file, resolved.entry.bytes);
  if (!parsed.ok) problems.push(...parsed.problems);
  return parsed.documents.flatMap((document): FoundObject[] => {
    const object = document.value;
    const reading: ObjectReading = {
      subject: isJsonObject(object) ? subjectOf(kind, object) : file,
      locate: (path) => ({ file, line: document.lineOf(path) }),
      problems,
    };
    if (!isJsonObject(object) || !isOurs(object, kind)) {
      problems.push({
        ...problemAt(
          reading,
          "UnexpectedObject",
          `is no ${kind} of ${fleetApiVersion}`,
        ),
        ...adviceFor(object, kind),
      });
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

/** A slip in what an object says that it is, told from an object that belongs elsewhere. */
function adviceFor(object: Json, kind: string): { readonly advice?: string } {
  if (!isJsonObject(object)) return {};
  const { apiVersion, kind: found } = object;
  if (typeof apiVersion !== "string" || typeof found !== "string") return {};
  const group = (version: string) => version.split("/")[0] ?? "";
  const isOurGroup =
    nearestWord(group(apiVersion), [group(fleetApiVersion)]) !== undefined;
  if (!isOurGroup || nearestWord(found, [kind]) === undefined) return {};
  const meant = [
    ...(apiVersion === fleetApiVersion ? [] : [fleetApiVersion]),
    ...(found === kind ? [] : [kind]),
  ];
  return { advice: `Did you mean ${meant.join(" ")}?` };
}

function subjectOf(kind: string, object: JsonObject): string {
  const metadata = object["metadata"];
  const name = isJsonObject(metadata) ? metadata["name"] : undefined;
  const found = typeof object["kind"] === "string" ? object["kind"] : kind;
  return typeof name === "string" ? `${found}/${name}` : found;
}

/** What is wrong with an object as a whole. */
export function problemAt(
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
