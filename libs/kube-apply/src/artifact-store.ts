import { type Digest } from "@wheelhouse/assignment";
import {
  type KubeObject,
  canonicalJson,
  isJsonObject,
  spokeNamespace,
} from "@wheelhouse/kube-object";
import { ArtifactCatalogue, type Pack } from "./artifact-catalogue.ts";
import { type StoredArtifact, packLabel, planPacks } from "./artifact-packs.ts";
import { type Failpoint, noFailpoint } from "./failpoints.ts";
import { KubeError } from "./kube-error.ts";
import { type ApplyPort } from "./kube-port.ts";
import { resourceVersionOf, uidOf } from "./live-content.ts";

const secretKind = { group: "", version: "v1", kind: "Secret" };

/** Selects every Secret that holds artifacts. */
const everyPack = {
  namespace: spokeNamespace,
  labelSelector: `${packLabel}=artifacts`,
};

/** Bytes of artifacts that wait in memory for the assignment that they came for; more are read back. */
const maxRecentBytes = 16 * 1024 * 1024;

/**
 * Artifacts in immutable Secrets of the spoke's namespace. Only what is where
 * is kept in memory; the bytes are read when they are asked for, and checked,
 * unless they were written just before. What reads or changes the whole store
 * goes one after another, so that nothing is collected that an assignment on
 * its way was just found to have.
 */
