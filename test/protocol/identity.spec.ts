import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type LinkClient,
  type LinkFailure,
  readLinkFailure,
} from "@wheelhouse/protocol";
import {
  createSpokeKey,
  issueSpokeCertificate,
  readCertificateRequest,
} from "@wheelhouse/trust";
import { createAssignment, createKeys } from "./harness/fleet.ts";
import {
  type RawIdentity,
  dial,
  failureOf,
  helloOf,
  soon,
} from "./harness/raw-link.ts";
import { type TestHub, startTestHub } from "./harness/test-hub.ts";
import { type TestSpoke, joinSpoke } from "./harness/test-spoke.ts";

const uid = "00000000-0000-4000-8000-000000000001";
const otherUid = "00000000-0000-4000-8000-000000000002";
const digest = `sha256:${"1".repeat(64)}` as const;

/** Every call that wants a certificate. */
const calls: Readonly<
  Record<string, (client: LinkClient) => Promise<LinkFailure | null>>
> = {
  control: (client) => {
    const call = client.control(soon());
    call.send(helloOf({ cluster: "prod-eu-1", uid }));
    return failureOf(call.messages);
  },
  fetchAssignment: (client) =>
    failureOf(
      client.fetchAssignment(
        { kind: "assignmentFetch", epoch: 1, seq: 1, offset: 0 },
        soon(),
      ),
    ),
  fetchArtifact: (client) =>
    failureOf(
      client.fetchArtifact(
        { kind: "artifactFetch", digest, offset: 0 },
        soon(),
      ),
    ),
};

