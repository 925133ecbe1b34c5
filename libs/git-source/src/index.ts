export { type GitLimits, defaultGitLimits } from "./git-limits.ts";
export { type GitProblem, type GitResult } from "./git-problem.ts";
export {
  type GitPoll,
  type GitRevision,
  type GitSource,
  type GitSourceOptions,
  createGitSource,
} from "./git-source.ts";
