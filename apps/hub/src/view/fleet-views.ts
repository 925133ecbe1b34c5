import { type Clock } from "@wheelhouse/clock";
import {
  type Cluster,
  type Problem,
  hasLeftFleet,
} from "@wheelhouse/fleet-model";
import {
  type ClusterRecord,
  type HubStore,
  type StoredRevision,
  type Suspension,
} from "@wheelhouse/hub-store";
import { neededRevisions } from "@wheelhouse/rollout";
import { matchesSelector, objectKey } from "@wheelhouse/kube-object";
import {
  type ClusterView,
  type DriftView,
  type FleetView,
  type ProblemView,
  type PruneView,
  type RevisionView,
  type RolloutView,
} from "@wheelhouse/rest-api";
import { type SessionView } from "@wheelhouse/spoke-sessions";
import {
  type FollowerView,
  type RefusedCommit,
} from "../fleet/fleet-follower.ts";
import { type LiveSessions } from "@wheelhouse/spoke-sessions";
import { type SteppedRollout } from "../fleet/rollout-runner.ts";
import { describeCluster, describeObject, iso } from "./cluster-view.ts";
import { fleetNotices } from "./fleet-notices.ts";
import { describeRevision, describeStoredRollout } from "./rollout-view.ts";

/** What the views are made from. */
export interface FleetViewsOptions {
  readonly fleet: string;
  readonly hubVersion: string;
  readonly epoch: number;
  readonly delegationEndMs: number;
  readonly git: { readonly url: string; readonly branch: string };
  readonly store: HubStore;
  readonly live: LiveSessions;
  readonly clock: Clock;
  readonly follower: () => FollowerView;
  readonly rollout: () => SteppedRollout;
  readonly sessions: () => readonly SessionView[];
}

/** Makes the whole fleet's view from what is stored and what is heard. */
export class FleetViews {
  readonly #options: FleetViewsOptions;
  readonly #startedMs: number;

  constructor(options: FleetViewsOptions) {
    this.#options = options;
    this.#startedMs = options.clock.monotonicMs();
  }

  async fleet(): Promise<FleetView> {
    const options = this.#options;
    const { store, clock } = options;
    const nowMs = clock.nowMs();
    const head = await store.revisions.head();
    const records = await store.registry.list();
    const members = records.filter(
      (record) => record.phase !== "Removed" && !hasLeftFleet(record, head),
    );
    const follower = options.follower();
    const refused = refusedOf(follower.refused, options.git.branch);
    const suspensions = await store.overrides.suspensions();
    const clusters = await this.#clusters(records, head, suspensions, nowMs);
    return {
      fleet: options.fleet,
      hubVersion: options.hubVersion,
      now: iso(nowMs),
      epoch: options.epoch,
      git: {
        ...options.git,
        lastPolledAt: follower.lastPolledAt,
        problem: follower.problem,
      },
      head:
        head === null
          ? null
          : describeRevision(
              head.revision,
              new Map([[head.revision.commit, head]]),
            ),
      refused,
      rollouts: await this.#rollouts(refused),
      clusters,
      drift: this.#drift(members),
      prunes: await this.#prunes(members),
      problems: [
        ...(follower.refused?.problems ?? []).map((problem) => ({
          ...problemOf(problem, null),
          commit: follower.refused?.revision.commit ?? "",
        })),
        ...(head?.problems ?? []).map((problem) => ({
          ...problemOf(problem, problem.clusters),
          commit: head?.revision.commit ?? "",
        })),
      ],
      notices: fleetNotices({
        ...options,
        nowMs,
        records,
        clusters: head?.clusters ?? [],
        unreadable: store.assignments.unreadable(),
        suspensions,
        shown: clusters,
      }),
    };
  }

