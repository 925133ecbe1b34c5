/** The part of a process that tells whether who started it is still there. */
export interface StartedProcess {
  readonly pid: number;
  /** Only where it was started with an IPC channel. */
  readonly send?: unknown;
  readonly connected: boolean;
  readonly channel?: { unref(): void } | undefined;
  once(event: "disconnect", listener: () => void): unknown;
  kill(pid: number, signal: "SIGTERM"): unknown;
}

/**
 * Has a process that another of our programs started end with that one, also
 * where it was killed: the channel between the two breaks then, and this one
 * gets the SIGTERM that it was not sent. One without such a channel, started
 * by a shell or a supervisor, is left alone. The channel keeps none alive.
 */
export function stopWithStarter(self: StartedProcess): void {
  if (self.send === undefined) return;
  const stop = () => void self.kill(self.pid, "SIGTERM");
  // Who started it may have died before this line.
  if (!self.connected) return stop();
  self.once("disconnect", stop);
  self.channel?.unref();
}
