import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import {
  bundleDigest,
  createEnvelope,
  digestOf,
  encodeEnvelope,
  envelopeSignatureDomain,
  objectsMediaType,
} from "@wheelhouse/assignment";
import {
  type RootPin,
  delegationSignatureDomain,
  pinFingerprint,
  signDelegation,
  verifyAssignment,
} from "@wheelhouse/trust";

/** An Ed25519 key from a seed: for this example alone. */
function keyOf(seed: number): { privateKey: string; publicKey: string } {
  const der = Buffer.concat([
    Buffer.from("302e020100300506032b657004220420", "hex"),
    Buffer.alloc(32, seed),
  ]);
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  return {
    privateKey: key.export({ format: "pem", type: "pkcs8" }).toString(),
    publicKey: createPublicKey(key)
      .export({ format: "der", type: "spki" })
      .toString("base64"),
  };
}

const rootKey = keyOf(1);
const hubKey = keyOf(2);
const pin: RootPin = {
  format: 1,
  fleet: "harbour",
  certificate: "example",
  delegationKey: rootKey.publicKey,
};

const artifact = Buffer.from(
  '{"apiVersion":"v1","data":{"colour":"blue"},"kind":"ConfigMap","metadata":{"name":"web","namespace":"shop"}}\n',
);
const spec = {
  name: "Kustomization/flux-system/web",
  artifact: {
    digest: digestOf(artifact),
    mediaType: objectsMediaType,
    bytes: artifact.length,
    objects: 1,
  },
  dependsOn: [],
  wait: true,
  healthChecks: [],
  timeoutMs: 300_000,
  intervalMs: 600_000,
  retryIntervalMs: 60_000,
  prune: true,
  deletionPolicy: "MirrorPrune",
  force: false,
  suspend: false,
  serviceAccountName: null,
  decryption: null,
  drift: { mode: "enabled", ignore: [] },
  adopt: false,
  createNamespaces: [],
  lateReferences: [],
  held: null,
} as const;
const revision = {
  commit: "1f0e3dad99908345f7439f8ffabdffc4b1b2c3d4",
  lock: digestOf("[]"),
};
const envelope = createEnvelope({
  fleet: "harbour",
  cluster: "prod-eu-1",
  audience: "00000000-0000-4000-8000-000000000001",
  epoch: 1,
  seq: 7,
  revision,
  issuedAt: "2026-01-01T00:00:00Z",
  bundles: [{ spec, digest: bundleDigest(spec), revision }],
  allowDelete: [],
});
const bytes = encodeEnvelope(envelope);
const signature = sign(
  null,
  Buffer.concat([Buffer.from(envelopeSignatureDomain), bytes]),
  hubKey.privateKey,
);
const delegation = signDelegation(
  {
    format: 1,
    fleet: "harbour",
    epoch: 1,
    signingKey: hubKey.publicKey,
    intermediate: "AA==",
    notAfter: "2027-01-01T00:00:00.000Z",
  },
  rootKey.privateKey,
);

/** What the page says, by the names it says it under. */
const vectors: Readonly<Record<string, string>> = {
  "artifact digest": digestOf(artifact),
  "bundle digest": bundleDigest(spec),
  root: envelope.root,
  "envelope length": String(bytes.length),
  "envelope digest": digestOf(bytes),
  "envelope signature": signature.toString("hex"),
  "root's delegation key": rootKey.publicKey,
  "hub's signing key": hubKey.publicKey,
  "delegation signature": Buffer.from(delegation.subarray(0, 64)).toString(
    "hex",
  ),
  "delegation digest": digestOf(delegation.subarray(64)),
  "pin fingerprint": pinFingerprint(pin),
};

describe("the worked example in docs/protocol.md", () => {
  let page = "";

  beforeAll(async () => {
    const file = path.join(import.meta.dirname, "../../docs/protocol.md");
    page = await readFile(file, "utf8");
  });

  it.each(Object.entries(vectors))(
    "has the %s that the code makes",
    (name, value) => {
      // Tables are padded when they are formatted.
      const rows = page.replace(/ +/g, " ");
      expect(rows).toContain(`| ${name} | \`${value}\` |`);
    },
  );

  it("shows the artifact, the delegation and the envelope byte for byte", () => {
    expect(page).toContain(artifact.toString());
    expect(page).toContain(Buffer.from(delegation.subarray(64)).toString());
    expect(page).toContain(Buffer.from(bytes).toString());
  });

  it("names both signature domains", () => {
    for (const domain of [envelopeSignatureDomain, delegationSignatureDomain]) {
      expect(page).toContain(`\`${domain.trimEnd()}\\n\``);
    }
  });

  it("is an assignment that a spoke takes", () => {
    expect(
      verifyAssignment({
        signed: { bytes, signature, delegation },
        pin,
        audience: envelope.audience,
        acknowledged: null,
        nowMs: Date.parse("2026-01-01T00:00:00Z"),
      }),
    ).toMatchObject({ ok: true, step: "forward" });
  });
});
