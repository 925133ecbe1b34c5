import {
  type BundleSpec,
  type Digest,
  type Envelope,
  type SignedEnvelope,
  bundleDigest,
  createEnvelope,
  digestOf,
  objectsMediaType,
} from "@wheelhouse/assignment";
import { type AssignmentMark } from "@wheelhouse/protocol";
import { exampleBundleSpec } from "@wheelhouse/testing";
import {
  type HubKeys,
  createFleetRoot,
  createHubKeys,
  signEnvelope,
} from "@wheelhouse/trust";

/** The fleet of these tests, and the time at which they begin. */
export const fleet = "harbour";
export const startMs = Date.parse("2026-01-01T00:00:00Z");

const lock = digestOf("no sources");

/** Makes a root and a hub's keys. */
export async function createKeys(nowMs: number, epoch = 1) {
  const root = await createFleetRoot(fleet, nowMs);
  return { root, keys: await createHubKeys(root, epoch, nowMs) };
}

/** An assignment with the artifacts that it names. */
export interface TestAssignment {
  readonly envelope: Envelope;
  readonly signed: SignedEnvelope;
  readonly mark: AssignmentMark;
  readonly artifacts: ReadonlyMap<Digest, Uint8Array>;
}

/** Makes an assignment whose bundles are named after and made of the given contents. */
export function createAssignment(
  keys: HubKeys,
  to: { readonly cluster: string; readonly uid: string },
  seq: number,
  contents: Readonly<Record<string, string | Uint8Array>>,
  epoch = keys.delegation.epoch,
): TestAssignment {
  const artifacts = new Map<Digest, Uint8Array>();
  const bundles = Object.entries(contents).map(([name, content]) => {
    const bytes = Buffer.from(content);
    const digest = digestOf(bytes);
    artifacts.set(digest, bytes);
    const spec = createSpec(name, digest, bytes.length);
    return {
      spec,
      digest: bundleDigest(spec),
      revision: { commit: "0".repeat(40), lock },
    };
  });
  const envelope = createEnvelope({
    fleet,
    cluster: to.cluster,
    audience: to.uid,
    epoch,
    seq,
    revision: { commit: "0".repeat(40), lock },
    issuedAt: new Date(startMs).toISOString(),
    bundles,
    allowDelete: [],
  });
  return {
    envelope,
    signed: signEnvelope(keys, envelope),
    mark: { epoch, seq, root: envelope.root },
    artifacts,
  };
}

function createSpec(name: string, digest: Digest, bytes: number): BundleSpec {
  return exampleBundleSpec({
    name: `Kustomization/flux-system/${name}`,
    artifact: { digest, mediaType: objectsMediaType, bytes, objects: 1 },
    wait: false,
    retryIntervalMs: 60_000,
  });
}
