import { type Clock } from "@wheelhouse/clock";
import {
  type ClusterRecord,
  type HubStore,
  type JournalEntry,
  type PruneApproval,
} from "@wheelhouse/hub-store";
import { objectKey } from "@wheelhouse/kube-object";
import {
  type ApprovePrunesRequest,
  type ReconcileRequestBody,
  type RolloutActionRequest,
  type SuspendRequest,
} from "@wheelhouse/rest-api";
import { type RolloutCommand } from "@wheelhouse/rollout";
import { type SpokeServer } from "@wheelhouse/spoke-sessions";
import { isoNow } from "../iso-now.ts";
import { hasLeftFleet, leftFleetAdvice } from "@wheelhouse/fleet-model";
import { missingAmong } from "./known-names.ts";
import { type LiveSessions } from "@wheelhouse/spoke-sessions";
import { Refusal } from "./refusal.ts";
import { type RolloutRunner } from "./rollout-runner.ts";

/** What a person may ask of a rollout. */
export const rolloutActions = [
  "approve",
  "pause",
  "resume",
  "abort",
  "undo",
] as const;

/** One of them. */
export type RolloutAction = (typeof rolloutActions)[number];

/** What people's decisions need. */
export interface FleetOperationsOptions {
  readonly store: HubStore;
  readonly live: LiveSessions;
  readonly runner: RolloutRunner;
  readonly link: () => Pick<SpokeServer, "requestReconcile">;
  readonly clock: Clock;
  /** Asks for a look at Git; resolves when it has ended, or takes too long. */
  readonly follow: () => Promise<void>;
  readonly stepSoon: () => void;
}

/** What people decide about the fleet, beside Git. Each decision is stored with its actor. */
export class FleetOperations {
  readonly #options: FleetOperationsOptions;

  constructor(options: FleetOperationsOptions) {
    this.#options = options;
  }

  /** Commands the rollout; throws with its own words where it refuses. */
  async rollout(
    actor: string,
    action: RolloutAction,
    request: RolloutActionRequest,
  ): Promise<void> {
    const { runner, stepSoon, clock } = this.#options;
    const by = { actor, at: isoNow(clock) };
    const settled = runner.command(commandOf(action, request, by));
    stepSoon();
    const refused = await settled;
    if (refused !== null) throw Refusal.conflict(refused);
    // What was decided takes effect in the step after it: who asked is shown that one, and nothing waits for news.
    await runner.run();
    stepSoon();
  }

  /** A suspended cluster is issued nothing new, and is healed at what it has; a suspended bundle is neither applied nor healed. */
  async suspend(actor: string, request: SuspendRequest): Promise<void> {
    const { cluster, bundle = null } = request;
    const name = await this.#requireSubject(cluster, bundle);
    const at = isoNow(this.#options.clock);
    await this.#options.store.overrides.suspend(
      { cluster, bundle: name, actor, at },
      [this.#line(actor, "Suspended", subjectOf(cluster, name))],
    );
    await this.#deliver(cluster, name, `suspended by ${actor}`);
  }

  async resume(actor: string, request: SuspendRequest): Promise<void> {
    const { cluster, bundle = null } = request;
    const suspensions = await this.#options.store.overrides.suspensions();
    // One that left the assignment since stays suspended until it is resumed.
    const frozen = suspensions.flatMap((one) =>
      one.cluster === cluster && one.bundle !== null ? [one.bundle] : [],
    );
    const name = await this.#requireSubject(cluster, bundle, frozen);
    const subject = subjectOf(cluster, name);
    const isResumed = await this.#options.store.overrides.resume(
      { cluster, bundle: name },
      [this.#line(actor, "Resumed", subject)],
    );
    if (!isResumed) {
      throw Refusal.conflict(
        `${subject} is not suspended by a person`,
        "Where it is suspended all the same, Git says so: take spec.suspend away there.",
      );
    }
    await this.#deliver(cluster, name, `resumed by ${actor}`);
  }

  /** A person's word about one bundle waits for no wave. */
  async #deliver(
    cluster: string,
    bundle: string | null,
    why: string,
  ): Promise<void> {
    const { runner, stepSoon } = this.#options;
    const problem =
      bundle === null ? null : await runner.issueAgain(cluster, why, bundle);
    stepSoon();
    if (problem !== null) throw notIssued(cluster, problem);
  }

  /** Asks for a look at Git, or for live state to be compared in a cluster. Its line comes first: what cannot be written is not asked for. */
  async reconcile(actor: string, request: ReconcileRequestBody): Promise<void> {
    const { live, link, follow } = this.#options;
    const { cluster, bundle } = request;
    if (cluster === undefined) {
      await this.#noteReconcile(actor, "fleet repo");
      await follow();
      return;
    }
    const name =
      bundle === undefined ? null : await this.#requireSubject(cluster, bundle);
    const { uid } = await this.#requireCluster(cluster);
    if (!live.get(uid)?.session) throw noSession(cluster);
    await this.#noteReconcile(actor, subjectOf(cluster, name));
    const isHere = link().requestReconcile(uid, name ?? "");
    // It may have ended while the line was written.
    if (!isHere) throw noSession(cluster);
  }