export class ArtifactStore {
  readonly #port: ApplyPort;
  readonly #failpoint: Failpoint;
  readonly #catalogue = new ArtifactCatalogue();
  /** Bytes that were made durable and not asked for since, within a bound. */
  readonly #recent = new Map<Digest, Uint8Array>();
  #pinned: ReadonlySet<Digest> = new Set();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(port: ApplyPort, failpoint: Failpoint = noFailpoint) {
    this.#port = port;
    this.#failpoint = failpoint;
  }

  /** Learns which artifacts are in the cluster. */
  refresh(): Promise<void> {
    return this.#inTurn(async () => {
      const secrets = await this.#port.list(secretKind, everyPack);
      this.#catalogue.compare(secrets);
      for (const secret of secrets) this.#catalogue.learn(secret);
    });
  }

  /** Of these, the artifacts that are known to be missing or damaged; asks nobody. */
  knownMissing(digests: Iterable<Digest>): readonly Digest[] {
    return [...new Set(digests)].filter(
      (digest) => !this.#catalogue.holds(digest),
    );
  }

  /**
   * Which of these artifacts are not wholly in the cluster, by a live look: a
   * list without content, and a read of each Secret that holds one of them and
   * whose bytes were not checked since it last changed. Until the next look
   * neither these nor `alsoKept` are collected.
   */
  missing(
    digests: Iterable<Digest>,
    alsoKept: Iterable<Digest> = [],
  ): Promise<readonly Digest[]> {
    const wanted = new Set(digests);
    this.#pinned = new Set([...wanted, ...alsoKept]);
    return this.#inTurn(async () => {
      await this.#look();
      const missing: Digest[] = [];
      for (const digest of wanted) {
        if (!this.#catalogue.isChecked(digest)) await this.#read([digest]);
        if (!this.#catalogue.isChecked(digest)) missing.push(digest);
      }
      return missing;
    });
  }

  /** Makes artifacts durable, many to a Secret. What is known to be there already is not written again. */
  put(artifacts: readonly StoredArtifact[]): Promise<void> {
    return this.#inTurn(async () => {
      const lacking = new Set(
        this.knownMissing(artifacts.map(({ digest }) => digest)),
      );
      const fresh = artifacts.filter(({ digest }) => lacking.delete(digest));
      for (const secret of planPacks(fresh)) {
        this.#failpoint("artifacts.beforeWrite");
        await this.#write(secret);
        this.#failpoint("artifacts.afterWrite");
      }
      this.#keepRecent(fresh);
    });
  }

  /** An artifact's bytes; undefined where it is missing or damaged. */
  async get(digest: Digest): Promise<Uint8Array | undefined> {
    return (await this.getMany([digest])).get(digest);
  }

  /** The bytes of several artifacts, each Secret read once; what is missing or damaged is left out, and known to be from then on. */
  async getMany(
    digests: readonly Digest[],
  ): Promise<ReadonlyMap<Digest, Uint8Array>> {
    const { found, rest } = this.#takeRecent(digests);
    const wanted = new Set(rest);
    const read = [...(await this.#read(rest))];
    return new Map([...found, ...read.filter(([one]) => wanted.has(one))]);
  }

  /** Learns what changed since the last look, without reading what did not. */
  async #look(): Promise<void> {
    const listed = await this.#port.list(secretKind, {
      ...everyPack,
      metadataOnly: true,
    });
    for (const name of this.#catalogue.compare(listed)) {
      const secret = await this.#get(name);
      if (secret === undefined) this.#catalogue.forget(name);
      else this.#catalogue.learn(secret);
    }
  }

  /** Reads what the Secrets hold in which these artifacts are, and checks it. */
  async #read(
    digests: readonly Digest[],
  ): Promise<ReadonlyMap<Digest, Uint8Array>> {
    const packs = new Set(
      digests
        // Of an artifact whose parts are still being written none is judged.
        .filter((digest) => this.#catalogue.holds(digest))
        .flatMap((digest) => this.#catalogue.packsOf(digest)),
    );
    const secrets = await Promise.all(
      [...packs].map(async (pack) => {
        const secret = await this.#get(pack.name);
        if (secret === undefined) this.#catalogue.forget(pack.name);
        return secret ?? [];
      }),
    );
    return this.#catalogue.check(secrets.flat());
  }

  #get(name: string): Promise<KubeObject | undefined> {
    return this.#port.get(secretKind, { namespace: spokeNamespace, name });
  }

  /** What was made durable just now is most often asked for next, once. */
  #takeRecent(digests: readonly Digest[]): {
    readonly found: ReadonlyMap<Digest, Uint8Array>;
    readonly rest: readonly Digest[];
  } {
    const found = new Map<Digest, Uint8Array>();
    for (const digest of digests) {
      const bytes = this.#recent.get(digest);
      if (bytes !== undefined) found.set(digest, bytes);
    }
    this.#recent.clear();
    return { found, rest: digests.filter((digest) => !found.has(digest)) };
  }

  #keepRecent(artifacts: readonly StoredArtifact[]): void {
    let kept = 0;
    for (const bytes of this.#recent.values()) kept += bytes.length;
    for (const { digest, bytes } of artifacts) {
      kept += bytes.length;
      if (kept > maxRecentBytes) return;
      this.#recent.set(digest, bytes);
    }
  }

  /**
   * Deletes Secrets that hold nothing of what is kept, nothing that was asked
   * about by the last look, and are older than a bound: another instance may
   * just have written a newer one. What is kept is asked for anew before each
   * deletion. Returns how many went.
   */
  async collect(
    kept: () => ReadonlySet<Digest>,
    olderThanMs: number,
  ): Promise<number> {
    let gone = 0;
    for (const pack of this.#garbage(kept(), olderThanMs)) {
      await this.#inTurn(async () => {
        if (!this.#garbage(kept(), olderThanMs).includes(pack)) return;
        await this.#delete(pack.name);
        this.#catalogue.forget(pack.name);
        gone += 1;
      });
    }
    return gone;
  }

  /** Whether there is anything to collect; asks nobody. */
  hasGarbage(kept: ReadonlySet<Digest>, olderThanMs: number): boolean {
    return this.#garbage(kept, olderThanMs).length > 0;
  }

  #garbage(kept: ReadonlySet<Digest>, olderThanMs: number): readonly Pack[] {
    const isNeeded = (digest: Digest) =>
      kept.has(digest) || this.#pinned.has(digest);
    return this.#catalogue
      .packs()
      .filter(
        ({ createdMs, artifacts }) =>
          createdMs < olderThanMs && ![...artifacts.keys()].some(isNeeded),
      );
  }

  async #delete(name: string): Promise<void> {
    const live = await this.#get(name);
    const uid = live && uidOf(live);
    if (live === undefined || uid === undefined) return;
    await this.#port.delete(
      secretKind,
      { namespace: spokeNamespace, name },
      {
        uid,
        resourceVersion: resourceVersionOf(live),
        propagation: "Background",
      },
    );
  }

  /** The name is made from what a Secret holds: one of that name with other bytes is damaged, and cannot be changed. */
  async #write(secret: KubeObject): Promise<void> {
    const { name } = secret.metadata;
    const live = await this.#create(secret);
    if (live !== undefined) return this.#take(live, secret);
    const other = await this.#get(name);
    if (other !== undefined && isSameSecret(other, secret)) {
      return this.#take(other, secret);
    }
    await this.#delete(name);
    this.#take(await this.#port.create(secret), secret);
  }

  /** Of what is not as it was sent, somebody between changed it: its bytes are checked when they are read. */
  #take(live: KubeObject, sent: KubeObject): void {
    if (isSameSecret(live, sent)) this.#catalogue.trust(live);
    else this.#catalogue.learn(live);
  }

  /** Undefined where one of that name is there already. */
  async #create(secret: KubeObject): Promise<KubeObject | undefined> {
    try {
      return await this.#port.create(secret);
    } catch (error) {
      if (!(error instanceof KubeError) || error.reason !== "alreadyExists") {
        throw error;
      }
      return undefined;
    }
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(task);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

function isSameSecret(live: KubeObject, sent: KubeObject): boolean {
  const { labels } = live.metadata;
  return (
    isJsonObject(labels) &&
    labels[packLabel] === "artifacts" &&
    canonicalJson(live["data"] ?? null) === canonicalJson(sent["data"] ?? null)
  );
}
