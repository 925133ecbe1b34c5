import { beforeAll, describe, expect, it } from "vitest";
import {
  type HubKeys,
  createFleetRoot,
  createHubKeys,
  readRenewalChain,
  readSpokeIdentity,
} from "./index.ts";
import { type FleetRoot } from "./fleet-root.ts";
import {
  type CertificateKey,
  createCertificateKey,
  importSigningKey,
  leafExtensions,
  signCertificate,
  x509,
} from "./x509.ts";

const nowMs = Date.parse("2026-01-01T00:00:00Z");
const dayMs = 86_400_000;

const uidName = "wheelhouse://harbour/cluster/uid-1";
const clusterName = "wheelhouse://harbour/name/prod-eu-1";

const urls = (...values: readonly string[]): x509.JsonGeneralNames =>
  values.map((value) => ({ type: "url", value }));

/** Certificates that no honest hub issues; each but the first differs from a good one in one thing. */
describe("a certificate made with the intermediate's key", () => {
  let root: FleetRoot;
  let keys: HubKeys;
  let own: CertificateKey;

  beforeAll(async () => {
    root = await createFleetRoot("harbour", nowMs);
    keys = await createHubKeys(root, 1, nowMs);
    own = await createCertificateKey();
  });

  const craft = async (
    change: {
      extensions?: readonly x509.Extension[];
      nowMs?: number;
      notAfterMs?: number;
      issuer?: { certificate: string; key: string };
    } = {},
  ): Promise<Uint8Array> => {
    const { issuer: by, ...content } = change;
    const { certificate, key } = by ?? {
      certificate: keys.intermediateCertificate,
      key: keys.intermediateKey,
    };
    const issuer = new x509.X509Certificate(certificate);
    const made = await signCertificate({
      subject: [{ CN: ["prod-eu-1"] }],
      issuer: issuer.subjectName.toJSON(),
      publicKey: own.keys.publicKey,
      issuerKey: issuer.publicKey,
      signingKey: await importSigningKey(key),
      nowMs,
      notAfterMs: nowMs + dayMs,
      extensions: leafExtensions("client", urls(uidName, clusterName)),
      ...content,
    });
    return new Uint8Array(made.rawData);
  };

  const derOf = (pem: string) =>
    new Uint8Array(new x509.X509Certificate(pem).rawData);

  it("names a spoke where all of it is as it should be", async () => {
    expect(readSpokeIdentity(await craft())).toMatchObject({
      fleet: "harbour",
      cluster: "prod-eu-1",
      uid: "uid-1",
    });
  });

  it.each<[string, x509.JsonGeneralNames]>([
    ["no name", []],
    ["one name", urls(uidName)],
    [
      "a third name",
      urls(uidName, clusterName, "wheelhouse://harbour/cluster/uid-2"),
    ],
    [
      "a name of another kind",
      [...urls(uidName, clusterName), { type: "dns", value: "localhost" }],
    ],
    ["its names in the other order", urls(clusterName, uidName)],
    ["something behind its uid", urls(`${uidName}/x`, clusterName)],
    ["a line behind its uid", urls(`${uidName}\n`, clusterName)],
    ["something before its uid", urls(`x${uidName}`, clusterName)],
    ["something behind its cluster", urls(uidName, `${clusterName}/x`)],
    ["something before its cluster", urls(uidName, `x:${clusterName}`)],
    ["a fleet in capitals", urls(uidName.replace("har", "Har"), clusterName)],
    ["two fleets", urls(uidName, clusterName.replace("harbour", "another"))],
    ["an escape in its uid", urls(uidName.replace("-", "%2d"), clusterName)],
  ])("names nobody with %s", async (_what, names) => {
    const der = await craft({ extensions: leafExtensions("client", names) });
    expect(readSpokeIdentity(der)).toBeUndefined();
  });

  const { clientAuth, serverAuth } = x509.ExtendedKeyUsage;
  const names = new x509.SubjectAlternativeNameExtension(
    urls(uidName, clusterName),
  );
  const noAuthority = new x509.BasicConstraintsExtension(false);
  const usage = (...usages: string[]) =>
    new x509.ExtendedKeyUsageExtension(usages);

  it.each<[string, readonly x509.Extension[]]>([
    [
      "may issue others",
      [new x509.BasicConstraintsExtension(true), usage(clientAuth), names],
    ],
    ["does not say that it may not", [usage(clientAuth), names]],
    ["is a server's too", [noAuthority, usage(clientAuth, serverAuth), names]],
    ["is a server's", [noAuthority, usage(serverAuth), names]],
    ["is for nothing", [noAuthority, names]],
  ])("names nobody where it %s", async (_what, extensions) => {
    expect(readSpokeIdentity(await craft({ extensions }))).toBeUndefined();
  });

  describe("renews", () => {
    const read = async (
      leaf: Uint8Array,
      intermediate: Uint8Array = derOf(keys.intermediateCertificate),
      pin = keys.pin,
    ) => readRenewalChain(pin, [leaf, intermediate], nowMs);

    it("where all of it is as it should be", async () => {
      expect(await read(await craft())).toMatchObject({ uid: "uid-1" });
    });

    it("not before it begins", async () => {
      const leaf = await craft({
        nowMs: nowMs + dayMs,
        notAfterMs: nowMs + 2 * dayMs,
      });
      expect(await read(leaf)).toBeUndefined();
    });

    it("not where it outlives what issued it", async () => {
      const endMs = Date.parse(keys.delegation.notAfter);
      const leaf = await craft({ notAfterMs: endMs + dayMs });
      expect(await read(leaf)).toBeUndefined();
    });

    it("not where another key of the same name signed it", async () => {
      const twin = await createHubKeys(root, 1, nowMs);
      const leaf = await craft();
      const other = derOf(twin.intermediateCertificate);
      expect(await read(leaf, other)).toBeUndefined();
    });

    it("not under one of the root's that may issue nothing", async () => {
      const issuer = {
        certificate: root.certificate,
        key: root.certificateKey,
      };
      const between = await craft({ issuer });
      const leaf = await craft({
        issuer: {
          certificate: new x509.X509Certificate(between).toString("pem"),
          key: own.privateKey,
        },
      });
      expect(await read(leaf, between)).toBeUndefined();
    });

    it("not in another fleet of the same root", async () => {
      const pin = { ...keys.pin, fleet: "another" };
      expect(await read(await craft(), undefined, pin)).toBeUndefined();
    });
  });
});
