import { setImmediate as nextTurn } from "node:timers/promises";
import { holdingSystemClock } from "@wheelhouse/system-clock";
import {
  type Digest,
  type Envelope,
  type SignedEnvelope,
  bundleDigest,
  createEnvelope,
  digestOf,
  encodeEnvelope,
  objectsMediaType,
} from "@wheelhouse/assignment";
import {
  type ArtifactFrame,
  type AssignmentFrame,
  type AssignmentMark,
  type Decoded,
  type LinkClient,
} from "@wheelhouse/protocol";
import { ManualClock, exampleBundleSpec, waitUntil } from "@wheelhouse/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { AssignmentIntake, type IntakeLink } from "./assignment-intake.ts";
import { type SessionPorts } from "./ports.ts";

const revision = { commit: "0".repeat(40), lock: digestOf("none") };

interface Content {
  readonly text: string;
  /** What the envelope says of its length. */
  readonly bytes?: number;
}

const envelopeOf = (seq: number, contents: readonly Content[]): Envelope =>
  createEnvelope({
    fleet: "harbour",
    cluster: "prod-eu-1",
    audience: "uid-1",
    epoch: 1,
    seq,
    revision,
    issuedAt: "2026-01-01T00:00:00Z",
    allowDelete: [],
    bundles: contents.map(({ text, bytes = text.length }, index) => {
      const spec = exampleBundleSpec({
        name: `Kustomization/flux-system/b-${index}`,
        artifact: {
          digest: digestOf(text),
          mediaType: objectsMediaType,
          bytes,
          objects: 1,
        },
        wait: false,
      });
      return { spec, digest: bundleDigest(spec), revision };
    }),
  });

const signedOf = (envelope: Envelope): SignedEnvelope => ({
  bytes: encodeEnvelope(envelope),
  signature: new Uint8Array(64),
  delegation: new Uint8Array(1),
});

const markOf = ({ epoch, seq, root }: Envelope): AssignmentMark => ({
  epoch,
  seq,
  root,
});

