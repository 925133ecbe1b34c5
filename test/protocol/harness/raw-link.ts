import { writePemChain } from "@wheelhouse/trust";
import {
  type Decoded,
  type Hello,
  type LinkClient,
  type LinkFailure,
  createLinkClient,
  protocolVersion,
  readLinkFailure,
} from "@wheelhouse/protocol";
import { fleet } from "./fleet.ts";
import { type TestHub } from "./test-hub.ts";

/** A chain and a key to dial with. */
export interface RawIdentity {
  readonly chain: readonly Uint8Array[];
  readonly privateKey: string;
}

/** Dials a hub with any identity, or none, without a spoke around it. */
export function dial(hub: TestHub, identity: RawIdentity | null): LinkClient {
  return createLinkClient({
    address: `localhost:${hub.port}`,
    rootCertificate: hub.keys.pin.certificate,
    identity: identity && {
      certificateChain: writePemChain(identity.chain),
      privateKey: identity.privateKey,
    },
  });
}

/** A hello for a cluster. */
export function helloOf(
  to: { readonly cluster: string; readonly uid: string },
  change: Partial<Hello> = {},
): Hello {
  return {
    kind: "hello",
    protocol: protocolVersion,
    spokeVersion: "0.1.0",
    fleet,
    cluster: to.cluster,
    uid: to.uid,
    kubeSystemUid: "ks-1",
    instance: "i-raw",
    acknowledged: null,
    capabilities: { kubeVersion: "v1.36.3", apiVersions: [] },
    ...change,
  };
}

/** Reads a stream to its end and says why it ended; null for an end without a failure. */
export async function failureOf(
  messages: AsyncIterable<unknown>,
): Promise<LinkFailure | null> {
  try {
    for await (const _message of messages);
    return null;
  } catch (error) {
    return readLinkFailure(error);
  }
}

/** The first message of a stream. */
export async function firstOf<Message>(
  messages: AsyncIterable<Decoded<Message>>,
): Promise<Decoded<Message>> {
  for await (const message of messages) return message;
  throw new Error("stream: ended without a message");
}

/** A signal that ends a test's call in any case. */
export function soon(): AbortSignal {
  return AbortSignal.timeout(60_000);
}
