import { type Clock } from "@wheelhouse/clock";
import {
  type Cluster,
  type Problem,
  findFleetEmptied,
} from "@wheelhouse/fleet-model";
import { type GitRevision, type GitSource } from "@wheelhouse/git-source";
import {
  type ClusterRecord,
  type HubStore,
  type StoredRevision,
} from "@wheelhouse/hub-store";
import { errorText } from "@wheelhouse/kube-object";
import { type RenderAll } from "@wheelhouse/render";
import { formatDuration } from "@wheelhouse/rest-api";
import { undecidedBundles } from "@wheelhouse/rollout";
import { type WorkResult } from "@wheelhouse/work-queue";
import { isoNow } from "../iso-now.ts";
import { type HubLog } from "../log.ts";
import { tidyStore } from "./tidy-store.ts";
import { createClusterUid } from "./assignment-issuer.ts";
import { compileRevision, registeredDigest } from "./revision-compiler.ts";

/** Where the hub stands with its fleet repo. */
export interface FollowerView {
  /** RFC 3339; null before the first poll. */
  readonly lastPolledAt: string | null;
  /** Why Git cannot be asked, in words; null where it can. */
  readonly problem: string | null;
  /** The newest commit, where it is not followed: the head stays. */
  readonly refused: RefusedCommit | null;
}

/** A commit that could not be read as a fleet at all, and what is wrong with it. */
export interface RefusedCommit {
  readonly revision: GitRevision;
  readonly problems: readonly Problem[];
}

/** What a follower is made from. */
export interface FleetFollowerOptions {
  readonly source: GitSource;
  readonly branch: string;
  readonly pollMs: number;
  readonly store: HubStore;
  readonly render: RenderAll;
  readonly clock: Clock;
  readonly log: HubLog;
  /** Called when the head has changed, and when there is something new to show. */
  readonly onHead: () => void;
  readonly onView: () => void;
}

/** Looks at the fleet repo, and makes what it names the head once it is compiled for every cluster. Level-triggered: each run finds out itself what there is to do. */
export class FleetFollower {
  readonly #options: FleetFollowerOptions;
  #view: FollowerView = { lastPolledAt: null, problem: null, refused: null };
  /** What was refused last: not compiled again at every poll. */
  #refusedKey: string | null = null;
  /** Who asked for the next look, in this process. */
  readonly #waiting: (() => void)[] = [];

  constructor(options: FleetFollowerOptions) {
    this.#options = options;
  }

  get view(): FollowerView {
    return this.#view;
  }

  /** Resolves when a look that begins after this call has ended, well or not. */
  nextLook(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async follow(signal: AbortSignal): Promise<WorkResult> {
    const waiting = this.#waiting.splice(0);
    try {
      return await this.#look(signal);
    } finally {
      for (const tell of waiting) tell();
    }
  }

  async #look(signal: AbortSignal): Promise<WorkResult> {
    const { source, store, clock, pollMs, onView } = this.#options;
    const head = await store.revisions.head();
    const after = head?.revision.commit ?? null;
    const poll = await source.poll({ after, signal });
    const lastPolledAt = isoNow(clock);
    if (!poll.ok) {
      this.#say(poll.problem.message);
      const { message, advice } = poll.problem;
      const problem = `${message}. ${advice}`;
      this.#view = { ...this.#view, lastPolledAt, problem };
    } else {
      await this.#bringOrSay(poll.revision, head);
      this.#view = { ...this.#view, lastPolledAt, problem: null };
    }
    onView();
    return { kind: "requeueAfter", afterMs: pollMs, why: "the next poll" };
  }

