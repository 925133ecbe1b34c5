import { type Envelope, createEnvelope } from "@wheelhouse/assignment";
import {
  type Hello,
  type HubMessage,
  type SpokeMessage,
} from "@wheelhouse/protocol";
import {
  type PlannedIssue,
  type Round,
  type RolloutCommand,
  type RolloutReason,
  type RolloutState,
  afterRestart,
  comparedRevision,
  emptyMemory,
  isEntryNews,
  nextLook,
  nextVersion,
  takeRound,
  targetsFor,
  wantsElsewhere,
} from "@wheelhouse/rollout";
import {
  ControlSession,
  LiveSessions,
  type SessionContext,
  SessionTable,
  defaultSessionLimits,
} from "@wheelhouse/spoke-sessions";
import { type DurableHub } from "./durable-hub.ts";
import { type Wire } from "./network.ts";
import { Process } from "./process.ts";
import { type VirtualTime } from "./virtual-time.ts";

/** Who watches what a hub does. */
export interface HubWatcher {
  /** Stored, and about to be told. */
  onStored(step: {
    readonly before: RolloutState | null;
    readonly round: Round;
    readonly issued: readonly Envelope[];
    readonly command: RolloutCommand | null;
  }): void;
  onRefused(command: RolloutCommand, why: string): void;
  random(purpose: string): number;
}

/** How often a rollout that moves is looked at: coarser than the hub's own second, which only makes waits longer. */
const lookMs = 8_000;
const maxRounds = 4;

/**
 * One hub: the sessions, the table of sessions, what was heard, the round and
 * the ledger's rules are the hub's own code; around them the simulation has
 * its own database, stream and signature.
 */
export class HubProcess extends Process {
  readonly name: string;
  readonly epoch: number;
  readonly durable: DurableHub;
  readonly live: LiveSessions;
  reasons: readonly RolloutReason[] = [];
  readonly #watcher: HubWatcher;
  readonly #table = new SessionTable<ControlSession>(defaultSessionLimits);
  readonly #context: SessionContext;
  readonly #commands: RolloutCommand[] = [];
  #memory = emptyMemory;
  #state: RolloutState | null = null;
  #written: { version: number; state: RolloutState } | null = null;
  #isLoaded = false;
  #isRunning = false;
  #isDue = false;
  #stopLook = () => {};
  #sessions = 0;

  constructor(options: {
    name: string;
    time: VirtualTime;
    epoch: number;
    durable: DurableHub;
    watcher: HubWatcher;
    skewMs: number;
  }) {
    super(options.time, options.skewMs);
    this.name = options.name;
    this.epoch = options.epoch;
    this.durable = options.durable;
    this.#watcher = options.watcher;
    this.live = new LiveSessions(this.clock, () => this.trigger());
    this.#context = this.#createContext();
    this.trigger();
  }

  get state(): RolloutState | null {
    return this.#state;
  }

  command(command: RolloutCommand): void {
    this.#commands.push(command);
    this.trigger();
  }

  /** A step is due; several news make one. */
  trigger(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.later(500 + this.#watcher.random("look") * 5_500, () => {
      this.#isDue = false;
      if (this.#isRunning) this.trigger();
      else this.#run(0);
    });
  }

  /** A spoke has said hello: from here on the session is the hub's own. */
  accept(
    wire: Wire,
    hello: Hello,
  ): { receive(message: SpokeMessage): void; ended(): void } {
    this.#sessions += 1;
    const session = new ControlSession({
      context: this.#context,
      id: `${this.name}-${this.#sessions}`,
      identity: {
        ...{ fleet: hello.fleet, cluster: hello.cluster, uid: hello.uid },
        ...{ keyHash: "key", notAfterMs: Number.MAX_SAFE_INTEGER },
      },
      hello,
      stream: {
        write: (message: HubMessage) => {
          wire.send("spoke", message);
          return true;
        },
        once: () => undefined,
      },
      end: () => {
        wire.close("hub");
        leave();
      },
    });
    let hasLeft = false;
    const leave = () => {
      if (hasLeft) return;
      hasLeft = true;
      session.close();
      const wasCurrent = this.#table.remove(session);
      if (wasCurrent && this.#table.of(session.uid).length === 0) {
        this.live.onClosed(session.key);
      }
    };
    this.#table.add(session);
    let tail = session.welcome();
    this.#watchIdle(session, () => hasLeft);
    return {
      receive: (message) => {
        tail = tail.then(() => {
          if (hasLeft || !this.isAlive) return undefined;
          session.hear();
          return session.take(message);
        });
      },
      ended: leave,
    };
  }