  async #clusters(
    records: readonly ClusterRecord[],
    head: StoredRevision | null,
    suspensions: readonly Suspension[],
    nowMs: number,
  ): Promise<readonly ClusterView[]> {
    const shown = records.filter(({ phase }) => phase !== "Removed");
    const views: ClusterView[] = [];
    for (const record of shown) {
      views.push(await this.#cluster(record, head, suspensions, nowMs));
    }
    return views;
  }

  async #cluster(
    record: ClusterRecord,
    head: StoredRevision | null,
    suspensions: readonly Suspension[],
    nowMs: number,
  ): Promise<ClusterView> {
    const { store, live, clock, sessions } = this.#options;
    const { stored, facts, waits } = this.#options.rollout();
    const confirmed = await store.assignments.lastConfirmed(record.name);
    const wave = stored?.state.waves.find(({ clusters }) =>
      clusters.includes(record.name),
    );
    const cluster = head?.clusters.find(({ name }) => name === record.name);
    return describeCluster({
      record,
      cluster,
      hasLeft: hasLeftFleet(record, head),
      live: live.get(record.uid),
      session: sessions().find(
        ({ uid, current }) => uid === record.uid && current,
      ),
      issued: await store.assignments.newest(record.uid),
      confirmed,
      fact: facts.find(({ name }) => name === record.name),
      waitsFor: waits.get(record.name),
      wave: wave?.name ?? plannedWave(head, cluster),
      suspensions,
      nowMs,
      monotonicMs: clock.monotonicMs(),
      startedMs: this.#startedMs,
    });
  }

  async #rollouts(
    refused: RevisionView | null,
  ): Promise<readonly RolloutView[]> {
    const { stored, facts, reasons } = this.#options.rollout();
    if (stored === null) return [];
    const revisions = new Map<string, StoredRevision>();
    for (const { commit } of neededRevisions(stored.state)) {
      const found = await this.#options.store.revisions.get(commit);
      if (found !== null) revisions.set(commit, found);
    }
    const view = describeStoredRollout({ stored, facts, reasons, revisions });
    return [{ ...view, refused }];
  }

  #drift(members: readonly ClusterRecord[]): readonly DriftView[] {
    const { live } = this.#options;
    return members
      .flatMap(({ name, uid }) =>
        (live.get(uid)?.drift ?? []).map((drift) => ({
          ...drift,
          cluster: name,
          object: describeObject(drift.object),
        })),
      )
      .sort((a, b) => (a.lastSeen < b.lastSeen ? 1 : -1));
  }

  async #prunes(
    members: readonly ClusterRecord[],
  ): Promise<readonly PruneView[]> {
    const { live, store } = this.#options;
    const approvals = await store.overrides.pruneApprovals();
    const approved = new Set(
      approvals.map(({ cluster, key }) => `${cluster} ${key}`),
    );
    const prunes: PruneView[] = [];
    for (const { name, uid } of members) {
      const holds = live.get(uid)?.pruneHolds ?? [];
      if (holds.length === 0) continue;
      const newest = await store.assignments.newest(uid);
      const commit = newest?.envelope.revision.commit ?? "";
      for (const hold of holds) {
        prunes.push({
          cluster: name,
          bundle: hold.bundle,
          object: describeObject(hold.object),
          reason: hold.reason,
          message: hold.message,
          commit,
          approved: approved.has(`${name} ${objectKey(hold.object)}`),
        });
      }
    }
    return prunes;
  }
}

/** The wave that a cluster will be in once it joins. */
function plannedWave(
  head: StoredRevision | null,
  cluster: Cluster | undefined,
): string {
  const planned = head?.rollout.waves.find(
    ({ clusterSelector }) =>
      cluster !== undefined && matchesSelector(clusterSelector, cluster.labels),
  );
  return planned?.name ?? "";
}

function refusedOf(
  refused: RefusedCommit | null,
  branch: string,
): RevisionView | null {
  if (refused === null) return null;
  const { commit, subject, author, committedAt } = refused.revision;
  return { commit, branch, subject, author, committedAt };
}

/** `clusters`: those that are held by it; null where the whole revision is refused. */
function problemOf(
  { reason, subject, message, location, advice }: Problem,
  clusters: readonly string[] | null,
): ProblemView {
  return {
    severity: clusters?.length === 0 ? "warning" : "error",
    reason,
    subject,
    message,
    ...(location === undefined ? {} : { file: location.file }),
    ...(location?.line === undefined ? {} : { line: location.line }),
    ...(advice === undefined ? {} : { advice }),
    clusters: clusters ?? [],
  };
}
