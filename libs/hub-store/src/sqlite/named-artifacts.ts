import { type AssignedBundle, type Digest } from "@wheelhouse/assignment";

/** The digests of all artifacts that bundles name, as they are stored beside them. */
export function artifactsOf(bundles: readonly AssignedBundle[]): string {
  const digests = bundles.flatMap(({ spec }) =>
    spec.artifact === null ? [] : [spec.artifact.digest],
  );
  return JSON.stringify([...new Set(digests)].sort());
}

/** Reads them back. */
export function parseArtifacts(text: string): readonly Digest[] {
  return JSON.parse(text) as readonly Digest[];
}
