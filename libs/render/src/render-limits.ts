/** What one run of the renderer may cost; beyond it the run is killed. */
export interface RenderLimits {
  /** Wall time. The slowest of 6,548 real directories took 6.5 s. */
  readonly timeoutMs: number;
  /** Of standard output; the largest real one is 5.8 MB. */
  readonly maxOutputBytes: number;
  /** Resident memory, looked at twice a second. */
  readonly maxMemoryBytes: number;
  /** Of error text that is kept. */
  readonly maxErrorBytes: number;
}

/** The limits that hold where nothing else is said. */
export const defaultRenderLimits: RenderLimits = {
  timeoutMs: 60_000,
  maxOutputBytes: 64 * 1024 * 1024,
  maxMemoryBytes: 1024 * 1024 * 1024,
  maxErrorBytes: 64 * 1024,
};
