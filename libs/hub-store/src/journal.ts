/** One line to be written into the audit journal, in the transaction of what it tells. */
export interface JournalEntry {
  /** RFC 3339. */
  readonly at: string;
  /** A person's or token's name, or `wheelhouse` for what the hub does by itself. */
  readonly actor: string;
  /** PascalCase, such as `RolloutPaused` or `ClusterAdded`. */
  readonly action: string;
  readonly subject: string;
  readonly message: string;
}

/** A written line; ids only grow. */
export interface JournalLine extends JournalEntry {
  readonly id: number;
}

/** The audit journal: lines are added by the other ports, and never changed. */
export interface Journal {
  /** Newest first; at most `limit` lines with an id below `before`. */
  list(options: {
    readonly limit: number;
    readonly before?: number;
  }): Promise<readonly JournalLine[]>;
  append(entries: readonly JournalEntry[]): Promise<void>;
  /** Drops all but the newest `count` lines. */
  retain(count: number): Promise<void>;
}
