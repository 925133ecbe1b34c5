import { type Clock } from "@wheelhouse/clock";
import { type DriftRecord } from "@wheelhouse/drift";
import {
  type AssignmentMark,
  type AssignmentRefused,
  type BundleReport,
  type Hello,
  type PruneHold,
} from "@wheelhouse/protocol";
import {
  type ReportedState,
  type SessionKey,
  type SessionObserver,
} from "./ports.ts";

/** What was last heard of one incarnation since this hub started. */
export interface LiveSpoke {
  readonly uid: string;
  readonly cluster: string;
  /** The current session; null once it has ended. */
  readonly session: string | null;
  readonly hello: Hello;
  readonly acknowledged: AssignmentMark | null;
  readonly refused: AssignmentRefused | null;
  /** What the newest session that reported said last. */
  readonly assignment: AssignmentMark | null;
  readonly bundles: ReadonlyMap<string, BundleReport>;
  readonly drift: readonly DriftRecord[];
  readonly pruneHolds: readonly PruneHold[];
  /** Whether the current session has reported. */
  readonly hasReported: boolean;
  /** By the monotonic clock. */
  readonly heardMs: number;
  readonly reportedMs: number | null;
  readonly endedMs: number | null;
}

/** Why somebody who waits for news of a spoke is called. */
export type SpokeNews = "hello" | "acknowledged" | "report" | "closed";

/** Remembers what sessions say: in memory, since a spoke tells all of it again on each connection. One entry for each incarnation that was heard of. */
export class LiveSessions implements SessionObserver {
  readonly #clock: Clock;
  readonly #onNews: (spoke: LiveSpoke, news: SpokeNews) => void;
  readonly #spokes = new Map<string, LiveSpoke>();

  constructor(
    clock: Clock,
    onNews: (spoke: LiveSpoke, news: SpokeNews) => void,
  ) {
    this.#clock = clock;
    this.#onNews = onNews;
  }

  get(uid: string): LiveSpoke | undefined {
    return this.#spokes.get(uid);
  }

  /** Drops an incarnation that left the fleet. */
  forget(uid: string): void {
    this.#spokes.delete(uid);
  }

  onHello(key: SessionKey, hello: Hello): void {
    const before = this.#spokes.get(key.uid);
    this.#put(
      {
        uid: key.uid,
        cluster: key.cluster,
        session: key.session,
        hello,
        acknowledged: hello.acknowledged,
        refused: null,
        assignment: before?.assignment ?? null,
        bundles: before?.bundles ?? new Map(),
        drift: before?.drift ?? [],
        pruneHolds: before?.pruneHolds ?? [],
        hasReported: false,
        heardMs: this.#clock.monotonicMs(),
        reportedMs: before?.reportedMs ?? null,
        endedMs: null,
      },
      "hello",
    );
  }

  onAcknowledged(key: SessionKey, mark: AssignmentMark): void {
    this.#update(key, { acknowledged: mark, refused: null }, "acknowledged");
  }

  onRefused(key: SessionKey, refused: AssignmentRefused): void {
    this.#update(key, { refused }, "acknowledged");
  }

  onReport(key: SessionKey, state: ReportedState): void {
    const reportedMs = this.#clock.monotonicMs();
    this.#update(key, { ...state, hasReported: true, reportedMs }, "report");
  }

  onHeartbeat(key: SessionKey): void {
    this.#update(key, {}, null);
  }

  onClosed(key: SessionKey): void {
    const spoke = this.#spokes.get(key.uid);
    if (spoke?.session !== key.session) return;
    const endedMs = this.#clock.monotonicMs();
    this.#put(
      { ...spoke, session: null, hasReported: false, endedMs },
      "closed",
    );
  }

  /** What an ended session still says is not heard. */
  #update(
    key: SessionKey,
    change: Partial<LiveSpoke>,
    news: SpokeNews | null,
  ): void {
    const spoke = this.#spokes.get(key.uid);
    if (spoke?.session !== key.session) return;
    const heardMs = this.#clock.monotonicMs();
    this.#put({ ...spoke, ...change, heardMs }, news);
  }

  #put(spoke: LiveSpoke, news: SpokeNews | null): void {
    this.#spokes.set(spoke.uid, spoke);
    if (news !== null) this.#onNews(spoke, news);
  }
}
