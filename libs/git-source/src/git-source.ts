import fs from "node:fs";
import { type SourceTree } from "@wheelhouse/fleet-model";
import git from "isomorphic-git";
import { checkDescent } from "./descent.ts";
import { type GitLimits, defaultGitLimits } from "./git-limits.ts";
import { type GitResult, gitFailure, gitProblemOf } from "./git-problem.ts";
import { type GitRepository } from "./git-repository.ts";
import { createLocalRepository } from "./local-repository.ts";
import { createRemoteRepository } from "./remote-repository.ts";
import { SourceTreeReader } from "./source-tree-reader.ts";

/** A commit as people see it. */
export interface GitRevision {
  /** 40 hex digits. */
  readonly commit: string;
  /** First line of the message, at most 200 characters. */
  readonly subject: string;
  readonly author: string;
  /** RFC 3339. */
  readonly committedAt: string;
}

/** What a poll found. */
export type GitPoll = GitResult<{
  readonly changed: boolean;
  readonly revision: GitRevision;
}>;

/** Follows one branch of a fleet repo. Calls do not overlap: the caller polls and reads one after the other. */
export interface GitSource {
  /** The repository's address, without credentials. */
  readonly name: string;
  /** Looks for the newest commit. It must descend from `after`, the commit that was followed last (null: none yet), or is held as `notDescendant`. */
  poll(options: {
    readonly after: string | null;
    readonly signal: AbortSignal;
  }): Promise<GitPoll>;
  /** The files of a commit that a poll returned. */
  tree(commit: string): Promise<GitResult<{ readonly tree: SourceTree }>>;
}

/** Options of a source. */
export interface GitSourceOptions {
  /** http(s) address, or the path of a repository on this machine. */
  readonly url: string;
  readonly branch: string;
  /** A directory of the hub's own for fetched objects; unused for a path. */
  readonly directory: string;
  readonly token?: string;
  /** Follow also what does not descend from the commit before; default false. */
  readonly allowForcePush?: boolean;
  readonly limits?: Partial<GitLimits>;
}

/** Opens a source; a path that is no repository is a problem at once, a server that does not answer only at the poll. */
export async function createGitSource(
  options: GitSourceOptions,
): Promise<GitResult<{ readonly source: GitSource }>> {
  const limits = { ...defaultGitLimits, ...options.limits };
  if (/^https?:\/\//.test(options.url)) {
    const repository = createRemoteRepository({ ...options, limits });
    return {
      ok: true,
      source: new FollowedBranch(repository, options, limits),
    };
  }
  if (/^[a-z][a-z+]*:\/\/|^[^/]+@[^/]+:/i.test(options.url)) {
    return gitFailure(
      "notARepository",
      `${options.url.replace(/\/\/[^@/]*@/, "//")}: only http, https and a local path are followed`,
      "Use the repository's https address with a token.",
    );
  }
  const local = await createLocalRepository({
    directory: options.url.replace(/^file:\/\//, ""),
    branch: options.branch,
  });
  return local.ok
    ? {
        ok: true,
        source: new FollowedBranch(local.repository, options, limits),
      }
    : local;
}

class FollowedBranch implements GitSource {
  readonly name: string;
  readonly #repository: GitRepository;
  readonly #options: GitSourceOptions;
  readonly #limits: GitLimits;
  readonly #reader: SourceTreeReader;
  #newest: SourceTree | null = null;
  /** The pair that was found not to descend: not fetched again at every poll. */
  #held: { after: string; commit: string } | null = null;

  constructor(
    repository: GitRepository,
    options: GitSourceOptions,
    limits: GitLimits,
  ) {
    this.name = repository.name;
    this.#repository = repository;
    this.#options = options;
    this.#limits = limits;
    this.#reader = new SourceTreeReader(repository.gitdir, limits);
  }

  async poll(options: {
    readonly after: string | null;
    readonly signal: AbortSignal;
  }): Promise<GitPoll> {
    try {
      return await this.#poll(options.after, options.signal);
    } catch (error) {
      await this.#repository.discard();
      return { ok: false, problem: gitProblemOf(error, this.name) };
    }
  }

  async tree(
    commit: string,
  ): Promise<GitResult<{ readonly tree: SourceTree }>> {
    if (this.#newest?.commit === commit) {
      return { ok: true, tree: this.#newest };
    }
    try {
      const tree = await this.#reader.read(commit, {});
      if (tree.list("").length === 0) return this.#emptied(commit);
      this.#newest = tree;
      return { ok: true, tree };
    } catch (error) {
      const problem = gitProblemOf(error, this.name);
      if (problem.kind === "corrupt") await this.#repository.discard();
      return { ok: false, problem };
    }
  }

  async #poll(after: string | null, signal: AbortSignal): Promise<GitPoll> {
    const tip = await this.#repository.tip(signal);
    if (!tip.ok) return tip;
    if (this.#held?.after === after && this.#held.commit === tip.commit) {
      return this.#notDescendant(tip.commit, after);
    }
    const isKnown = await this.#isReadable(tip.commit);
    const brought = isKnown ? tip : await this.#repository.bring(1, signal);
    if (!brought.ok) return brought;
    const { commit } = brought;
    if (after !== null && after !== commit && !this.#options.allowForcePush) {
      const descends = await this.#descends(commit, after, signal);
      if (!descends.ok) return descends;
    }
    const revision = await this.#revision(commit);
    return { ok: true, changed: commit !== after, revision };
  }

  /** Brings ever more history until it tells, or the bound is reached. */
  async #descends(
    commit: string,
    ancestor: string,
    signal: AbortSignal,
  ): Promise<GitResult<{ readonly commit: string }>> {
    const { maxHistory } = this.#limits;
    for (const depth of [0, 50, maxHistory]) {
      if (depth > 0) {
        const brought = await this.#repository.bring(depth, signal);
        if (!brought.ok) return brought;
      }
      const descent = await checkDescent({
        gitdir: this.#repository.gitdir,
        commit,
        ancestor,
        maxCommits: maxHistory,
        cache: {},
      });
      if (descent === "yes") return { ok: true, commit };
      if (descent === "no") break;
    }
    this.#held = { after: ancestor, commit };
    return this.#notDescendant(commit, ancestor);
  }

  #notDescendant(commit: string, after: string | null) {
    const branch = this.#options.branch;
    return gitFailure(
      "notDescendant",
      `${branch}@${commit.slice(0, 8)} does not descend from ${branch}@${(after ?? "").slice(0, 8)}, which was followed last; held`,
      "Push a commit that descends from it, or start the hub with --allow-force-push.",
    );
  }

  #emptied(commit: string) {
    return gitFailure(
      "empty",
      `${this.#options.branch}@${commit.slice(0, 8)} holds no files`,
      "The hub keeps the last good revision: an empty repository is never taken as a wish to delete.",
    );
  }

  async #isReadable(commit: string): Promise<boolean> {
    const { gitdir } = this.#repository;
    return git.readCommit({ fs, gitdir, oid: commit }).then(
      () => true,
      () => false,
    );
  }

  async #revision(commit: string): Promise<GitRevision> {
    const { gitdir } = this.#repository;
    const { commit: read } = await git.readCommit({ fs, gitdir, oid: commit });
    return {
      commit,
      subject: (read.message.split("\n")[0] ?? "").slice(0, 200),
      author: read.author.name.slice(0, 200),
      committedAt: new Date(read.committer.timestamp * 1000).toISOString(),
    };
  }
}
