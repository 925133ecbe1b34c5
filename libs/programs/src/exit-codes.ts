/** What every program of ours ends with; the guide has the same table, and a spec holds one against the other. */
export const exitCodes = {
  /** Done; also a hub or a spoke that was stopped and has put everything away. */
  done: 0,
  /** Something was found: drift, problems, a rollout that halted. */
  finding: 1,
  /** A wrong flag or argument. */
  usage: 2,
  /** Refused, not reachable, cannot start, or did not stop in time. */
  refused: 3,
  /** Ended by Ctrl-C before it was done. */
  interrupted: 130,
} as const;

/** One of `exitCodes`. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
