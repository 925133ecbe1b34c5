import { type Digest } from "@wheelhouse/assignment";
import { type KubeObject } from "@wheelhouse/kube-object";
import { parsePackIndex, unpackArtifacts } from "./artifact-packs.ts";
import { resourceVersionOf } from "./live-content.ts";

/** A Secret that holds artifacts, as it was seen last. */
export interface Pack {
  readonly name: string;
  readonly resourceVersion: string;
  /** Infinity for one that cannot be read: perhaps another version of the spoke can, so that it never is garbage. */
  readonly createdMs: number;
  /** Of a part: how many there must be. */
  readonly parts: number;
  /** The artifacts that its index names, less those whose bytes were found damaged; true for those whose bytes were found right. */
  readonly artifacts: Map<Digest, boolean>;
}

/**
 * What is known of the Secrets that hold artifacts: which artifact is where,
 * and whose bytes were checked. A Secret of the same resourceVersion has the
 * same bytes, so that what was checked once need not be read again.
 */
export class ArtifactCatalogue {
  readonly #packs = new Map<string, Pack>();
  /** Where each artifact is: one pack, or the parts of one, or by chance several. */
  readonly #byDigest = new Map<Digest, readonly Pack[]>();

  /** Every pack. */
  packs(): readonly Pack[] {
    return [...this.#packs.values()];
  }

  /** The packs that hold an artifact or a part of it. */
  packsOf(digest: Digest): readonly Pack[] {
    return this.#byDigest.get(digest) ?? [];
  }

  /** Whether an artifact is wholly there, as far as is known. */
  holds(digest: Digest): boolean {
    const packs = this.packsOf(digest);
    return packs.length > 0 && packs.length >= (packs[0]?.parts ?? 1);
  }

  /** Whether an artifact is wholly there, and its bytes were checked. */
  isChecked(digest: Digest): boolean {
    const checked = this.packsOf(digest).filter(
      ({ artifacts }) => artifacts.get(digest) === true,
    );
    return checked.length > 0 && checked.length >= (checked[0]?.parts ?? 1);
  }

  /** Forgets what a list of all packs has not; gives the names of those that are new or not as they were. */
  compare(listed: readonly KubeObject[]): readonly string[] {
    const names = new Set(listed.map(({ metadata }) => metadata.name));
    for (const { name } of this.packs())
      if (!names.has(name)) this.forget(name);
    return listed
      .filter((secret) => !this.#isKnown(secret))
      .map(({ metadata }) => metadata.name);
  }

  /** Takes a Secret in: what is known of it already stays known. */
  learn(secret: KubeObject): void {
    if (this.#isKnown(secret)) return;
    const pack = packOf(secret);
    this.forget(pack.name);
    this.#packs.set(pack.name, pack);
    for (const digest of pack.artifacts.keys()) {
      this.#byDigest.set(digest, [...this.packsOf(digest), pack]);
    }
  }

  /** Takes in a Secret that holds just what was to be written, whatever was thought of it before. */
  trust(secret: KubeObject): void {
    this.forget(secret.metadata.name);
    this.learn(secret);
    const pack = this.#packs.get(secret.metadata.name);
    for (const digest of pack?.artifacts.keys() ?? []) {
      pack?.artifacts.set(digest, true);
    }
  }

  /** Takes in that a Secret is gone. */
  forget(name: string): void {
    const pack = this.#packs.get(name);
    if (pack === undefined) return;
    this.#packs.delete(name);
    for (const digest of pack.artifacts.keys()) this.#unname(digest, pack);
  }

  /** Unpacks Secrets that were read whole just now, and takes note of which bytes are right; one that is read with a part must be read with all. Gives the artifacts. */
  check(secrets: readonly KubeObject[]): ReadonlyMap<Digest, Uint8Array> {
    const all = new Map<Digest, Uint8Array>();
    for (const secret of secrets) this.learn(secret);
    for (const group of groupsOf(secrets)) {
      const packs = group.flatMap(
        ({ metadata }) => this.#packs.get(metadata.name) ?? [],
      );
      const digests = packs.flatMap(({ artifacts }) => [...artifacts.keys()]);
      const found = unpackArtifacts(digests, group);
      for (const pack of packs) this.#judge(pack, found);
      for (const [digest, bytes] of found) all.set(digest, bytes);
    }
    return all;
  }

  #judge(pack: Pack, found: ReadonlyMap<Digest, Uint8Array>): void {
    for (const digest of [...pack.artifacts.keys()]) {
      if (found.has(digest)) pack.artifacts.set(digest, true);
      else {
        pack.artifacts.delete(digest);
        this.#unname(digest, pack);
      }
    }
  }

  #unname(digest: Digest, pack: Pack): void {
    const rest = this.packsOf(digest).filter((other) => other !== pack);
    if (rest.length === 0) this.#byDigest.delete(digest);
    else this.#byDigest.set(digest, rest);
  }

  #isKnown(secret: KubeObject): boolean {
    const known = this.#packs.get(secret.metadata.name);
    const version = resourceVersionOf(secret);
    return version !== "" && known?.resourceVersion === version;
  }
}

function packOf(secret: KubeObject): Pack {
  const { creationTimestamp, name } = secret.metadata;
  const index = parsePackIndex(secret);
  const members =
    index?.kind === "whole" ? index.members : [index ?? []].flat();
  return {
    name,
    resourceVersion: resourceVersionOf(secret),
    createdMs:
      index !== undefined && typeof creationTimestamp === "string"
        ? Date.parse(creationTimestamp)
        : Number.POSITIVE_INFINITY,
    parts: index?.kind === "part" ? index.parts : 1,
    artifacts: new Map(members.map(({ digest }) => [digest, false])),
  };
}

/** Each Secret that holds whole artifacts by itself, and the parts of one artifact together: of two that name the same, only one may be damaged. */
function groupsOf(secrets: readonly KubeObject[]): readonly KubeObject[][] {
  const groups = new Map<string, KubeObject[]>();
  for (const secret of secrets) {
    const index = parsePackIndex(secret);
    const key = index?.kind === "part" ? index.digest : secret.metadata.name;
    groups.set(key, [...(groups.get(key) ?? []), secret]);
  }
  return [...groups.values()];
}
