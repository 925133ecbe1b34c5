import { type Clock } from "@wheelhouse/clock";
import {
  type ClusterRecord,
  type HubStore,
  type IssuedAssignment,
  type JournalEntry,
} from "@wheelhouse/hub-store";
import { type AddClusterRequest, type JoinView } from "@wheelhouse/rest-api";
import { replacementNeeds } from "@wheelhouse/rollout";
import { type SpokeServer } from "@wheelhouse/spoke-sessions";
import {
  type RootPin,
  createJoinToken,
  pinFingerprint,
} from "@wheelhouse/trust";
import { isoNow } from "../iso-now.ts";
import { hasLeftFleet, leftFleetAdvice } from "@wheelhouse/fleet-model";
import { missingAmong } from "./known-names.ts";
import { revokedUidsLine } from "../view/fleet-notices.ts";
import { createClusterUid } from "./assignment-issuer.ts";
import { type LiveSessions } from "@wheelhouse/spoke-sessions";
import { Refusal } from "./refusal.ts";

/** How long a join token is good for. */
export const joinTokenMs = 15 * 60_000;

/** What changes of the registry need. */
export interface ClusterOperationsOptions {
  readonly store: HubStore;
  readonly pin: RootPin;
  /** host:port by which spokes reach the link. */
  readonly linkAddress: () => string;
  readonly link: () => Pick<SpokeServer, "cut">;
  readonly live: LiveSessions;
  readonly clock: Clock;
  /** Called when the set of clusters has changed. */
  readonly onChanged: () => void;
}

/** Clusters come, are replaced and go, by a person's word. */
export class ClusterOperations {
  readonly #options: ClusterOperationsOptions;

  constructor(options: ClusterOperationsOptions) {
    this.#options = options;
  }