describe("identity", () => {
  let hub: TestHub;
  let spoke: TestSpoke;

  beforeEach(async () => {
    const { keys } = await createKeys(Date.now());
    hub = await startTestHub({ keys });
    spoke = await joinSpoke(hub, "prod-eu-1", uid);
  });

  afterEach(() => hub.stop());

  const identityOf = ({ chain, key }: TestSpoke): RawIdentity => ({
    chain,
    privateKey: key.privateKey,
  });

  /** A certificate for the registered cluster by a root that somebody made. */
  const selfMade = async (): Promise<RawIdentity> => {
    const { keys } = await createKeys(Date.now());
    const key = await createSpokeKey();
    const request = await readCertificateRequest(await key.createRequest());
    if (!request.ok) throw new Error(request.problem);
    const { chain } = await issueSpokeCertificate(keys, {
      cluster: "prod-eu-1",
      uid,
      publicKey: request.publicKey,
      nowMs: Date.now(),
    });
    return { chain, privateKey: key.privateKey };
  };

  describe.each(Object.entries(calls))("of %s", (_name, call) => {
    it("is refused without a certificate", async () => {
      expect(await call(dial(hub, null))).toMatchObject({
        reason: "Unauthenticated",
        code: "UNAUTHENTICATED",
      });
    });

    it("is refused with a self-made certificate that names a registered cluster", async () => {
      expect(await call(dial(hub, await selfMade()))).toMatchObject({
        reason: "Unauthenticated",
      });
    });

    it.each([
      ["revoked", "Revoked"],
      ["superseded", "Superseded"],
      ["left", "LeftFleet"],
    ] as const)("is refused when %s", async (state, reason) => {
      hub.registry.update(uid, { state });
      expect(await call(dial(hub, identityOf(spoke)))).toMatchObject({
        reason,
        code: "PERMISSION_DENIED",
      });
    });

    it("is refused with a key that is not the registered one", async () => {
      hub.registry.update(uid, { keys: ["0".repeat(64)] });
      expect(await call(dial(hub, identityOf(spoke)))).toMatchObject({
        reason: "UnknownKey",
      });
    });

    it("is refused when the registry does not know the uid", async () => {
      hub.registry.clusters.delete(uid);
      expect(await call(dial(hub, identityOf(spoke)))).toMatchObject({
        reason: "UnknownCluster",
      });
    });
  });

  it.each([
    ["another uid", { uid: otherUid }],
    ["another cluster", { cluster: "prod-eu-2" }],
    ["another fleet", { fleet: "other" }],
    ["a uid in other case", { uid: uid.toUpperCase().replace("-4", "-4 ") }],
  ])("cuts a stream whose hello names %s", async (_name, change) => {
    await joinSpoke(hub, "prod-eu-2", otherUid);
    const call = dial(hub, identityOf(spoke)).control(soon());
    call.send(helloOf({ cluster: "prod-eu-1", uid }, change));
    expect(await failureOf(call.messages)).toMatchObject({
      reason: "WrongIdentity",
    });
    expect(hub.observer.hellos).toEqual([]);
  });

  it("shows a cluster nothing of another's", async () => {
    const other = await joinSpoke(hub, "prod-eu-2", otherUid);
    const secret = createAssignment(hub.keys, other, 1, { web: "a" });
    hub.assignments.issue(otherUid, secret);
    const client = dial(hub, identityOf(spoke));
    expect(await calls["fetchAssignment"]?.(client)).toMatchObject({
      reason: "NotFound",
    });
    const [theirs] = secret.artifacts.keys();
    const stolen = client.fetchArtifact(
      { kind: "artifactFetch", digest: theirs ?? digest, offset: 0 },
      soon(),
    );
    expect(await failureOf(stolen)).toMatchObject({ reason: "NotFound" });
  });

  it("takes the first key whose chain leads to the root where the registry has none", async () => {
    hub.registry.update(uid, { keys: [] });
    const call = dial(hub, identityOf(spoke)).control(soon());
    call.send(helloOf(spoke));
    for await (const message of call.messages) {
      expect(message).toMatchObject({ kind: "welcome", heartbeatMs: 1_000 });
      break;
    }
    expect(hub.registry.findByUid(uid)?.keys).toHaveLength(1);
  });

  it("refuses a peer of another major version by name", async () => {
    const call = dial(hub, identityOf(spoke)).control(soon());
    call.send(helloOf(spoke, { protocol: { major: 2, minor: 0 } }));
    expect(await failureOf(call.messages)).toMatchObject({
      reason: "IncompatibleVersion",
    });
  });

  it("takes a peer of a newer minor version", async () => {
    const call = dial(hub, identityOf(spoke)).control(soon());
    call.send(helloOf(spoke, { protocol: { major: 1, minor: 9 } }));
    for await (const message of call.messages) {
      expect(message.kind).toBe("welcome");
      break;
    }
  });

  it("is refused where the server's certificate does not lead to the pinned root", async () => {
    const { keys } = await createKeys(Date.now());
    const wrong = { ...hub, keys };
    const failure = await calls["control"]?.(dial(wrong, identityOf(spoke)));
    expect(failure).toMatchObject({ reason: null, code: "UNAVAILABLE" });
  });

  it("refuses a first message that is no hello", async () => {
    const call = dial(hub, identityOf(spoke)).control(soon());
    call.send({
      kind: "heartbeat",
      counter: 1,
      acknowledged: null,
      reportCounter: 0,
    });
    expect(await failureOf(call.messages)).toMatchObject({
      reason: "Malformed",
    });
  });

  it("bounds the fetches that run at once", async () => {
    const large = createAssignment(hub.keys, spoke, 1, {
      web: "x".repeat(3_000_000),
    });
    hub.assignments.issue(uid, large);
    const [artifact = digest] = large.artifacts.keys();
    const client = dial(hub, identityOf(spoke));
    const iterators = Array.from({ length: 17 }, () =>
      client
        .fetchArtifact(
          { kind: "artifactFetch", digest: artifact, offset: 0 },
          soon(),
        )
        [Symbol.asyncIterator](),
    );
    const outcomes = await Promise.all(
      iterators.map((iterator) =>
        iterator.next().then(
          () => "served",
          (error: unknown) => readLinkFailure(error).reason,
        ),
      ),
    );
    expect(outcomes.filter((one) => one === "TooMany")).toHaveLength(1);
    client.close();
    await Promise.all(iterators.map((iterator) => iterator.return?.()));
  });
});
