import { type ClusterState } from "../cluster-state.ts";
import { keyOf } from "../store.ts";
import { type Controller, ControllerContext } from "./controller.ts";

/** Runs one controller: changes put keys in a queue, which empties on the clock's next turn. */
export class ControllerLoop {
  readonly #controller: Controller;
  readonly #context: ControllerContext;
  readonly #state: ClusterState;
  readonly #queue = new Set<string>();
  readonly #later = new Map<string, () => void>();
  readonly #stops: (() => void)[] = [];
  #cancelTurn: (() => void) | undefined;

  constructor(
    controller: Controller,
    state: ClusterState,
    readyAfterMs: number,
  ) {
    this.#controller = controller;
    this.#state = state;
    this.#context = new ControllerContext(state, readyAfterMs, controller.name);
  }

  /** Listens, and looks at everything that is there. */
  start(): void {
    const { store } = this.#state;
    const { resource, also = {} } = this.#controller;
    this.#stops.push(
      store.listen(resource, (change) => this.#add(keyOf(change.object))),
    );
    for (const [other, keysOf] of Object.entries(also))
      this.#stops.push(
        store.listen(other, (change) => {
          for (const key of keysOf(change, this.#state)) this.#add(key);
        }),
      );
    for (const object of store.list(resource)) this.#add(keyOf(object));
  }

  /** Stops listening and forgets what is queued. */
  stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
    for (const cancel of this.#later.values()) cancel();
    this.#later.clear();
    this.#cancelTurn?.();
    this.#cancelTurn = undefined;
    this.#queue.clear();
  }

  #add(key: string): void {
    this.#queue.add(key);
    this.#cancelTurn ??= this.#state.clock.setTimer(0, () => this.#turn());
  }

  #turn(): void {
    this.#cancelTurn = undefined;
    const keys = [...this.#queue];
    this.#queue.clear();
    for (const key of keys) this.#reconcile(key);
  }

  #reconcile(key: string): void {
    this.#later.get(key)?.();
    this.#later.delete(key);
    const againMs = this.#controller.reconcile(this.#context, key);
    if (againMs === undefined) return;
    const cancel = this.#state.clock.setTimer(againMs, () => {
      this.#later.delete(key);
      this.#add(key);
    });
    this.#later.set(key, cancel);
  }
}
