import {
  type KubeObject,
  type ObjectId,
  isJsonList,
  isJsonObject,
  objectIdOf,
  objectKey,
} from "@wheelhouse/kube-object";
import { isTerminating, uidOf } from "./live-content.ts";

/** What is deleted in one pass, or was before and waits for its finalizers. */
export interface Going {
  /** Identities. */
  readonly keys: ReadonlySet<string>;
  /** Of the same objects. */
  readonly uids: ReadonlySet<string>;
}

interface Owned {
  readonly id: ObjectId;
  readonly uid: string | undefined;
  readonly owners: readonly (string | undefined)[];
}

/**
 * Tells, of what a namespace or a definition holds, what would be taken along
 * though nothing that is deleted owns it. An object with owners follows them:
 * it goes by itself only once every one of them is gone.
 */
export class ContainedGuests {
  readonly #going: Going;
  /** Uids of what goes by itself; grows with what is looked at. */
  readonly #leaving: Set<string>;
  #owned: readonly Owned[] = [];

  constructor(going: Going) {
    this.#going = going;
    this.#leaving = new Set(going.uids);
  }

  /** The first guest among listed objects that have no owner; owned ones wait for `rest`. */
  look(items: readonly KubeObject[]): ObjectId | undefined {
    const owned: Owned[] = [];
    for (const item of items) {
      const id = objectIdOf(item);
      const uid = uidOf(item);
      const owners = ownersOf(item);
      if (this.#goesByItself(id, item, owners.length > 0)) {
        if (uid !== undefined) this.#leaving.add(uid);
      } else if (owners.length === 0) {
        return id;
      } else {
        owned.push({ id, uid, owners });
      }
    }
    this.#owned = [...this.#owned, ...owned];
    return undefined;
  }

  /** A guest among the owned objects of all looks: one with an owner that stays, or that was not seen to go. */
  rest(): ObjectId | undefined {
    for (let waiting = this.#owned; ;) {
      const left = waiting.filter((one) => !this.#follows(one));
      // Owners may be listed after what they own, so that one round is not all.
      if (left.length === waiting.length) return left[0]?.id;
      waiting = left;
    }
  }

  #goesByItself(id: ObjectId, item: KubeObject, isOwned: boolean): boolean {
    return (
      this.#going.keys.has(objectKey(id)) ||
      isProvidedByServer(id) ||
      // What its owners left behind is on its way, whoever they were.
      (isOwned && isTerminating(item))
    );
  }

  #follows({ uid, owners }: Owned): boolean {
    const isLeaving = owners.every(
      (owner) => owner !== undefined && this.#leaving.has(owner),
    );
    if (isLeaving && uid !== undefined) this.#leaving.add(uid);
    return isLeaving;
  }
}

/** Uids of an object's owners; undefined for one that has none. */
function ownersOf({ metadata }: KubeObject): readonly (string | undefined)[] {
  const references = metadata["ownerReferences"];
  if (!isJsonList(references)) return [];
  return references.map((reference) => {
    const uid = isJsonObject(reference) ? reference["uid"] : undefined;
    return typeof uid === "string" ? uid : undefined;
  });
}

/** Made anew by the server in every namespace. */
function isProvidedByServer({ group, kind, name }: ObjectId): boolean {
  return (
    group === "" &&
    ((kind === "ServiceAccount" && name === "default") ||
      (kind === "ConfigMap" && name === "kube-root-ca.crt"))
  );
}