  #watchIdle(session: ControlSession, hasLeft: () => boolean): void {
    const { idleMs } = defaultSessionLimits;
    const leftMs = session.lastHeardMs + idleMs - this.clock.monotonicMs();
    this.later(Math.max(1, leftMs), () => {
      if (hasLeft()) return;
      const silentMs = this.clock.monotonicMs() - session.lastHeardMs;
      if (silentMs >= idleMs) session.cut("Idle", "nothing was heard");
      else this.#watchIdle(session, hasLeft);
    });
  }

  #createContext(): SessionContext {
    return {
      ...{ hubVersion: "simulated", heartbeatMs: 15_000 },
      limits: defaultSessionLimits,
      clock: this.clock,
      admission: {
        check: async () => undefined,
        identify: () => {
          throw new Error("a simulated stream has no certificate");
        },
      },
      assignments: {
        latest: (uid) => {
          const newest = this.durable.newest(uid);
          if (newest === null) return null;
          const { epoch, seq, root } = newest.envelope;
          return { epoch, seq, root };
        },
        load: () => undefined,
        artifact: () => undefined,
      },
      observer: this.live,
      log: () => undefined,
      isSuspectedClone: (uid) =>
        this.#table.isSuspectedClone(uid, this.clock.monotonicMs()),
      isCurrent: ({ uid, id }) => this.#table.current(uid)?.id === id,
    };
  }

  /** Reads and decides now, and stores a little later: between the two anything may happen. */
  #run(round: number): void {
    this.#isRunning = true;
    this.#stopLook();
    this.#load();
    if (round === 0) this.#recordAcknowledged();
    const [command] = this.#commands;
    const { durable } = this;
    const targetsAt = targetsFor(this.#memory, this.#state, durable.head);
    const before = this.#state;
    const taken = takeRound(
      before,
      this.#sources(targetsAt?.commit ?? null),
      { mayIssue: true, command: command ?? null },
      {
        monotonicMs: this.clock.monotonicMs(),
        iso: new Date(this.clock.nowMs()).toISOString(),
      },
    );
    const issued = taken.issues.flatMap((issue) => this.#sign(issue) ?? []);
    this.later(1 + this.#watcher.random("store") * 30, () => {
      const isStored = this.#store(taken, issued, command ?? null);
      const isAgain =
        !isStored ||
        wantsElsewhere(taken.memory, targetsAt) ||
        this.#commands.length > 0;
      if (isAgain && round + 1 < maxRounds) this.#run(round + 1);
      else this.#rest();
    });
  }

  #rest(): void {
    this.#isRunning = false;
    const look = nextLook(this.#state);
    if (this.#commands.length > 0) this.trigger();
    else if (look.kind === "after") {
      this.#stopLook = this.later(Math.max(lookMs, look.afterMs), () =>
        this.trigger(),
      );
    }
  }

  #load(): void {
    if (this.#isLoaded) return;
    const { rollout } = this.durable;
    const state =
      rollout === null ? null : (JSON.parse(rollout.state) as RolloutState);
    this.#written =
      rollout === null || state === null
        ? null
        : { version: rollout.version, state };
    this.#state = state === null ? null : afterRestart(state);
    this.#isLoaded = true;
  }

  #recordAcknowledged(): void {
    for (const { name, uid } of this.durable.records.values()) {
      const mark = this.live.get(uid)?.acknowledged ?? null;
      if (mark !== null) this.durable.recordFloor(name, mark);
    }
  }

  #sources(commit: string | null) {
    const { durable, epoch } = this;
    const { head } = durable;
    const completed = this.#memory.completed;
    const compared =
      head === null ? null : comparedRevision(this.#state, head.revision);
    const at = (of: string | null) =>
      of === null ? null : (durable.commits.get(of) ?? null);
    return {
      ...{ head, epoch },
      at: at(commit),
      comparedProblems: at(compared?.commit ?? null)?.problems ?? [],
      records: [...durable.records.values()],
      heard: (uid: string) => this.live.get(uid),
      issued: durable.newestByUid(),
      targets: at(commit)?.targets ?? new Map(),
      completedTargets: at(completed?.commit ?? null)?.targets ?? new Map(),
      suspensions: [],
      nowMs: this.clock.monotonicMs(),
    };
  }

  #sign({ record, content }: PlannedIssue): Envelope | null {
    const { name: cluster, uid: audience } = record;
    const next = nextVersion({ epoch: this.epoch, ...record });
    if (!next.ok) return null;
    return createEnvelope({
      ...next.version,
      ...{ fleet: "fleet", cluster, audience, ...content },
      issuedAt: this.name,
      allowDelete: [],
    });
  }

  #store(
    round: Round,
    issued: readonly Envelope[],
    command: RolloutCommand | null,
  ): boolean {
    const before = this.#state;
    const { state, effects, refused } = round.result;
    const { confirmed } = round;
    const journal = effects.filter(({ kind }) => kind === "note");
    const isNews = isEntryNews(this.#written?.state ?? null, {
      state,
      issued,
      confirmed,
      journal,
    });
    const expectedVersion = this.#written?.version ?? 0;
    if (
      isNews &&
      !this.durable.commit({ expectedVersion, state, issued, confirmed })
    ) {
      this.#isLoaded = false;
      return false;
    }
    if (isNews && state !== null) {
      this.#written = { version: expectedVersion + 1, state };
    }
    if (state !== null) this.#state = state;
    this.#memory = round.memory;
    this.reasons = round.result.reasons;
    if (command !== null) this.#commands.shift();
    if (command !== null && refused !== null)
      this.#watcher.onRefused(command, refused);
    this.#watcher.onStored({ before, round, issued, command });
    for (const { audience } of issued) {
      void this.#table.current(audience)?.offerLatest();
    }
    return true;
  }
}
