import { generateKeyPairSync } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import fc from "fast-check";
import {
  type HubKeys,
  createFleetRoot,
  createHubKeys,
  createSpokeKey,
  issueServerCertificate,
  issueSpokeCertificate,
  readCertificateRequest,
  readPemChain,
  readRenewalChain,
  readSpokeIdentity,
} from "./index.ts";
import { certificateAlgorithm, createCertificateKey, x509 } from "./x509.ts";

const nowMs = Date.parse("2026-01-01T00:00:00Z");
const dayMs = 86_400_000;

describe("a spoke's certificate", () => {
  let keys: HubKeys;

  beforeAll(async () => {
    keys = await createHubKeys(
      await createFleetRoot("harbour", nowMs),
      1,
      nowMs,
    );
  });

  const issue = async (publicKey: Uint8Array, facts = {}) =>
    issueSpokeCertificate(keys, {
      cluster: "prod-eu-1",
      uid: "uid-1",
      publicKey,
      nowMs,
      ...facts,
    });

  const publicKeyOf = async (request: Uint8Array) => {
    const result = await readCertificateRequest(request);
    if (!result.ok) throw new Error(result.problem);
    return result.publicKey;
  };

  it("says what the registry says, whatever the request asked for", async () => {
    const { keys: pair } = await createCertificateKey();
    const request = await x509.Pkcs10CertificateRequestGenerator.create({
      name: [{ CN: ["prod-us-1"] }, { O: ["system:masters"] }],
      keys: pair,
      signingAlgorithm: certificateAlgorithm,
      extensions: [
        new x509.BasicConstraintsExtension(true, 3, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension([
          { type: "url", value: "wheelhouse://harbour/cluster/uid-2" },
          { type: "dns", value: "localhost" },
        ]),
      ],
    });
    const publicKey = await publicKeyOf(new Uint8Array(request.rawData));
    const { chain } = await issue(publicKey);
    const leaf = new x509.X509Certificate(new Uint8Array(chain[0] ?? []));
    expect(readSpokeIdentity(chain[0] ?? new Uint8Array())).toMatchObject({
      fleet: "harbour",
      cluster: "prod-eu-1",
      uid: "uid-1",
    });
    expect(leaf.subject).toBe("CN=prod-eu-1, O=harbour");
    expect(leaf.getExtension(x509.BasicConstraintsExtension)?.ca).toBe(false);
    expect(leaf.getExtension(x509.ExtendedKeyUsageExtension)?.usages).toEqual([
      x509.ExtendedKeyUsage.clientAuth,
    ]);
  });

  it("lives for a day, and never longer than what issued it", async () => {
    const key = await publicKeyOf(
      await (await createSpokeKey()).createRequest(),
    );
    expect((await issue(key)).notAfterMs).toBe(nowMs + dayMs);
    expect((await issue(key, { lifetimeMs: 60_000 })).notAfterMs).toBe(
      nowMs + 60_000,
    );
    expect((await issue(key, { lifetimeMs: 900 * dayMs })).notAfterMs).toBe(
      Date.parse(keys.delegation.notAfter),
    );
  });

  it.each(["", "a/b", "uid 1", "uid-1/..", "ü", "x".repeat(65)])(
    "is not issued for the uid %j",
    async (uid) => {
      const key = await publicKeyOf(
        await (await createSpokeKey()).createRequest(),
      );
      await expect(issue(key, { uid })).rejects.toThrow("cannot be certified");
    },
  );

  it.each([
    ["RSA", () => generateKeyPairSync("rsa", { modulusLength: 2048 })],
    ["P-384", () => generateKeyPairSync("ec", { namedCurve: "P-384" })],
  ])("is not issued for a key of %s", async (name, generate) => {
    const { privateKey, publicKey } = generate();
    const algorithm =
      name === "RSA"
        ? { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }
        : { name: "ECDSA", namedCurve: "P-384", hash: "SHA-256" };
    const { subtle } = globalThis.crypto;
    const pair = {
      privateKey: await subtle.importKey(
        "pkcs8",
        privateKey.export({ type: "pkcs8", format: "der" }),
        algorithm,
        true,
        ["sign"],
      ),
      publicKey: await subtle.importKey(
        "spki",
        publicKey.export({ type: "spki", format: "der" }),
        algorithm,
        true,
        ["verify"],
      ),
    };
    const request = await x509.Pkcs10CertificateRequestGenerator.create({
      keys: pair,
      signingAlgorithm: algorithm,
    });
    expect(
      await readCertificateRequest(new Uint8Array(request.rawData)),
    ).toMatchObject({ ok: false });
  });

  it("is not issued on a request that was changed", async () => {
    const request = await (await createSpokeKey()).createRequest();
    const original = await publicKeyOf(request);
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat({ max: 7 }), async (at, bit) => {
        const damaged = Buffer.from(request);
        const index = at % damaged.length;
        damaged.writeUInt8(damaged.readUInt8(index) ^ (1 << bit), index);
        const result = await readCertificateRequest(damaged);
        // A change that leaves the signature fitting can only be in how it is encoded.
        expect(
          !result.ok || Buffer.compare(result.publicKey, original) === 0,
        ).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("is no server's, and a server's names no spoke", async () => {
    const server = await issueServerCertificate(
      keys,
      ["hub.example.org"],
      nowMs,
    );
    const [leaf = new Uint8Array()] = readPemChain(server.certificateChain);
    expect(readSpokeIdentity(leaf)).toBeUndefined();
    const names = new x509.X509Certificate(new Uint8Array(leaf))
      .getExtension(x509.SubjectAlternativeNameExtension)
      ?.names.toJSON()
      .map(({ value }) => value);
    expect(names).toEqual([
      "wheelhouse://harbour/hub",
      "localhost",
      "127.0.0.1",
      "::1",
      "hub.example.org",
    ]);
  });

  it("is read whole: bytes that are none name nobody", () => {
    expect(readSpokeIdentity(new Uint8Array())).toBeUndefined();
    expect(readSpokeIdentity(Buffer.from("certificate"))).toBeUndefined();
  });

  it("may be renewed until 90 days after its end, by its own chain only", async () => {
    const key = await publicKeyOf(
      await (await createSpokeKey()).createRequest(),
    );
    const { chain } = await issue(key);
    const read = (atMs: number, of = chain, pin = keys.pin) =>
      readRenewalChain(pin, of, atMs);
    expect(await read(nowMs)).toMatchObject({ uid: "uid-1" });
    expect(await read(nowMs + 91 * dayMs)).toMatchObject({ uid: "uid-1" });
    expect(await read(nowMs + 91 * dayMs + 1)).toBeUndefined();
    expect(await read(nowMs, chain.slice(0, 1))).toBeUndefined();
    expect(await read(nowMs, [...chain].reverse())).toBeUndefined();
    const other = await createHubKeys(
      await createFleetRoot("harbour", nowMs),
      1,
      nowMs,
    );
    expect(await read(nowMs, chain, other.pin)).toBeUndefined();
    const [leaf = new Uint8Array()] = chain;
    const mixed = [leaf, ...readPemChain(other.intermediateCertificate)];
    expect(await read(nowMs, mixed)).toBeUndefined();
  });
});
