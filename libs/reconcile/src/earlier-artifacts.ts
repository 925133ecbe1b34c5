import {
  type ArtifactContent,
  type Digest,
  decodeArtifact,
  templateIdOf,
} from "@wheelhouse/assignment";
import { parseYaml } from "@wheelhouse/fleet-model";
import {
  type KubeObject,
  isKubeObject,
  objectIdOf,
  objectKey,
} from "@wheelhouse/kube-object";
import { type ReconcilerOptions } from "./reconciler-options.ts";

const none: ArtifactContent = { kind: "objects", objects: [] };

/** So many are kept read; at the bound all are let go and read again. */
const maxKept = 64;

/** Artifacts that were applied earlier, as far as somebody asked for them. */
export class EarlierArtifacts {
  readonly #artifacts: ReconcilerOptions["artifacts"];
  readonly #read = new Map<Digest, Promise<ArtifactContent>>();

  constructor(artifacts: ReconcilerOptions["artifacts"]) {
    this.#artifacts = artifacts;
  }

  /** An object as an artifact has it, by its key; undefined where it has none. */
  async objectOf(digest: Digest, key: string): Promise<KubeObject | undefined> {
    const content = await this.contentOf(digest);
    if (content.kind === "objects") {
      return content.objects.find(
        (object) => objectKey(objectIdOf(object)) === key,
      );
    }
    // Before substitution and decryption an object has the same fields, and only they are asked about.
    const document = content.template.documents.find(
      (one) => objectKey(templateIdOf(one)) === key,
    );
    const parsed = document && parseYaml("template", document.text);
    const value = parsed?.ok === true ? parsed.documents[0]?.value : undefined;
    return isKubeObject(value) ? value : undefined;
  }

  /** What an artifact holds that was applied earlier; no objects where it is no longer there. */
  contentOf(digest: Digest): Promise<ArtifactContent> {
    const known = this.#read.get(digest);
    if (known !== undefined) return known;
    const read = this.#artifacts.get(digest).then((bytes) => {
      if (bytes !== undefined) return decodeArtifact(bytes);
      // It may be brought back; to ask for what is known to be missing costs nothing.
      this.#read.delete(digest);
      return none;
    });
    if (this.#read.size >= maxKept) this.#read.clear();
    this.#read.set(digest, read);
    read.catch(() => this.#read.delete(digest));
    return read;
  }
}