/** Takes an assignment with everything around it in memory, and keeps the order in which things happened. */
describe("the intake of an assignment", () => {
  let steps: string[];
  let served: Map<Digest, readonly Decoded<ArtifactFrame>[]>;
  let offered: Envelope;
  let moved: () => "acknowledged" | "superseded";
  let stored: { mark: AssignmentMark; signed: SignedEnvelope } | null;
  let verdict: (signed: SignedEnvelope) => boolean;

  const serve = (text: string, announced = text.length, brought = text) =>
    served.set(digestOf(text), [
      { kind: "artifactHeader", totalBytes: announced },
      { kind: "chunk", bytes: Buffer.from(brought) },
    ]);

  beforeEach(() => {
    steps = [];
    served = new Map();
    stored = null;
    moved = () => "acknowledged";
    verdict = () => true;
  });

  const ports = (): SessionPorts => ({
    store: {
      loadAcknowledged: () => Promise.resolve(stored),
      missingArtifacts: (digests) => Promise.resolve(digests),
      lackingArtifacts: () => Promise.resolve([]),
      putArtifacts: async (artifacts) => {
        await nextTurn();
        steps.push(`put ${artifacts.length}`);
      },
      acknowledge: async () => {
        await nextTurn();
        const outcome = moved();
        steps.push(outcome);
        return outcome;
      },
    },
    verify: (signed) => {
      const envelope = JSON.parse(
        Buffer.from(signed.bytes).toString("utf8"),
      ) as Envelope;
      return verdict(signed)
        ? { ok: true, envelope, step: "forward" }
        : { ok: false, problem: "BadSignature", message: "not verified" };
    },
    identity: {
      current: () => ({ certificateChain: [], privateKey: "" }),
      saveChain: () => Promise.resolve(),
      createRequest: () => Promise.resolve(new Uint8Array()),
      sign: () => new Uint8Array(),
    },
    capabilities: () => ({ kubeVersion: "", apiVersions: [] }),
    readReports: () => ({
      assignment: null,
      bundles: new Map(),
      drift: [],
      pruneHolds: [],
    }),
    onAssignment: ({ seq }) => steps.push(`act on ${seq}`),
    onReconcileRequest: () => undefined,
  });

  async function* framesOf<Frame>(frames: readonly Frame[]) {
    for (const frame of frames) {
      await nextTurn();
      yield frame;
    }
  }

  /** Serves what is offered. */
  const clientOf = (): LinkClient => {
    const client: Pick<LinkClient, "fetchAssignment" | "fetchArtifact"> = {
      fetchAssignment: () => {
        const { bytes, signature, delegation } = signedOf(offered);
        return framesOf<Decoded<AssignmentFrame>>([
          {
            kind: "assignmentHeader",
            totalBytes: bytes.length,
            signature,
            delegation,
          },
          { kind: "chunk", bytes },
        ]);
      },
      fetchArtifact: ({ digest }) => framesOf(served.get(digest) ?? []),
    };
    return client as LinkClient;
  };

  /** Offers an envelope and waits for what the hub is told; the link is cut at the first complaint, which would be tried again. */
  const take = async (envelope: Envelope): Promise<string> => {
    offered = envelope;
    const abort = new AbortController();
    const said = await new Promise<string>((resolve) => {
      const link: IntakeLink = {
        client: clientOf(),
        signal: abort.signal,
        onBytes: () => undefined,
        acknowledge: ({ seq }) => resolve(`acknowledged ${seq}`),
        refuse: ({ reason }) => resolve(reason),
      };
      const intake = new AssignmentIntake({
        ports: ports(),
        clock: holdingSystemClock,
        random: () => 0,
        log: ({ level, error }) => {
          if (level === "warn") resolve(`again: ${String(error)}`);
        },
      });
      intake.attach(link);
      intake.offer(markOf(offered));
    });
    abort.abort();
    return said;
  };

  it("makes artifacts durable, then the ratchet, and acts only then", async () => {
    serve("one");
    serve("two");
    expect(await take(envelopeOf(5, [{ text: "one" }, { text: "two" }]))).toBe(
      "acknowledged 5",
    );
    expect(steps).toEqual(["put 2", "acknowledged", "act on 5"]);
  });

  it("neither moves the ratchet nor acts where an artifact is not what it should be", async () => {
    served.set(digestOf("one"), [
      { kind: "artifactHeader", totalBytes: 3 },
      { kind: "chunk", bytes: Buffer.from("two") },
    ]);
    expect(await take(envelopeOf(5, [{ text: "one" }]))).toBe(
      "ArtifactWrongDigest",
    );
    expect(steps).toEqual([]);
  });

  it.each([
    ["announces more than its envelope says", 3, 4],
    ["announces more than an artifact may have", 17 * 2 ** 20, 17 * 2 ** 20],
    ["brings more than it announced", 3, 3],
  ])("refuses an artifact that %s", async (_what, expected, announced) => {
    serve("one", announced, "ones");
    expect(await take(envelopeOf(5, [{ text: "one", bytes: expected }]))).toBe(
      "ArtifactTooLarge",
    );
    expect(steps).toEqual([]);
  });

  it("keeps what came whole where another artifact breaks again and again", async () => {
    serve("one");
    serve("two", 3, "");
    serve("three");
    const contents = ["one", "two", "three"].map((text) => ({ text }));
    expect(await take(envelopeOf(5, contents))).toContain("ended early");
    expect(steps).toEqual(["put 2"]);
  });

  it("fetches nothing where more is missing than may be", async () => {
    const contents = Array.from({ length: 33 }, (_, index) => ({
      text: `artifact ${index}`,
      bytes: 16 * 2 ** 20,
    }));
    expect(await take(envelopeOf(5, contents))).toBe("TooLarge");
    expect(steps).toEqual([]);
  });

  it("follows what another instance made durable, where that is newer and verifies", async () => {
    const newer = envelopeOf(6, []);
    moved = () => {
      stored = { mark: markOf(newer), signed: signedOf(newer) };
      return "superseded";
    };
    expect(await take(envelopeOf(5, []))).toBe("acknowledged 6");
    expect(steps).toEqual(["superseded", "act on 6"]);
  });

  it("does not act on what another instance made durable and does not verify", async () => {
    const newer = envelopeOf(6, []);
    moved = () => {
      stored = { mark: markOf(newer), signed: signedOf(newer) };
      verdict = () => false;
      return "superseded";
    };
    expect(await take(envelopeOf(5, []))).toContain("not verified");
    expect(steps).toEqual(["superseded"]);
  });

  it("tries again where another instance moved the ratchet, and less far", async () => {
    const older = envelopeOf(4, []);
    moved = () => {
      stored = { mark: markOf(older), signed: signedOf(older) };
      return "superseded";
    };
    expect(await take(envelopeOf(5, []))).toContain("moved meanwhile");
  });

  describe("where lost artifacts cannot be fetched", () => {
    let clock: ManualClock;
    let failures: number;
    let told: string[];
    let onFailure: () => void;
    let intake: AssignmentIntake;

    beforeEach(() => {
      clock = new ManualClock(0);
      [failures, told, onFailure] = [0, [], () => undefined];
      const { store, ...others } = ports();
      const lackingArtifacts = async () => {
        await nextTurn();
        onFailure();
        throw new Error("etcd: no leader");
      };
      intake = new AssignmentIntake({
        ports: { ...others, store: { ...store, lackingArtifacts } },
        clock,
        random: () => 0.5,
        log: ({ level }) => (failures += level === "warn" ? 1 : 0),
      });
    });

    const attach = () =>
      intake.attach({
        client: clientOf(),
        signal: new AbortController().signal,
        onBytes: () => undefined,
        acknowledge: ({ seq }) => told.push(`acknowledged ${seq}`),
        refuse: ({ reason }) => told.push(reason),
      });

    it("takes an offer at once, and not when the pause is over", async () => {
      attach();
      await waitUntil("a pause", () => clock.pending === 1);
      offered = envelopeOf(5, []);
      intake.offer(markOf(offered));
      await waitUntil("an answer", () => told.length > 0);
      expect(told).toEqual(["acknowledged 5"]);
      expect(clock.monotonicMs()).toBe(0);
    });

    it("does not pause where an offer came meanwhile", async () => {
      offered = envelopeOf(5, []);
      onFailure = () => {
        onFailure = () => undefined;
        intake.offer(markOf(offered));
      };
      attach();
      await waitUntil("an answer", () => told.length > 0);
      expect(told).toEqual(["acknowledged 5"]);
      expect(clock.monotonicMs()).toBe(0);
    });

    it("keeps the pause after an offer that failed, however often it is offered", async () => {
      moved = () => {
        throw new Error("etcd: no leader");
      };
      offered = envelopeOf(5, []);
      intake.offer(markOf(offered));
      attach();
      intake.offer(markOf(offered));
      await waitUntil("a pause", () => failures > 0 && clock.pending === 1);
      const before = failures;
      for (let turn = 0; turn < 20; turn += 1) {
        intake.offer(markOf(offered));
        await nextTurn();
      }
      expect(failures).toBe(before);
      expect(clock.pending).toBe(1);
    });
  });
});
