import { staleAfterMs } from "@wheelhouse/status";

/** The bounds of a hub's side of the link. What is over one is merged, delayed or cut, never dropped in silence. */
export interface SessionLimits {
  /** A stream without a first message is cut after this, and so is a renewal without its next. */
  readonly firstMessageMs: number;
  /** A stream on which nothing came, or whose peer does not read, is cut after this. */
  readonly idleMs: number;
  /** Live sessions of one uid; one more cuts the oldest. */
  readonly sessionsPerUid: number;
  /** Control streams of one uid whose hello is still to come or to be judged; one more cuts the oldest. */
  readonly handshakesPerUid: number;
  /** Two sessions of one uid that live together for longer look like a cloned cluster. */
  readonly twinMs: number;
  /** Fetch calls at once under one key; one more is refused. */
  readonly fetchesPerKey: number;
  /** Join and renew calls at once over all; one more is refused. */
  readonly enrollments: number;
  /** The same of one address, or of one /64 of IPv6. Whoever stands behind one address shares it. */
  readonly enrollmentsPerAddress: number;
  /** Messages of one session per second, over time; faster ones wait unread. */
  readonly messagesPerSecond: number;
  /** Messages of one session that may come at once. */
  readonly messageBurst: number;
  /** The observer hears of one session's reports at most this often; between, they are merged. */
  readonly reportIntervalMs: number;
}

/** The bounds that hold unless a hub is told otherwise. */
export const defaultSessionLimits: SessionLimits = {
  firstMessageMs: 10_000,
  idleMs: staleAfterMs,
  sessionsPerUid: 2,
  handshakesPerUid: 4,
  twinMs: 60_000,
  fetchesPerKey: 16,
  enrollments: 256,
  enrollmentsPerAddress: 16,
  messagesPerSecond: 50,
  messageBurst: 200,
  reportIntervalMs: 20,
};
