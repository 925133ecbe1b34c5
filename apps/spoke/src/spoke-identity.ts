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

/** A key that waits for its join; the save after it drops the field. */
const nextKeyField = "nextPrivateKey";

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
  readonly #port: ApplyPort;
  readonly #key: SpokeKey;
  #chain: readonly Uint8Array[];
  readonly facts: IdentityFacts;

  private constructor(
    port: ApplyPort,
    key: SpokeKey,
    chain: readonly Uint8Array[],
    facts: IdentityFacts,
  ) {
    this.#port = port;
    this.#key = key;
    this.#chain = chain;
    this.facts = facts;
  }

  /** Opens the identity; undefined where this cluster has not joined. Throws `KubeError` where it cannot be read. */
  static async open(port: ApplyPort): Promise<SecretIdentity | undefined> {
    const secret = await port.get(secretKind, secretId);
    const facts = secret && factsOf(secret);
    if (secret === undefined || facts === undefined) return undefined;
    const key = openSpokeKey(textOf(secret, "privateKey"));
    return new SecretIdentity(port, key, chainOf(secret), facts);
  }

  /** Opens the key to join with, made and stored where there is none yet. */
  static async ensureKey(port: ApplyPort): Promise<SpokeKey> {
    const secret = await port.get(secretKind, secretId);
    const known = secret && textOf(secret, "privateKey");
    if (known) return openSpokeKey(known);
    const key = await createSpokeKey();
    await port.create(secretOf({ privateKey: key.privateKey }, undefined));
    return key;
  }

  /** Opens the key to join anew with, made and stored beside the one in use where there is none yet. */
  static async ensureNextKey(port: ApplyPort): Promise<SpokeKey> {
    const secret = await port.get(secretKind, secretId);
    if (secret === undefined) return SecretIdentity.ensureKey(port);
    const known = textOf(secret, nextKeyField);
    if (known) return openSpokeKey(known);
    const key = await createSpokeKey();
    const data = isJsonObject(secret["data"]) ? secret["data"] : {};
    const next = Buffer.from(key.privateKey, "utf8").toString("base64");
    await port.update({ ...secret, data: { ...data, [nextKeyField]: next } });
    return key;
  }

  /** Makes durable what a join gave. */
  static async save(
    port: ApplyPort,
    key: SpokeKey,
    facts: IdentityFacts,
    chain: readonly Uint8Array[],
  ): Promise<SecretIdentity> {
    const identity = new SecretIdentity(port, key, chain, facts);
    await identity.saveChain(chain);
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
    const live = await this.#port.get(secretKind, secretId);
    const { fleet, cluster, uid, pin, hubAddress } = this.facts;
    const object = secretOf(
      {
        fleet,
        cluster,
        uid,
        hubAddress,
        privateKey: this.#key.privateKey,
        certificateChain: writePemChain(chain),
        rootPin: formatRootPin(pin),
      },
      live && resourceVersionOf(live),
    );
    await (live === undefined
      ? this.#port.create(object)
      : this.#port.update(object));
    this.#chain = chain;
  }
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