  /** Registers a cluster, or takes one that never joined, and makes the token for it. */
  async add(actor: string, request: AddClusterRequest): Promise<JoinView> {
    const { store, clock, onChanged } = this.#options;
    const { name, labels = {} } = request;
    const known = await store.registry.get(name);
    if (known !== null) await this.#requireMember(known);
    if (known?.phase === "Joined") {
      throw Refusal.conflict(
        `Cluster ${name} has joined already`,
        `To put a new cluster in its place: wheelhouse cluster repoint ${name}`,
      );
    }
    if (known === null || known.phase === "Removed") {
      const inGit = await this.#gitCluster(name);
      await store.registry.add(
        {
          name,
          labels,
          uid: createClusterUid(),
          source: inGit === undefined ? "api" : "git",
          registeredAt: isoNow(clock),
        },
        [this.#line(actor, "ClusterAdded", name, "")],
      );
      onChanged();
    }
    // Where Git's names were registered meanwhile, that registration counts.
    const registered = await store.registry.get(name);
    if (registered?.phase !== "Pending") throw overtaken(name);
    return this.#invite(actor, registered, null, null);
  }

  /** Gives the name to a new incarnation: the old one is revoked, and its streams cut, at once. */
  async repoint(actor: string, name: string): Promise<JoinView> {
    const { store, clock, link, live, onChanged } = this.#options;
    const known = await this.#requireKnown(name);
    await this.#requireMember(known);
    const uid = createClusterUid();
    const repointed = await store.registry.repoint(
      { name, uid, formerUid: known.uid, startedAt: isoNow(clock) },
      [
        this.#line(
          actor,
          "ClusterRepointed",
          name,
          `${known.uid} is revoked, ${uid} takes its place`,
        ),
      ],
    );
    if (!repointed.ok) throw overtaken(name);
    link().cut(known.uid, "Superseded");
    live.forget(known.uid);
    onChanged();
    const revoked = [...known.revokedUids, known.uid];
    const line = revokedUidsLine(revoked);
    const last = await store.assignments.lastConfirmed(name);
    const invited = await this.#invite(actor, { name, uid }, line, last);
    const file = (await this.#gitCluster(name))?.location?.file;
    return file === undefined ? invited : { ...invited, revokedUidsFile: file };
  }

  /** Takes a cluster out of the fleet: it is revoked, and what runs in it stays. */
  async remove(
    actor: string,
    name: string,
  ): Promise<{ readonly notice: string }> {
    const { store, link, live, onChanged } = this.#options;
    const known = await this.#requireKnown(name);
    const removed = await store.registry.remove(name, [
      this.#line(actor, "ClusterRemoved", name, `${known.uid} is revoked`),
    ]);
    if (!removed.ok) throw overtaken(name);
    link().cut(known.uid, "Revoked");
    live.forget(known.uid);
    onChanged();
    const isInGit = (await this.#gitCluster(name)) !== undefined;
    const advice = isInGit
      ? ` Git still names it: delete its Cluster object, or keep it with ${revokedUidsLine([...known.revokedUids, known.uid])}.`
      : "";
    return {
      notice: `${name} left the fleet; its workloads stay as they are.${advice}`,
    };
  }

  /** Makes the token for one incarnation, and for none that took its place meanwhile. */
  async #invite(
    actor: string,
    { name, uid }: Pick<ClusterRecord, "name" | "uid">,
    revoked: string | null,
    last: IssuedAssignment | null,
  ): Promise<JoinView> {
    const { store, pin, clock, linkAddress } = this.#options;
    const token = createJoinToken(pinFingerprint(pin));
    const endMs = clock.nowMs() + joinTokenMs;
    const tokenExpiresAt = new Date(endMs).toISOString();
    const ended = await store.registry.addJoinToken({
      hash: token.hash,
      uid,
      expiresAt: tokenExpiresAt,
    });
    const endsEarlierToken = ended !== null && ended > isoNow(clock);
    const record = await store.registry.get(name);
    if (record?.uid !== uid || record.phase === "Removed") {
      throw overtaken(name);
    }
    await store.journal.append([
      this.#line(actor, "JoinTokenCreated", name, `for uid ${uid}`),
    ]);
    const bundles = last?.envelope.bundles ?? [];
    const { required, optional } = replacementNeeds(
      bundles.map(({ spec }) => spec),
    );
    return {
      cluster: name,
      uid,
      fleet: pin.fleet,
      hubAddress: linkAddress(),
      token: token.text,
      tokenExpiresAt,
      ...(endsEarlierToken ? { endsEarlierToken } : {}),
      rootCertificate: pin.certificate,
      rootPublicKey: pin.delegationKey,
      revokedUidsLine: revoked,
      needs: required,
      ...(optional.length === 0 ? {} : { optionalNeeds: optional }),
    };
  }

  async #requireKnown(name: string): Promise<ClusterRecord> {
    const { registry } = this.#options.store;
    const known = await registry.get(name);
    if (known !== null && known.phase !== "Removed") return known;
    const others = (await registry.list()).filter(
      ({ phase }) => phase !== "Removed",
    );
    throw missingAmong(
      "Cluster",
      name,
      others.map((one) => one.name),
    );
  }

  /** A cluster that Git no longer names is in nobody's hands but Git's. */
  async #requireMember(record: ClusterRecord): Promise<void> {
    const head = await this.#options.store.revisions.head();
    if (record.phase !== "Removed" && hasLeftFleet(record, head)) {
      throw Refusal.conflict(
        `Cluster ${record.name} left the fleet: Git names it no longer`,
        leftFleetAdvice(record.name),
      );
    }
  }

  async #gitCluster(name: string) {
    const head = await this.#options.store.revisions.head();
    return head?.clusters.find(
      (cluster) => cluster.name === name && cluster.source === "git",
    );
  }

  #line(
    actor: string,
    action: string,
    name: string,
    message: string,
  ): JournalEntry {
    const at = isoNow(this.#options.clock);
    return { at, actor, action, subject: `Cluster/${name}`, message };
  }
}

/** Of two who change one cluster at once, one is told that the other's word holds. */
function overtaken(name: string): Refusal {
  return Refusal.conflict(
    `Cluster ${name} was repointed, removed or joined by somebody else meanwhile`,
    "Look first: wheelhouse cluster list",
  );
}
