import {
  createHubClient,
  type FleetView,
  type HubClient,
  HubProblem,
  type PrincipalView,
} from "@wheelhouse/rest-api";

/**
 * Where the page stands with its hub. `interrupted` keeps the last view and
 * tries again; `loggedOut` and `refused` wait for a person.
 */
export type LivePhase =
  "connecting" | "live" | "interrupted" | "loggedOut" | "refused";

/** What the page knows, and since when. */
export interface LiveState {
  readonly phase: LivePhase;
  readonly view: FleetView | null;
  /** This machine's time when `view` came, ms since 1970. */
  readonly receivedAt: number;
  readonly principal: PrincipalView | null;
  readonly problem: HubProblem | null;
}

/** The first wait before trying again, doubled up to the longest; a hub that restarts is back in seconds. */
const firstWaitMs = 400;
const longestWaitMs = 5_000;

/** A page in the background gives its connection back after this long: a browser has only six to a hub. */
const hiddenMs = 120_000;

/** Keeps one FleetView up to date over the event stream, for React's `useSyncExternalStore`. */
export class LiveFleet {
  readonly client: HubClient;
  #state: LiveState = {
    phase: "connecting",
    view: null,
    receivedAt: 0,
    principal: null,
    problem: null,
  };
  readonly #listeners = new Set<() => void>();
  #run: AbortController | undefined;
  #hiddenTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(server: string) {
    this.client = createHubClient({ server });
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly read = (): LiveState => this.#state;

  /** Connects, and stays so until `stop`; called again, it starts afresh at once. */
  start(): void {
    this.#run?.abort();
    const run = new AbortController();
    this.#run = run;
    const { phase } = this.#state;
    if (phase !== "live") this.#put({ phase: "connecting", problem: null });
    void this.#follow(run.signal);
  }

  stop(): void {
    this.#run?.abort();
    this.#run = undefined;
  }

  /** A hidden page pauses after a while, and is up to date again when it is seen. */
  readonly followVisibility = (): void => {
    clearTimeout(this.#hiddenTimer);
    if (document.visibilityState === "hidden") {
      this.#hiddenTimer = setTimeout(() => this.stop(), hiddenMs);
    } else if (this.#run === undefined) {
      this.start();
    }
  };

  async #follow(signal: AbortSignal): Promise<void> {
    let waitMs = firstWaitMs;
    while (!signal.aborted) {
      const problem = await this.#watchOnce(signal, () => {
        waitMs = firstWaitMs;
      });
      if (signal.aborted) return;
      const phase = phaseAfter(problem);
      this.#put({ phase, problem });
      if (phase !== "interrupted") return;
      await pause(waitMs * (0.75 + Math.random() / 2), signal);
      waitMs = Math.min(longestWaitMs, waitMs * 2);
    }
  }

  /** Follows one stream to its end, and says why it ended. */
  async #watchOnce(
    signal: AbortSignal,
    onView: () => void,
  ): Promise<HubProblem> {
    try {
      const principal = await this.client.whoami();
      if (signal.aborted) return streamEnded();
      this.#put({ principal });
      for await (const view of this.client.watchFleet(signal)) {
        if (signal.aborted) break;
        onView();
        this.#put({
          view,
          receivedAt: Date.now(),
          phase: "live",
          problem: null,
        });
      }
      return streamEnded();
    } catch (error) {
      return error instanceof HubProblem ? error : streamEnded(error);
    }
  }

  #put(change: Partial<LiveState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

/** What a broken connection means: 401 asks for a login, another refusal for a person, all else for patience. */
export function phaseAfter(problem: {
  readonly status: number;
}): "interrupted" | "loggedOut" | "refused" {
  if (problem.status === 401) return "loggedOut";
  const isRefusal =
    problem.status >= 400 && problem.status < 500 && problem.status !== 429;
  return isRefusal ? "refused" : "interrupted";
}

function streamEnded(cause?: unknown): HubProblem {
  return new HubProblem(
    0,
    "the connection to the hub ended",
    "The page tries again by itself.",
    { cause },
  );
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
