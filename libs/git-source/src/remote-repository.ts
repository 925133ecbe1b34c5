import fs from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import path from "node:path";
import git from "isomorphic-git";
import { createGitHttp } from "./git-http.ts";
import { type GitLimits } from "./git-limits.ts";
import {
  GitBoundError,
  type GitResult,
  branchMissing,
  gitProblemOf,
} from "./git-problem.ts";
import { type GitRepository } from "./git-repository.ts";

/** Options of a repository that is followed over http(s). */
export interface RemoteRepositoryOptions {
  /** May hold a user and a password, which never leave in a message. */
  readonly url: string;
  readonly branch: string;
  /** A bare copy of objects only; made, and made anew, as needed. */
  readonly directory: string;
  readonly token?: string;
  readonly limits: GitLimits;
}

/** A repository behind http(s): asked for its tip, fetched shallow into a directory of ours. */
export function createRemoteRepository(
  options: RemoteRepositoryOptions,
): GitRepository {
  const { branch, directory: gitdir, limits } = options;
  const { url, onAuth } = credentialsOf(options);
  const ref = `refs/heads/${branch}`;

  const attempt = async (
    signal: AbortSignal,
    /** The commit, or the branches that are there where the wanted one is not. */
    ask: (
      http: ReturnType<typeof createGitHttp>,
    ) => Promise<string | readonly string[]>,
  ): Promise<GitResult<{ readonly commit: string }>> => {
    const deadline = new AbortController();
    const timer = setTimeout(
      () =>
        deadline.abort(
          new GitBoundError("tooSlow", `no answer in ${limits.maxPollMs} ms`),
        ),
      limits.maxPollMs,
    );
    try {
      const linked = AbortSignal.any([signal, deadline.signal]);
      const http = createGitHttp({
        signal: linked,
        maxBytes: limits.maxFetchBytes,
        onTooLarge: (error) => deadline.abort(error),
      });
      const found = await ask(http);
      return typeof found === "string"
        ? { ok: true, commit: found }
        : branchMissing(url, branch, found);
    } catch (error) {
      // isomorphic-git takes a cut answer for a corrupt one: the bound is the cause.
      const cause = deadline.signal.aborted ? deadline.signal.reason : error;
      return { ok: false, problem: gitProblemOf(cause, url) };
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    name: url,
    gitdir,
    tip: (signal) =>
      attempt(signal, async (http) => {
        const list = (prefix: string) =>
          git.listServerRefs({
            ...{ http, url, prefix, onAuth },
            onAuthFailure: () => ({ cancel: true }),
          });
        const tip = (await list(ref)).find((found) => found.ref === ref);
        if (tip !== undefined) return tip.oid;
        const heads = await list("refs/heads/");
        return heads.map((head) => head.ref.replace("refs/heads/", ""));
      }),
    bring: (depth, signal) =>
      attempt(signal, async (http) => {
        await prepare(gitdir, url, limits.maxPacks);
        const { fetchHead } = await git.fetch({
          fs,
          http,
          gitdir,
          url,
          remote: "origin",
          ref: branch,
          remoteRef: branch,
          singleBranch: true,
          tags: false,
          depth,
          onAuth,
          onAuthFailure: () => ({ cancel: true }),
        });
        return fetchHead ?? [];
      }),
    discard: () => rm(gitdir, { recursive: true, force: true }),
  };
}

async function prepare(
  gitdir: string,
  url: string,
  maxPacks: number,
): Promise<void> {
  const packs = await readdir(path.join(gitdir, "objects/pack")).catch(
    () => [],
  );
  if (packs.filter((name) => name.endsWith(".pack")).length >= maxPacks) {
    await rm(gitdir, { recursive: true, force: true });
  }
  await mkdir(gitdir, { recursive: true, mode: 0o700 });
  await git.init({ fs, gitdir, bare: true, defaultBranch: "unused" });
  await git.addRemote({ fs, gitdir, remote: "origin", url, force: true });
}

/** Takes user and password out of the address, so that no message can hold them. */
function credentialsOf(options: RemoteRepositoryOptions) {
  const address = new URL(options.url);
  const inAddress =
    address.username === "" && address.password === ""
      ? undefined
      : {
          username: decodeURIComponent(address.username),
          password: decodeURIComponent(address.password),
        };
  address.username = "";
  address.password = "";
  const auth =
    options.token === undefined
      ? inAddress
      : {
          username: inAddress?.username ?? "x-access-token",
          password: options.token,
        };
  return { url: address.href, onAuth: () => auth ?? { cancel: true } };
}
