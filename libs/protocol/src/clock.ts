/** Time as the two ends of the link need it, so that a test can hold it still. */
export interface LinkClock {
  /** Milliseconds since 1970, by the wall: for certificates and for people. */
  nowMs(): number;
  /** Milliseconds that only grow: for every duration. */
  monotonicMs(): number;
  /** Calls back once after `delayMs`, unless the returned function was called before. */
  setTimer(delayMs: number, callback: () => void): () => void;
}

/** Longest delay that Node keeps; a longer one would fire at once. */
const maxDelayMs = 2 ** 31 - 1;

/** The clock of this machine. A timer keeps the process alive until it fires or is stopped. */
export const systemClock: LinkClock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer: (delayMs, callback) => {
    const timer = setTimeout(callback, Math.min(delayMs, maxDelayMs));
    return () => clearTimeout(timer);
  },
};
