/** Runs something when a place is free, first come first served. */
export type InPlace = <Value>(
  run: () => Promise<Value>,
  signal?: AbortSignal,
) => Promise<Value>;

/** Makes a number of places: so many runs go on at the same time, and the rest wait. A cancelled one leaves the line with the signal's reason. */
export function createPlaces(count: number): InPlace {
  let free = Math.max(1, count);
  const line: (() => void)[] = [];

  const enter = (signal: AbortSignal | undefined): Promise<void> => {
    signal?.throwIfAborted();
    if (free > 0) {
      free -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const go = (): void => {
        signal?.removeEventListener("abort", leave);
        resolve();
      };
      const leave = (): void => {
        line.splice(line.indexOf(go), 1);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener("abort", leave, { once: true });
      line.push(go);
    });
  };

  const exit = (): void => {
    const next = line.shift();
    if (next === undefined) free += 1;
    else next();
  };

  return async (run, signal) => {
    await enter(signal);
    try {
      return await run();
    } finally {
      exit();
    }
  };
}
