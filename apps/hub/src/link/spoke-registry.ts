import { type Clock } from "@wheelhouse/clock";
import { type ClusterRecord, type HubStore } from "@wheelhouse/hub-store";
import {
  type JoinFacts,
  type JoinTokenResult,
  type RegisteredCluster,
  type SpokeRegistry,
} from "@wheelhouse/spoke-sessions";
import { isoNow } from "../iso-now.ts";
import { type HubLog } from "../log.ts";
import { hasLeftFleet } from "@wheelhouse/fleet-model";

/** Who may connect, from the hub's store; a uid that Git revokes is revoked, whatever the store says, and a cluster that Git no longer names has left. */
export class StoreSpokeRegistry implements SpokeRegistry {
  readonly #store: Pick<HubStore, "registry" | "revisions">;
  readonly #clock: Clock;
  readonly #log: HubLog;
  readonly #onJoined: () => void;

  constructor(options: {
    readonly store: Pick<HubStore, "registry" | "revisions">;
    readonly clock: Clock;
    readonly log: HubLog;
    readonly onJoined: () => void;
  }) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#onJoined = options.onJoined;
  }

  async findByUid(uid: string): Promise<RegisteredCluster | undefined> {
    const record = await this.#store.registry.findByUid(uid);
    if (record === null) return undefined;
    return {
      uid,
      cluster: record.name,
      state: await this.#stateOf(record, uid),
      keys: record.uid === uid ? record.keys : [],
    };
  }

  async consumeJoinToken(
    tokenHash: string,
    { keyHash, nowMs }: JoinFacts,
  ): Promise<JoinTokenResult> {
    const now = new Date(nowMs).toISOString();
    const facts = { key: keyHash, now };
    return this.#store.registry.consumeJoinToken(tokenHash, facts);
  }

  async recordCertificate(
    uid: string,
    facts: { readonly keys: readonly string[]; readonly notAfterMs: number },
  ): Promise<boolean> {
    const before = await this.#store.registry.findByUid(uid);
    const at = isoNow(this.#clock);
    const isFirst = !before?.joinedAt;
    const recorded = await this.#store.registry.recordCertificate(
      {
        uid,
        keys: facts.keys,
        notAfter: new Date(facts.notAfterMs).toISOString(),
        at,
      },
      isFirst
        ? [
            {
              at,
              actor: `Cluster/${before?.name ?? uid}`,
              action: "ClusterJoined",
              subject: `Cluster/${before?.name ?? uid}`,
              message: `uid ${uid}`,
            },
          ]
        : [],
    );
    if (!recorded) {
      this.#log.warn("certificate not recorded: revoked meanwhile", { uid });
      return false;
    }
    if (isFirst) this.#onJoined();
    return true;
  }

  async #stateOf(
    record: ClusterRecord,
    uid: string,
  ): Promise<RegisteredCluster["state"]> {
    if (record.phase === "Removed") return "revoked";
    if (record.uid !== uid) return "superseded";
    if (record.revokedUids.includes(uid)) return "revoked";
    const head = await this.#store.revisions.head();
    const cluster = head?.clusters.find(({ name }) => name === record.name);
    if (cluster?.revokedUids.includes(uid) === true) return "revoked";
    return hasLeftFleet(record, head) ? "left" : "active";
  }
}
