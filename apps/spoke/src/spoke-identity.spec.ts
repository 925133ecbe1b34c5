import { type ApplyPort } from "@wheelhouse/kube-apply";
import { type KubeObject, isJsonObject } from "@wheelhouse/kube-object";
import {
  createFleetRoot,
  createHubKeys,
  issueSpokeCertificate,
  readCertificateRequest,
} from "@wheelhouse/trust";
import { describe, expect, it } from "vitest";
import { SecretIdentity } from "./spoke-identity.ts";

const nowMs = Date.parse("2026-01-01T00:00:00Z");

/** A place that holds one Secret. */
function createPlace() {
  let secret: KubeObject | undefined;
  const put = async (object: KubeObject) => (secret = object);
  const port = { get: async () => secret, create: put, update: put };
  return {
    place: {
      port: port as unknown as ApplyPort,
      failpoint: () => undefined,
    },
    fields: () => {
      const data = secret?.["data"];
      return isJsonObject(data) ? Object.keys(data) : [];
    },
  };
}

describe("the identity's Secret", () => {
  it("keeps the key of a join under way over a renewal, until that join is done", async () => {
    const keys = await createHubKeys(
      await createFleetRoot("harbour", nowMs),
      1,
      nowMs,
    );
    const { place, fields } = createPlace();
    const key = await SecretIdentity.ensureKey(place);
    const request = await readCertificateRequest(await key.createRequest());
    if (!request.ok) throw new Error(request.problem);
    const { publicKey } = request;
    const named = { cluster: "prod-eu-1", uid: "uid-1" };
    const facts = {
      ...named,
      fleet: "harbour",
      pin: keys.pin,
      hubAddress: "h:1",
    };
    const { chain } = await issueSpokeCertificate(keys, {
      ...named,
      publicKey,
      nowMs,
    });
    const identity = await SecretIdentity.save(place, key, facts, chain);

    const next = await SecretIdentity.ensureNextKey(place);
    await identity.saveChain(chain);
    const again = await SecretIdentity.ensureNextKey(place);
    expect(again.privateKey).toBe(next.privateKey);
    expect((await SecretIdentity.open(place))?.facts.uid).toBe("uid-1");

    await SecretIdentity.save(place, next, facts, chain);
    expect(fields()).not.toContain("nextPrivateKey");
    const opened = await SecretIdentity.open(place);
    expect(opened?.current().privateKey).toBe(next.privateKey);
  });
});
