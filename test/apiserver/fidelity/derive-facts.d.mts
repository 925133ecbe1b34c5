/** Group versions that the simulated cluster serves. */
export const servedGroupVersions: readonly string[];

/** Derives the table of facts from discovery's resource lists and OpenAPI v3 documents by group version. */
export function deriveFacts(input: {
  readonly version: string;
  readonly lists: readonly object[];
  readonly documents: Readonly<Record<string, object>>;
}): object;

/** The table as it is committed. */
export function printFacts(facts: object): string;
