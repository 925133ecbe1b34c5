import {
  type SpokeCredentials,
  type SpokeIdentity,
} from "@wheelhouse/hub-session";
import { type ApplyPort, resourceVersionOf } from "@wheelhouse/kube-apply";
import {
  type JsonObject,
  type KubeObject,
  isJsonObject,
  spokeNamespace,
} from "@wheelhouse/kube-object";
import {
  type RootPin,
  type SpokeKey,
  createSpokeKey,
  formatRootPin,
  openSpokeKey,
  parseRootPin,
  readPemChain,
  readSpokeIdentity,
  writePemChain,
} from "@wheelhouse/trust";
import { type SpokeFailpoint } from "./spoke-failpoints.ts";

/** Who this spoke is, and whom it trusts. */
export interface IdentityFacts {
  readonly fleet: string;
  readonly cluster: string;
  readonly uid: string;
  readonly pin: RootPin;
  readonly hubAddress: string;
}

const secretKind = { group: "", version: "v1", kind: "Secret" };
const secretId = { namespace: spokeNamespace, name: "wheelhouse-identity" };

/** A key that waits for its join, which drops the field. */
const nextKeyField = "nextPrivateKey";

/** The cluster that an identity is kept in, and the failpoints on the way there. */
export interface IdentityPlace {
  readonly port: ApplyPort;
  readonly failpoint: SpokeFailpoint;
}

/** What the identity Secret holds, without the key: for people to see. */
export async function readIdentityFacts(
  port: ApplyPort,
): Promise<IdentityFacts | undefined> {
  const secret = await port.get(secretKind, secretId);
  return secret === undefined ? undefined : factsOf(secret);
}

/**
 * The spoke's identity in one Secret of the cluster: the key is made here and
 * never leaves, and it is durable before a token is spent for it.
 */
export class SecretIdentity implements SpokeIdentity {
  readonly #place: IdentityPlace;
  readonly #key: SpokeKey;
  #chain: readonly Uint8Array[];
  readonly facts: IdentityFacts;

  private constructor(
    place: IdentityPlace,
    key: SpokeKey,
    chain: readonly Uint8Array[],
    facts: IdentityFacts,
  ) {
    this.#place = place;
    this.#key = key;
    this.#chain = chain;
    this.facts = facts;
  }

  /** Opens the identity; undefined where this cluster has not joined. Throws `KubeError` where it cannot be read. */
  static async open(place: IdentityPlace): Promise<SecretIdentity | undefined> {
    const secret = await place.port.get(secretKind, secretId);
    const facts = secret && factsOf(secret);
    if (secret === undefined || facts === undefined) return undefined;
    const key = openSpokeKey(textOf(secret, "privateKey"));
    return new SecretIdentity(place, key, chainOf(secret), facts);
  }

  /** Opens the key to join with, made and stored where there is none yet. */
  static async ensureKey(place: IdentityPlace): Promise<SpokeKey> {
    const { port, failpoint } = place;
    const secret = await port.get(secretKind, secretId);
    const known = secret && textOf(secret, "privateKey");
    if (known) return openSpokeKey(known);
    const key = await createSpokeKey();
    failpoint("key.beforeWrite");
    await port.create(secretOf({ privateKey: key.privateKey }, undefined));
    failpoint("key.afterWrite");
    return key;
  }

  /** Opens the key to join anew with, made and stored beside the one in use where there is none yet. */
  static async ensureNextKey(place: IdentityPlace): Promise<SpokeKey> {
    const { port, failpoint } = place;
    const secret = await port.get(secretKind, secretId);
    if (secret === undefined) return SecretIdentity.ensureKey(place);
    const known = textOf(secret, nextKeyField);
    if (known) return openSpokeKey(known);
    const key = await createSpokeKey();
    const data = isJsonObject(secret["data"]) ? secret["data"] : {};
    const next = Buffer.from(key.privateKey, "utf8").toString("base64");
    failpoint("key.beforeWrite");
    await port.update({ ...secret, data: { ...data, [nextKeyField]: next } });
    failpoint("key.afterWrite");
    return key;
  }

  /** Makes durable what a join gave. */
  static async save(
    place: IdentityPlace,
    key: SpokeKey,
    facts: IdentityFacts,
    chain: readonly Uint8Array[],
  ): Promise<SecretIdentity> {
    const identity = new SecretIdentity(place, key, chain, facts);
    place.failpoint("identity.beforeWrite");
    await identity.#write(chain, () => ({}));
    place.failpoint("identity.afterWrite");
    return identity;
  }

  current(): SpokeCredentials {
    return {
      certificateChain: this.#chain,
      privateKey: this.#key.privateKey,
    };
  }

  createRequest(): Promise<Uint8Array> {
    return this.#key.createRequest();
  }

  sign(bytes: Uint8Array): Uint8Array {
    return this.#key.sign(bytes);
  }

  async saveChain(chain: readonly Uint8Array[]): Promise<void> {
    const { failpoint } = this.#place;
    failpoint("renewal.beforeWrite");
    // A token may have been spent for the next key, and its answer lost.
    await this.#write(chain, (live) => pick(live, nextKeyField));
    failpoint("renewal.afterWrite");
    this.#chain = chain;
  }

  async #write(
    chain: readonly Uint8Array[],
    keep: (live: KubeObject) => Readonly<Record<string, string>>,
  ): Promise<void> {
    const { port } = this.#place;
    const live = await port.get(secretKind, secretId);
    const { fleet, cluster, uid, pin, hubAddress } = this.facts;
    const texts = {
      ...(live === undefined ? {} : keep(live)),
      fleet,
      cluster,
      uid,
      hubAddress,
      privateKey: this.#key.privateKey,
      certificateChain: writePemChain(chain),
      rootPin: formatRootPin(pin),
    };
    await (live === undefined
      ? port.create(secretOf(texts, undefined))
      : port.update(secretOf(texts, resourceVersionOf(live))));
  }
}

function pick(
  secret: KubeObject,
  name: string,
): Readonly<Record<string, string>> {
  const text = textOf(secret, name);
  return text === "" ? {} : { [name]: text };
}

/** Undefined where the Secret holds only a key: the join was not completed. */
function factsOf(secret: KubeObject): IdentityFacts | undefined {
  const pin = parseRootPin(textOf(secret, "rootPin"));
  const [leaf] = chainOf(secret);
  const named = leaf && readSpokeIdentity(leaf);
  if (pin === undefined || named === undefined) return undefined;
  const { fleet, cluster, uid } = named;
  return { fleet, cluster, uid, pin, hubAddress: textOf(secret, "hubAddress") };
}

function chainOf(secret: KubeObject): readonly Uint8Array[] {
  return readPemChain(textOf(secret, "certificateChain"));
}

function textOf(secret: KubeObject, key: string): string {
  const data: JsonObject = isJsonObject(secret["data"]) ? secret["data"] : {};
  const text = data[key];
  return typeof text === "string"
    ? Buffer.from(text, "base64").toString("utf8")
    : "";
}

function secretOf(
  texts: Readonly<Record<string, string>>,
  resourceVersion: string | undefined,
): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Secret",
    type: "Opaque",
    metadata: {
      ...secretId,
      labels: { "app.kubernetes.io/managed-by": "wheelhouse" },
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    data: Object.fromEntries(
      Object.entries(texts).map(([key, text]) => [
        key,
        Buffer.from(text, "utf8").toString("base64"),
      ]),
    ),
  };
}
