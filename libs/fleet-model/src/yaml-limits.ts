/** What a YAML file may cost. Each is a bound on what an author can make the reader do; beyond it the file is refused. */
export interface YamlLimits {
  /** Of one file; the largest real one, all of an operator's CRDs, has 5.8 MB. */
  readonly maxBytes: number;
  /** Of one document in it, in UTF-16 units; the API server takes 1.5 MiB. */
  readonly maxDocumentLength: number;
  /** Of nested lists and maps. */
  readonly maxDepth: number;
  /** In one file. */
  readonly maxDocuments: number;
  /** Of one key, in UTF-16 units. */
  readonly maxKeyLength: number;
  /** What aliases may expand to, as a multiple of the file. */
  readonly maxExpansion: number;
  /** What aliases may always expand to, however small the file. */
  readonly minExpansionBytes: number;
  /** What aliases may never expand beyond, however large the file. */
  readonly maxExpansionBytes: number;
}

/** The limits that hold where nothing else is said. */
export const defaultYamlLimits: YamlLimits = {
  maxBytes: 8 * 1024 * 1024,
  maxDocumentLength: 4 * 1024 * 1024,
  maxDepth: 64,
  maxDocuments: 5_000,
  maxKeyLength: 4_096,
  maxExpansion: 10,
  minExpansionBytes: 64 * 1024,
  maxExpansionBytes: 16 * 1024 * 1024,
};
