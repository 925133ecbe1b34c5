/** A difference that is known, and why it is there. */
export interface KnownDifference {
  /** What a reader of the table sees. */
  readonly subject: string;
  readonly simulated: string;
  readonly real: string;
  /** Which observed differences this covers; absent where no sequence can show it. */
  readonly covers?: { readonly sequence?: RegExp; readonly at: RegExp };
}

/** Every known difference, in the order of the table in docs/simulated-cluster.md. */
export const knownDifferences: readonly KnownDifference[] = [];
