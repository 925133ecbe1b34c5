/**
 * Time, so that a test can hold it still and set it. The wall may be set back
 * or forward at any moment: it is for people, for certificates and for what is
 * stored. Every duration within a process is a difference of `monotonicMs`.
 */
export interface Clock {
  /** Milliseconds since 1970, by the wall. */
  nowMs(): number;
  /** Milliseconds that only grow, from an arbitrary start of at least 0; they mean nothing in another process. */
  monotonicMs(): number;
  /** Calls back once after `delayMs` of monotonic time, unless the returned function was called before. */
  setTimer(delayMs: number, callback: () => void): () => void;
}
