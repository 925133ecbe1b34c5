import {
  type FieldSteps,
  type Problem,
  type SourceLocation,
  type SourceTree,
  resolveEntry,
} from "@wheelhouse/fleet-model";
import { type KubeObject, objectIdOf } from "@wheelhouse/kube-object";
import {
  type WrittenObject,
  locateField,
  readManifestFile,
} from "./manifest-file.ts";

/**
 * Where a rendered object is written. Prefixes, patches and generators can
 * change every name, so this is a search by kind and name in the files that
 * were read; undefined where none fits.
 */
export function locateObject(
  tree: SourceTree,
  manifests: readonly string[],
  object: KubeObject,
  path: FieldSteps = [],
): SourceLocation | undefined {
  const id = objectIdOf(object);
  for (const file of manifests) {
    const written = writtenIn(tree, file).find(
      ({ kind, name, namespace }) =>
        kind === id.kind &&
        name === id.name &&
        (namespace === "" || namespace === id.namespace),
    );
    if (written !== undefined) return locateField(tree, file, written, path);
  }
  return undefined;
}

/** What kustomize says of an object that it was given twice: `Deployment.v1.apps/shop.webapp`. */
const givenTwice =
  /already registered id: ([A-Za-z0-9]+)\.[^/\s]*\/(\S+)\.([^.\s':]+)/;

/** The object that a build was refused for because two of its files, or one twice, have it, with the files; undefined where that is not why, or the files do not tell. */
export function findGivenTwice(
  tree: SourceTree,
  manifests: readonly string[],
  message: string,
): Pick<Problem, "subject" | "message" | "location" | "advice"> | undefined {
  const [, kind, name, space = ""] = givenTwice.exec(message) ?? [];
  if (kind === undefined || name === undefined) return undefined;
  const found = manifests.flatMap((file) =>
    writtenIn(tree, file)
      .filter(
        (written) =>
          written.kind === kind &&
          written.name === name &&
          (written.namespace === "" || written.namespace === space),
      )
      .map((written) => ({ file, written })),
  );
  const [first, second] = found;
  if (first === undefined || second === undefined) return undefined;
  const { namespace } = second.written;
  return {
    subject: [kind, ...(namespace === "" ? [] : [namespace]), name].join("/"),
    message: `${first.file} and ${second.file} both have it`,
    advice: "Take it out of one of these files",
    location: locateField(tree, second.file, second.written, []),
  };
}

function writtenIn(tree: SourceTree, file: string): readonly WrittenObject[] {
  const found = resolveEntry(tree, file);
  if (!found.ok || found.entry?.kind !== "file") return [];
  const manifest = readManifestFile(file, found.entry.bytes);
  return manifest.ok ? manifest.objects : [];
}

/** Puts a problem with a rendered object where that object is written, if it is told where. */
export function locateRendered(
  problem: Problem,
  tree: SourceTree,
  manifests: readonly string[],
): Problem {
  const [kind = "", ...rest] = problem.subject.split("/");
  const name = rest.at(-1);
  if (problem.location !== undefined || name === undefined) return problem;
  const namespace = rest.length > 1 ? (rest[0] ?? "") : "";
  const object = { apiVersion: "", kind, metadata: { name, namespace } };
  const location = locateObject(tree, manifests, object);
  return location === undefined ? problem : { ...problem, location };
}