  /** What the hub itself cannot do, such as write to a full disk, is shown to people as well, and tried again. */
  async #bringOrSay(
    git: GitRevision,
    head: StoredRevision | null,
  ): Promise<void> {
    const { clock, onView } = this.#options;
    try {
      await this.#bring(git, head);
    } catch (error) {
      const reason = errorText(error);
      const problem = `commit ${git.commit.slice(0, 8)} could not be taken in: ${reason}. The last good state stays; see the hub's log, and the space left where its data lies`;
      this.#view = { ...this.#view, lastPolledAt: isoNow(clock), problem };
      onView();
      throw error;
    }
  }

  async #bring(git: GitRevision, head: StoredRevision | null): Promise<void> {
    const { store } = this.#options;
    const records = await store.registry.list();
    const registered = registeredClusters(records);
    const digest = registeredDigest(registered);
    const key = `${git.commit} ${digest}`;
    const isHead =
      head?.revision.commit === git.commit && head.registered === digest;
    if (isHead) {
      this.#view = { ...this.#view, refused: null };
      this.#refusedKey = null;
      return;
    }
    if (this.#refusedKey === key) return;
    const problems = await this.#compile(git, registered, head);
    const refused = problems === null ? null : { revision: git, problems };
    this.#view = { ...this.#view, refused };
    this.#refusedKey = refused === null ? null : key;
  }

  /** Makes a commit the head; null, or why it cannot be. */
  async #compile(
    git: GitRevision,
    registered: readonly Cluster[],
    head: StoredRevision | null,
  ): Promise<readonly Problem[] | null> {
    const { source, branch, store, render, clock, log } = this.#options;
    const startedMs = clock.monotonicMs();
    const read = await source.tree(git.commit);
    if (!read.ok) {
      const { message, advice } = read.problem;
      return [{ reason: "Unreadable", subject: "fleet repo", message, advice }];
    }
    const result = await compileRevision({
      tree: read.tree,
      git,
      address: source.name,
      branch,
      registered,
      render,
      lastBundles: (cluster) => this.#lastBundles(cluster),
      now: () => isoNow(clock),
    });
    if (!result.ok) {
      const reason = result.problems[0]?.message ?? "";
      log.warn("revision cannot be read", { commit: git.commit, reason });
      return result.problems;
    }
    const { clusters } = result.revision;
    const emptied = findFleetEmptied(head?.clusters ?? [], clusters);
    if (emptied !== undefined) {
      log.warn("revision not followed", { commit: git.commit });
      return [emptied];
    }
    await store.artifacts.put(result.artifacts);
    await this.#register(result.revision);
    await store.revisions.putHead(result.revision, result.targets);
    await tidyStore(store);
    const durationMs = Math.round(clock.monotonicMs() - startedMs);
    log.info("revision compiled", { commit: git.commit, durationMs });
    this.#options.onHead();
    return null;
  }

  /** A cluster that Git names is known from then on, and waits for its spoke; one that was added before is Git's from then on. */
  async #register({ clusters }: StoredRevision): Promise<void> {
    const { store, clock } = this.#options;
    const known = new Map(
      (await store.registry.list()).map(({ name, source }) => [name, source]),
    );
    const claimed = clusters.filter(
      ({ name, source }) => source === "git" && known.get(name) === "api",
    );
    await store.registry.claimForGit(claimed.map(({ name }) => name));
    const at = isoNow(clock);
    for (const { name, labels } of clusters) {
      if (known.has(name)) continue;
      const uid = createClusterUid();
      const cluster = { name, labels, uid, registeredAt: at };
      await store.registry.add({ ...cluster, source: "git" }, [
        {
          at,
          actor: "wheelhouse",
          action: "ClusterRegistered",
          subject: `Cluster/${name}`,
          message: "named by the fleet repo",
        },
      ]);
    }
    await store.registry.recordStanding(
      {
        named: clusters.map(({ name }) => name),
        suspended: clusters
          .filter(({ suspend }) => suspend)
          .map(({ name }) => name),
      },
      at,
    );
    // A line that goes from Git again gives no uid back.
    for (const { name, revokedUids } of clusters) {
      await store.registry.revokeUids(name, revokedUids);
    }
  }

  async #lastBundles(cluster: string) {
    const { registry, assignments, revisions } = this.#options.store;
    const record = await registry.get(cluster);
    const issued =
      record === null ? null : await assignments.newest(record.uid);
    const last = issued ?? (await assignments.lastConfirmed(cluster));
    if (last !== null) {
      const { bundles, revision } = last.envelope;
      const target = await revisions.target(revision.commit, cluster);
      return undecidedBundles(bundles, target);
    }
    const head = await revisions.head();
    const target =
      head === null
        ? null
        : await revisions.target(head.revision.commit, cluster);
    return target?.bundles ?? [];
  }

  /** Once for each problem, not at every poll. */
  #say(reason: string): void {
    if (this.#view.problem?.startsWith(reason) === true) return;
    const { log, pollMs } = this.#options;
    const again = formatDuration(pollMs);
    log.warn(`git: not followed; asked again every ${again}, said once`, {
      reason,
    });
  }
}

/** Clusters that only the API knows, as objects. */
export function registeredClusters(
  records: readonly ClusterRecord[],
): readonly Cluster[] {
  return records
    .filter(({ source, phase }) => source === "api" && phase !== "Removed")
    .map(({ name, labels }) => ({
      name,
      source: "api",
      labels,
      variables: {},
      exposeVariablesAs: [],
      suspend: false,
      revokedUids: [],
    }));
}
