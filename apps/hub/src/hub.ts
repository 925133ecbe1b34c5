import { mkdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import { type Clock } from "@wheelhouse/clock";
import { holdingSystemClock } from "@wheelhouse/system-clock";
import { type RenderPort } from "@wheelhouse/compile";
import { type GitSource, createGitSource } from "@wheelhouse/git-source";
import { type HubStore, openSqliteHubStore } from "@wheelhouse/hub-store";
import { type HubKeys, readHubKeys } from "@wheelhouse/trust";
import {
  type WorkQueue,
  createInProcessWorkQueue,
} from "@wheelhouse/work-queue";
import { AssignmentIssuer } from "./fleet/assignment-issuer.ts";
import { ClusterOperations } from "./fleet/cluster-operations.ts";
import { FleetFollower } from "./fleet/fleet-follower.ts";
import { FleetOperations } from "./fleet/fleet-operations.ts";
import { LiveSessions } from "@wheelhouse/spoke-sessions";
import { RenderPool } from "./fleet/render-pool.ts";
import { RolloutRunner } from "./fleet/rollout-runner.ts";
import { type HubLink, startHubLink } from "./hub-link.ts";
import { type HubLog } from "./log.ts";
import { LoginLimit } from "./people/login-limit.ts";
import { People } from "./people/people.ts";
import { FleetEvents } from "./rest/fleet-events.ts";
import type { HubServices } from "./rest/hub.module.ts";
import type { HttpServer, ServedRoute } from "./rest/http-server.ts";
import { type HubSettings, keysDirectory } from "./settings.ts";
import { whyNotListening } from "./start-problem.ts";
import { FleetViews } from "./view/fleet-views.ts";

/** What a hub is started with. */
export interface HubOptions {
  readonly settings: HubSettings;
  readonly hubVersion: string;
  /** Where the page's build lies. */
  readonly pageDirectory: string;
  /** Renders kustomizations; brought here so that a test can bring another. */
  readonly renderer: RenderPort;
  readonly log: HubLog;
  readonly clock?: Clock;
  /** Breaks off what a start waits for, such as a repository; default never. */
  readonly signal?: AbortSignal;
}

/** A running hub. */
export interface Hub {
  readonly fleet: string;
  readonly epoch: number;
  readonly url: string;
  readonly linkAddress: string;
  /** All that is served over HTTP, HEAD too. */
  readonly routes: readonly ServedRoute[];
  /** A link that logs an admin in, once. */
  loginLink(): Promise<string>;
  /** Ends everything in order: people first, then spokes, then work, then the store. */
  stop(): Promise<void>;
}

/** A hub, or why it cannot start, in words. */
export type HubResult =
  | { readonly ok: true; readonly hub: Hub }
  | { readonly ok: false; readonly problem: string };

const graceMs = 5_000;
/** A repository that answers no sooner is asked again while the hub runs. */
const firstPollMs = 10_000;
/** How long a person who asks for a look at Git waits for its end. */
const askedLookMs = 8_000;
const newsMs = 25;
const certificateCheckMs = 6 * 3_600_000;

/** Starts a hub on a directory that `wheelhouse init` made. */
export async function startHub(options: HubOptions): Promise<HubResult> {
  const { settings } = options;
  const read = await readHubKeys(keysDirectory(settings.data));
  if (!read.ok) return { ok: false, problem: read.problem };
  const source = await openSource(settings);
  if (!source.ok) return source;
  await mkdir(settings.data, { recursive: true, mode: 0o700 });
  const file = path.join(settings.data, "hub.db");
  const store = await openSqliteHubStore({ file });
  const wrong =
    (await whyNotListening("--listen", settings.listen)) ??
    (await whyNotListening("--link-listen", settings.linkListen)) ??
    (await whyNotFollowed(source.source, store, options.signal));
  if (wrong !== null) {
    await store.close();
    return { ok: false, problem: wrong };
  }
  const hub = new RunningHub(options, read.keys, source.source, store);
  try {
    await hub.start();
  } catch (error) {
    await hub.stop();
    throw error;
  }
  return { ok: true, hub };
}

/** A hub that follows nothing yet is told at once of a branch that is not there, where others are: most likely a slip. Everything else may pass, and is tried again. */
async function whyNotFollowed(
  source: GitSource,
  store: HubStore,
  stop: AbortSignal | undefined,
): Promise<string | null> {
  if ((await store.revisions.head()) !== null) return null;
  const timeout = AbortSignal.timeout(firstPollMs);
  const signal =
    stop === undefined ? timeout : AbortSignal.any([timeout, stop]);
  const poll = await source.poll({ after: null, signal });
  if (poll.ok) return null;
  if (poll.problem.kind === "barredPort") {
    return `--repo ${poll.problem.message}. ${poll.problem.advice}`;
  }
  if ((poll.problem.branches ?? []).length === 0) return null;
  return `${poll.problem.message}. Give --branch one of these, or push the branch first.`;
}

async function openSource(settings: HubSettings) {
  const opened = await createGitSource({
    url: settings.repo,
    branch: settings.branch,
    directory: path.join(settings.data, "git"),
    allowForcePush: settings.allowForcePush,
    ...(settings.repoToken === undefined ? {} : { token: settings.repoToken }),
  });
  if (opened.ok) return opened;
  const { message, advice } = opened.problem;
  return { ok: false, problem: `--repo ${message}. ${advice}` } as const;
}

/** The wiring: what each part is made from, and in which order they start and end. */
class RunningHub implements Hub {
  readonly #options: HubOptions;
  readonly #keys: HubKeys;
  readonly #store: HubStore;
  readonly #clock: Clock;
  readonly #live: LiveSessions;
  readonly #renders: RenderPool;
  readonly #queue: WorkQueue;
  readonly #runner: RolloutRunner;
  readonly #follower: FleetFollower;
  readonly #views: FleetViews;
  readonly #events: FleetEvents;
  readonly #people: People;
  #link: HubLink | null = null;
  #http: HttpServer | null = null;

  constructor(
    options: HubOptions,
    keys: HubKeys,
    source: GitSource,
    store: HubStore,
  ) {
    const { settings, log, clock = holdingSystemClock } = options;
    this.#options = options;
    this.#keys = keys;
    this.#store = store;
    this.#clock = clock;
    const onView = () => this.#events.changed();
    this.#live = new LiveSessions(clock, () => {
      // Spokes report in bursts: one step for all that comes within a moment.
      this.#queue.trigger("step", { afterMs: newsMs });
      onView();
    });
    this.#renders = new RenderPool({
      port: options.renderer,
      cache: store.renders,
      concurrency: availableParallelism(),
    });
    const parts = { store, clock, log, onView };
    this.#runner = new RolloutRunner({
      ...parts,
      issuer: new AssignmentIssuer(keys, store, clock),
      live: this.#live,
      notify: (uid) => this.#notify(uid),
    });
    this.#follower = new FleetFollower({
      ...parts,
      source,
      branch: settings.branch,
      pollMs: settings.pollMs,
      render: (requests) => this.#renders.renderAll(requests),
      onHead: () => this.#stepSoon(),
    });
    this.#views = this.#createViews(source.name);
    this.#events = new FleetEvents({
      clock,
      view: () => this.#views.fleet(),
      onError: (error) => log.error("view not made", { error }),
    });
    this.#people = new People(store.credentials, clock);
    this.#queue = this.#createQueue();
  }

  get fleet(): string {
    return this.#keys.delegation.fleet;
  }

  get epoch(): number {
    return this.#keys.delegation.epoch;
  }

  get url(): string {
    return this.#http?.url ?? "";
  }

  get routes(): readonly ServedRoute[] {
    return this.#http?.routes ?? [];
  }

  get linkAddress(): string {
    return this.#link?.address ?? "";
  }

  async start(): Promise<void> {
    const { settings, log, hubVersion, pageDirectory } = this.#options;
    // NestJS takes a second to load: a hub that is refused does not wait for it.
    const { startHttpServer } = await import("./rest/http-server.ts");
    await this.#people.ensureAdminToken(
      path.join(settings.data, "admin-token"),
    );
    this.#link = await startHubLink({
      ...{ settings, hubVersion, log },
      keys: this.#keys,
      store: this.#store,
      live: this.#live,
      clock: this.#clock,
      onJoined: () => this.#stepSoon(),
    });
    this.#http = await startHttpServer({
      services: this.#services(),
      listen: settings.listen,
      tls: settings.tls,
      ...{ pageDirectory, hubVersion, log },
    });
    this.#queue.trigger("step");
    this.#queue.trigger("follow");
    this.#queue.trigger("certificate");
  }

  async loginLink(): Promise<string> {
    const code = await this.#people.createLoginCode(
      this.#options.settings.loginLinkMs,
    );
    return `${this.url}/login?code=${code}`;
  }

  async stop(): Promise<void> {
    this.#events.close();
    await this.#http?.close();
    await this.#link?.server.stop(graceMs);
    await this.#queue.close({ graceMs });
    await this.#renders.close();
    await this.#store.close();
  }

  /** Each kind of work is a key: it runs once at a time, and finds out itself what there is to do. */
  #createQueue(): WorkQueue {
    const { log } = this.#options;
    return createInProcessWorkQueue({
      concurrency: 3,
      clock: holdingSystemClock,
      work: (key, { signal }) => {
        if (key === "follow") return this.#follower.follow(signal);
        if (key === "step") return this.#runner.run();
        return this.#renewCertificate();
      },
      onError: (key, error, retryAfterMs) =>
        log.error("work failed", { key, error, durationMs: retryAfterMs }),
    });
  }

  async #renewCertificate() {
    await this.#link?.renewCertificate();
    const afterMs = certificateCheckMs;
    return { kind: "requeueAfter", afterMs, why: "the next look" } as const;
  }

  #stepSoon(): void {
    this.#queue.trigger("step");
  }

  #notify(uid: string): void {
    this.#link?.server.notify(uid).catch((error: unknown) => {
      this.#options.log.warn("assignment not offered", { uid, error });
    });
  }

  #createViews(url: string): FleetViews {
    const { settings, hubVersion } = this.#options;
    return new FleetViews({
      fleet: this.fleet,
      epoch: this.epoch,
      hubVersion,
      delegationEndMs: Date.parse(this.#keys.delegation.notAfter),
      git: { url, branch: settings.branch },
      store: this.#store,
      live: this.#live,
      clock: this.#clock,
      follower: () => this.#follower.view,
      rollout: () => this.#runner.view,
      sessions: () => this.#link?.server.sessions() ?? [],
    });
  }

  #services(): HubServices {
    const parts = {
      store: this.#store,
      live: this.#live,
      clock: this.#clock,
      link: () => this.#requireLink().server,
    };
    const follow = () => this.#queue.trigger("follow");
    const stepSoon = () => this.#stepSoon();
    return {
      people: this.#people,
      loginLimit: new LoginLimit(this.#clock),
      views: this.#views,
      events: this.#events,
      journal: this.#store.journal,
      fleet: new FleetOperations({
        ...parts,
        runner: this.#runner,
        follow: () => this.#lookNow(),
        stepSoon,
      }),
      clusters: new ClusterOperations({
        ...parts,
        pin: this.#keys.pin,
        linkAddress: () => this.linkAddress,
        onChanged: () => {
          follow();
          stepSoon();
          this.#events.changed();
        },
      }),
    };
  }

  /** Bounded: a person is told of a long look that it goes on. */
  async #lookNow(): Promise<void> {
    const ended = this.#follower.nextLook();
    this.#queue.trigger("follow");
    let cancel = () => undefined as void;
    const late = new Promise<void>((resolve) => {
      cancel = this.#clock.setTimer(askedLookMs, resolve);
    });
    await Promise.race([ended, late]);
    cancel();
  }

  #requireLink(): HubLink {
    if (this.#link === null) throw new Error("the link has not started");
    return this.#link;
  }
}
