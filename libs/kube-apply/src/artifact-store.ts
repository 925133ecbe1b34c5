import { type Digest } from "@wheelhouse/assignment";
import { type KubeObject, spokeNamespace } from "@wheelhouse/kube-object";
import {
  type StoredArtifact,
  packLabel,
  parsePackIndex,
  planPacks,
  unpackArtifacts,
} from "./artifact-packs.ts";
import { type Failpoint, noFailpoint } from "./failpoints.ts";
import { KubeError } from "./kube-error.ts";
import { type ApplyPort } from "./kube-port.ts";
import { resourceVersionOf, uidOf } from "./live-content.ts";

const secretKind = { group: "", version: "v1", kind: "Secret" };

/** Bytes of artifacts that wait in memory for the assignment that they came for; more are read back. */
const maxRecentBytes = 16 * 1024 * 1024;

interface Pack {
  readonly name: string;
  readonly digests: readonly Digest[];
  readonly createdMs: number;
  /** Of a part: how many there must be. */
  readonly parts: number;
}

/**
 * Artifacts in immutable Secrets of the spoke's namespace. Only what is where
 * is kept in memory; the bytes are read when they are asked for, and checked,
 * unless they were written just before.
 */
export class ArtifactStore {
  readonly #port: ApplyPort;
  readonly #failpoint: Failpoint;
  #packs: Map<string, Pack> = new Map();
  /** Where each artifact is: one pack, or the parts of one, or by chance several. */
  #byDigest: Map<Digest, Pack[]> = new Map();
  /** Bytes that were made durable and not asked for since, within a bound. */
  readonly #recent = new Map<Digest, Uint8Array>();

  constructor(port: ApplyPort, failpoint: Failpoint = noFailpoint) {
    this.#port = port;
    this.#failpoint = failpoint;
  }

  /** Learns which artifacts are in the cluster. */
  async refresh(): Promise<void> {
    const secrets = await this.#port.list(secretKind, {
      namespace: spokeNamespace,
      labelSelector: `${packLabel}=artifacts`,
    });
    this.#packs = new Map();
    this.#byDigest = new Map();
    for (const secret of secrets) this.#remember(secret);
  }

  /** Which of these artifacts are not wholly in the cluster. */
  missing(digests: Iterable<Digest>): readonly Digest[] {
    return [...new Set(digests)].filter((digest) => {
      const packs = this.#packsOf(digest);
      return packs.length === 0 || packs.length < (packs[0]?.parts ?? 1);
    });
  }

  /** Makes artifacts durable, many to a Secret. What is there already is not written again. */
  async put(artifacts: readonly StoredArtifact[]): Promise<void> {
    const lacking = new Set(this.missing(artifacts.map((item) => item.digest)));
    const fresh = artifacts.filter(({ digest }) => lacking.delete(digest));
    for (const secret of planPacks(fresh)) {
      this.#failpoint("artifacts.beforeWrite");
      this.#remember(await this.#create(secret));
      this.#failpoint("artifacts.afterWrite");
    }
    this.#keepRecent(fresh);
  }

  /** An artifact's bytes; undefined where it is missing or damaged. */
  async get(digest: Digest): Promise<Uint8Array | undefined> {
    return (await this.getMany([digest])).get(digest);
  }

  /** The bytes of several artifacts, each Secret read once; what is missing or damaged is left out. */
  async getMany(
    digests: readonly Digest[],
  ): Promise<ReadonlyMap<Digest, Uint8Array>> {
    const { found, rest } = this.#takeRecent(digests);
    const names = new Set(
      rest.flatMap((digest) => this.#packsOf(digest).map((p) => p.name)),
    );
    const secrets = await Promise.all(
      [...names].map((name) =>
        this.#port.get(secretKind, { namespace: spokeNamespace, name }),
      ),
    );
    const present = secrets.filter((secret) => secret !== undefined);
    return new Map([...found, ...unpackArtifacts(rest, present)]);
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
   * Deletes Secrets that hold nothing of `kept` and are older than a bound:
   * another instance may just have written a newer one. Returns how many went.
   */
  async collect(
    kept: ReadonlySet<Digest>,
    olderThanMs: number,
  ): Promise<number> {
    const garbage = this.#garbage(kept, olderThanMs);
    for (const { name } of garbage) {
      await this.#delete(name);
      this.#forget(name);
    }
    return garbage.length;
  }

  /** Whether there is anything to collect; asks nobody. */
  hasGarbage(kept: ReadonlySet<Digest>, olderThanMs: number): boolean {
    return this.#garbage(kept, olderThanMs).length > 0;
  }

  #garbage(kept: ReadonlySet<Digest>, olderThanMs: number): readonly Pack[] {
    return [...this.#packs.values()].filter(
      ({ createdMs, digests }) =>
        createdMs < olderThanMs && !digests.some((digest) => kept.has(digest)),
    );
  }

  async #delete(name: string): Promise<void> {
    const id = { namespace: spokeNamespace, name };
    const live = await this.#port.get(secretKind, id);
    const uid = live && uidOf(live);
    if (live === undefined || uid === undefined) return;
    await this.#port.delete(secretKind, id, {
      uid,
      resourceVersion: resourceVersionOf(live),
      propagation: "Background",
    });
  }

  async #create(secret: KubeObject): Promise<KubeObject> {
    try {
      return await this.#port.create(secret);
    } catch (error) {
      // The name is made from the content: what is there already is the same.
      if (!(error instanceof KubeError) || error.reason !== "alreadyExists") {
        throw error;
      }
      return secret;
    }
  }

  #packsOf(digest: Digest): Pack[] {
    return this.#byDigest.get(digest) ?? [];
  }

  #forget(name: string): void {
    const digests = this.#packs.get(name)?.digests ?? [];
    this.#packs.delete(name);
    for (const digest of digests) {
      const rest = this.#packsOf(digest).filter((pack) => pack.name !== name);
      if (rest.length === 0) this.#byDigest.delete(digest);
      else this.#byDigest.set(digest, rest);
    }
  }

  #remember(secret: KubeObject): void {
    const index = parsePackIndex(secret);
    if (index === undefined) return;
    const { creationTimestamp } = secret.metadata;
    const created =
      typeof creationTimestamp === "string"
        ? Date.parse(creationTimestamp)
        : Number.POSITIVE_INFINITY;
    const pack: Pack = {
      name: secret.metadata.name,
      digests:
        index.kind === "part"
          ? [index.digest]
          : index.members.map(({ digest }) => digest),
      createdMs: created,
      parts: index.kind === "part" ? index.parts : 1,
    };
    this.#forget(pack.name);
    this.#packs.set(pack.name, pack);
    for (const digest of pack.digests) {
      this.#byDigest.set(digest, [...this.#packsOf(digest), pack]);
    }
  }
}
