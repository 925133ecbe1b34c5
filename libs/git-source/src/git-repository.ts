import { type GitResult } from "./git-problem.ts";

/** Where commits come from: a server, or a directory on this machine. */
export interface GitRepository {
  /** Its address as people see it, without credentials. */
  readonly name: string;
  /** Where its objects are read. */
  readonly gitdir: string;
  /** The newest commit of the branch, by asking only. */
  tip(signal: AbortSignal): Promise<GitResult<{ readonly commit: string }>>;
  /** Makes the newest commit and `depth` commits of its history readable; returns that commit. */
  bring(
    depth: number,
    signal: AbortSignal,
  ): Promise<GitResult<{ readonly commit: string }>>;
  /** Drops what is kept, where it is a copy: it was found corrupt. */
  discard(): Promise<void>;
}