  #noteReconcile(actor: string, subject: string): Promise<void> {
    const line = this.#line(actor, "ReconcileRequested", subject);
    return this.#options.store.journal.append([line]);
  }

  /** Approves the deletions that a person was shown, all or none of them, and issues them to their clusters in a new seq. */
  async approvePrunes(
    actor: string,
    request: ApprovePrunesRequest,
  ): Promise<void> {
    const { store, runner, stepSoon } = this.#options;
    const approvals = await this.#requireHeld(actor, request);
    await store.overrides.approvePrunes(
      approvals,
      approvals.map(({ cluster, key }) =>
        this.#line(actor, "PruneApproved", `Cluster/${cluster}`, key),
      ),
    );
    const clusters = [...new Set(approvals.map(({ cluster }) => cluster))];
    const problems: Refusal[] = [];
    for (const cluster of clusters) {
      const problem = await runner.issueAgain(cluster, "approved deletions");
      if (problem !== null) problems.push(notIssued(cluster, problem));
    }
    stepSoon();
    const [first] = problems;
    if (first !== undefined) throw first;
  }

  /** What came to be held since is not approved; what is held no longer was decided on in vain. */
  async #requireHeld(
    actor: string,
    { objects }: ApprovePrunesRequest,
  ): Promise<readonly PruneApproval[]> {
    const { store, live, clock } = this.#options;
    const at = isoNow(clock);
    const held = new Map<string, PruneApproval>();
    for (const { name: cluster, uid } of await store.registry.list()) {
      for (const { object } of live.get(uid)?.pruneHolds ?? []) {
        const key = objectKey(object);
        held.set(`${cluster} ${key}`, { cluster, key, object, actor, at });
      }
    }
    const found = objects.map(({ cluster, key }) => {
      const hold = held.get(`${cluster} ${key}`);
      return hold ?? `${cluster} ${key}`;
    });
    const gone = found.filter((one) => typeof one === "string");
    if (gone.length > 0) {
      throw Refusal.conflict(
        `nothing is approved: held no longer: ${gone.slice(0, 5).join(", ")}${gone.length > 5 ? ` and ${gone.length - 5} more` : ""}`,
        "See what is held now: wheelhouse prune list",
      );
    }
    return found.filter((one) => typeof one !== "string");
  }

  async #requireCluster(name: string) {
    const record = await this.#options.store.registry.get(name);
    if (record === null || record.phase === "Removed") {
      const known = await this.#options.store.registry.list();
      throw missingAmong("Cluster", name, namesOf(known));
    }
    const head = await this.#options.store.revisions.head();
    if (hasLeftFleet(record, head)) {
      throw Refusal.conflict(
        `Cluster ${name} left the fleet: Git names it no longer`,
        leftFleetAdvice(name),
      );
    }
    return record;
  }

  /** Finds a bundle, of those that are assigned and of `others`, by its whole name, or by what is unambiguous of it: `webapp` or `flux-system/webapp`. */
  async #requireSubject(
    cluster: string,
    bundle: string | null,
    others: readonly string[] = [],
  ): Promise<string | null> {
    const record = await this.#requireCluster(cluster);
    if (bundle === null) return null;
    const newest = await this.#options.store.assignments.newest(record.uid);
    const assigned = newest?.envelope.bundles ?? [];
    const names = [
      ...new Set([...assigned.map(({ spec }) => spec.name), ...others]),
    ];
    const found = names.filter(
      (name) => name === bundle || name.endsWith(`/${bundle}`),
    );
    const [first] = found;
    if (first !== undefined && found.length === 1) return first;
    throw first === undefined
      ? Refusal.notFound(
          `Bundle ${bundle} in ${cluster}`,
          `There are: ${names.slice(0, 20).join(", ") || "none yet"}`,
        )
      : Refusal.conflict(
          `${bundle} fits several bundles in ${cluster}`,
          `Say which: ${found.join(", ")}`,
        );
  }

  #line(
    actor: string,
    action: string,
    subject: string,
    message = "",
  ): JournalEntry {
    const at = isoNow(this.#options.clock);
    return { at, actor, action, subject, message };
  }
}

function namesOf(records: readonly ClusterRecord[]): readonly string[] {
  return records
    .filter(({ phase }) => phase !== "Removed")
    .map(({ name }) => name);
}

function noSession(cluster: string): Refusal {
  return Refusal.conflict(
    `Cluster ${cluster} has no session`,
    "Its spoke reconciles by itself; look at it with: wheelhouse spoke status --kubeconfig FILE",
  );
}

function notIssued(cluster: string, problem: string): Refusal {
  return Refusal.conflict(
    `the decision is stored, but not issued to ${cluster}: ${problem}`,
    "It is in what is issued to that cluster next.",
  );
}

function subjectOf(cluster: string, bundle: string | null): string {
  return bundle === null
    ? `Cluster/${cluster}`
    : `Cluster/${cluster} ${bundle}`;
}

function commandOf(
  action: RolloutAction,
  { wave, revision, generation }: RolloutActionRequest,
  decision: RolloutCommand["by"],
): RolloutCommand {
  const by = {
    by: decision,
    ...(generation === undefined ? {} : { generation }),
  };
  switch (action) {
    case "approve":
      if (wave === undefined) {
        throw Refusal.invalid(
          "wave: which wave is approved is missing",
          "wheelhouse rollout approve --wave NAME",
        );
      }
      return { kind: "approve", wave, ...by };
    case "resume":
      return revision === undefined
        ? { kind: "resume", ...by }
        : { kind: "resume", ...by, revision };
    case "pause":
    case "abort":
    case "undo":
      return { kind: action, ...by };
  }
}
