/** Bounds on what a fleet repo may cost the hub. */
export interface GitLimits {
  /** Entries of one tree, directories included; more refuses the revision. */
  readonly maxEntries: number;
  /** Bytes of one file; a larger one is `unreadable`. */
  readonly maxBlobBytes: number;
  /** Bytes of all readable files of one tree; more refuses the revision. */
  readonly maxTreeBytes: number;
  /** Bytes received in one poll; more ends it. */
  readonly maxFetchBytes: number;
  /** Time of one poll. */
  readonly maxPollMs: number;
  /** Commits of history that are brought to find the one followed before. */
  readonly maxHistory: number;
  /** Packs kept before the copy is made anew, since every read looks through all. */
  readonly maxPacks: number;
}

/** The bounds unless an option says otherwise. */
export const defaultGitLimits: GitLimits = {
  maxEntries: 200_000,
  maxBlobBytes: 16 * 2 ** 20,
  maxTreeBytes: 512 * 2 ** 20,
  maxFetchBytes: 512 * 2 ** 20,
  maxPollMs: 120_000,
  maxHistory: 1_000,
  maxPacks: 50,
};
