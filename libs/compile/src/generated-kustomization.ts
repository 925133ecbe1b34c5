import {
  type Problem,
  type SourceTree,
  resolveEntry,
} from "@wheelhouse/fleet-model";
import { type JsonObject } from "@wheelhouse/kube-object";
import {
  type KustomizationFile,
  encodeKustomization,
  readKustomizationFile,
} from "./kustomization-file.ts";

const typeMeta: JsonObject = {
  apiVersion: "kustomize.config.k8s.io/v1beta1",
  kind: "Kustomization",
};

/**
 * The kustomization that Flux would write into a directory that has none:
 * every YAML file below it, where a directory with a kustomization of its own
 * is taken as one. Without any file it builds to nothing.
 */
export function generateKustomization(
  tree: SourceTree,
  directory: string,
): KustomizationFile {
  const prefix = directory === "" ? "" : `${directory}/`;
  const resources = listManifests(tree, directory).map(
    (path) => `./${path.slice(prefix.length)}`,
  );
  const value: JsonObject =
    resources.length === 0
      ? { ...typeMeta, namespace: "_placeholder" }
      : { ...typeMeta, resources };
  const file = `${prefix}kustomization.yaml`;
  return {
    file,
    value,
    bytes: encodeKustomization(value),
    problemAt: (path, reason, message): Problem => {
      const index = path[1];
      const resource = typeof index === "number" ? resources[index] : undefined;
      const subject =
        resource === undefined ? directory : `${prefix}${resource.slice(2)}`;
      return { reason, subject, message, location: { file: subject } };
    },
  };
}

function listManifests(tree: SourceTree, directory: string): readonly string[] {
  return tree.list(directory).flatMap((entry): readonly string[] => {
    if (entry.kind === "directory") {
      return readKustomizationFile(tree, entry.path).kind === "absent"
        ? listManifests(tree, entry.path)
        : [entry.path];
    }
    if (!/\.ya?ml$/.test(entry.path)) return [];
    // As in Flux, a link to a directory is not walked into.
    const found = resolveEntry(tree, entry.path);
    return found.ok && found.entry?.kind === "directory" ? [] : [entry.path];
  });
}
