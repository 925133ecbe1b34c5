import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Component, readLogTail, startComponent } from "./component.ts";
import { type ControlPlaneFiles } from "./control-plane-files.ts";
import { createOrphanGuard } from "./orphan-guard.ts";

/** How a program of the control plane is started, again too. */
interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

const readyTimeoutMs = 90_000;
const pollMs = 50;

/** The programs of one control plane, each startable once at a time and stoppable alone or with all others. */
export class RunningComponents {
  readonly #files: ControlPlaneFiles;
  readonly #guard = createOrphanGuard();
  readonly #commands = new Map<string, Command>();
  readonly #running = new Map<string, Component>();

  constructor(files: ControlPlaneFiles) {
    this.#files = files;
  }

  /** Process ids by program name, of those that were not stopped. */
  get pids(): Record<string, number> {
    return Object.fromEntries(
      [...this.#running].map(([name, { pid }]) => [name, pid]),
    );
  }

  async start(name: string, command: Command): Promise<void> {
    this.#commands.set(name, command);
    const component = await startComponent(command.file, command.args, {
      cwd: this.#files.directory,
      logPath: join(this.#files.logs, `${name}.log`),
    });
    this.#running.set(name, component);
    this.#guard.watch(component.pid);
  }

  /** Starts a stopped program again, with the same arguments and so at the same ports. */
  async startAgain(name: string): Promise<void> {
    const command = this.#commands.get(name);
    if (command === undefined) throw new Error(`${name}: was never started`);
    if (this.#running.has(name)) return;
    await this.start(name, command);
  }

  /** Throws, with the end of its log, when a program has ended by itself. */
  async requireAlive(): Promise<void> {
    for (const [name, component] of this.#running) {
      const outcome = component.outcome();
      if (outcome === undefined) continue;
      const tail = await readLogTail(component.logPath);
      throw new Error(`${name} ${outcome}; its log ends:\n${tail}`);
    }
  }

  /** Polls until `isDone`; throws when a program ends, after 90 s, or when the signal fires. */
  async waitUntil(
    name: string,
    isDone: () => Promise<boolean>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const deadline = Date.now() + readyTimeoutMs;
    for (;;) {
      signal?.throwIfAborted();
      await this.requireAlive();
      if (await isDone()) return;
      if (Date.now() > deadline) {
        const tail = await readLogTail(join(this.#files.logs, `${name}.log`));
        throw new Error(
          `${name} is not ready after ${readyTimeoutMs / 1000} s; its log ends:\n${tail}`,
        );
      }
      await delay(pollMs);
    }
  }

  async stop(name: string): Promise<void> {
    const component = this.#running.get(name);
    if (component === undefined) return;
    await component.stop();
    this.#running.delete(name);
    this.#guard.forget(component.pid);
  }

  /** Stops everything, etcd last, since the others would only complain. */
  async stopAll(): Promise<void> {
    const names = [...this.#running.keys()];
    await Promise.all(
      names.filter((name) => name !== "etcd").map((name) => this.stop(name)),
    );
    await this.stop("etcd");
    this.#guard.dismiss();
  }
}
