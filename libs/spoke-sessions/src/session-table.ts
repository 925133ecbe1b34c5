import { type LinkReason } from "@wheelhouse/protocol";

/** What the table needs to know of a session. */
export interface TabledSession {
  readonly id: string;
  readonly uid: string;
  readonly kubeSystemUid: string;
  readonly sinceMs: number;
  /** Ends the session for a reason. */
  cut(reason: LinkReason, details: string): void;
  /** It is the newest living session of its uid again, after a newer one ended. */
  onCurrentAgain(): void;
}

/** The live sessions of every uid, oldest first. The newest is the one that counts. */
export class SessionTable<Session extends TabledSession> {
  readonly #sessions = new Map<string, readonly Session[]>();
  readonly #perUid: number;
  readonly #twinMs: number;

  constructor(limits: { sessionsPerUid: number; twinMs: number }) {
    this.#perUid = limits.sessionsPerUid;
    this.#twinMs = limits.twinMs;
  }

  /** Takes a session in as its uid's newest; the oldest is cut where there are more than may be. */
  add(session: Session): void {
    const sessions = [...this.of(session.uid), session];
    this.#sessions.set(session.uid, sessions);
    if (sessions.length > this.#perUid) {
      sessions[0]?.cut("TooMany", "a newer session took its place");
    }
  }

  /** Takes a session out. Returns whether it was its uid's newest; another's end never touches the newest. */
  remove(session: Session): boolean {
    const before = this.of(session.uid);
    const wasCurrent = before.at(-1) === session;
    const after = before.filter((other) => other !== session);
    if (after.length === 0) this.#sessions.delete(session.uid);
    else this.#sessions.set(session.uid, after);
    if (wasCurrent) after.at(-1)?.onCurrentAgain();
    return wasCurrent;
  }

  /** All live sessions of a uid, oldest first. */
  of(uid: string): readonly Session[] {
    return this.#sessions.get(uid) ?? [];
  }

  /** The newest live session of a uid. */
  current(uid: string): Session | undefined {
    return this.of(uid).at(-1);
  }

  /** Every live session. */
  all(): readonly Session[] {
    return [...this.#sessions.values()].flat();
  }

  /** Whether a uid looks as if two clusters had it: sessions that name different clusters, or two that live together for too long to be a restart. */
  isSuspectedClone(uid: string, nowMs: number): boolean {
    const sessions = this.of(uid);
    const [first, second] = sessions;
    if (first === undefined || second === undefined) return false;
    return (
      sessions.some((other) => other.kubeSystemUid !== first.kubeSystemUid) ||
      nowMs - second.sinceMs > this.#twinMs
    );
  }
}
