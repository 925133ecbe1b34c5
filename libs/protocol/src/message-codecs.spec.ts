import { create, toBinary } from "@bufbuild/protobuf";
import { type Digest, digestOf } from "@wheelhouse/assignment";
import { type DriftRecord } from "@wheelhouse/drift";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type BundleReport,
  type HubMessage,
  type SpokeMessage,
  type StatusReport,
  hubMessageCodec,
  spokeMessageCodec,
} from "./index.ts";
import { ControlRequestSchema } from "./gen/wheelhouse/v1/link_pb.ts";

const text = (max = 40) => fc.string({ maxLength: max });
const count = () => fc.nat({ max: Number.MAX_SAFE_INTEGER });
const digest = () => text().map((seed): Digest => digestOf(seed));
const mark = () => fc.record({ epoch: count(), seq: count(), root: digest() });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.option(arbitrary, { nil: null });
const object = () =>
  fc.record({ group: text(), kind: text(), namespace: text(), name: text() });
const status = () =>
  fc.constantFrom(
    "Failed" as const,
    "NotFound" as const,
    "Terminating" as const,
    "Unknown" as const,
    "InProgress" as const,
    "Current" as const,
  );
const reason = () => fc.record({ reason: text(), message: text(1_024) });

const late = () =>
  fc.record({
    fingerprint: digest().map((one) => one.slice("sha256:".length)),
    macNotVerifiable: fc.boolean(),
  });

const bundle = (): fc.Arbitrary<BundleReport> =>
  fc
    .tuple(plainBundle(), fc.option(late(), { nil: undefined }))
    .map(([report, facts]) =>
      facts === undefined ? report : { ...report, late: facts },
    );

const plainBundle = (): fc.Arbitrary<BundleReport> =>
  fc.record({
    bundle: text(),
    digest: digest(),
    applied: maybe(digest()),
    ready: fc.boolean(),
    failed: fc.boolean(),
    status: status(),
    objects: fc.record({ total: fc.nat(), ready: fc.nat() }),
    message: text(1_024),
    held: maybe(reason()),
    notes: fc.array(
      fc.record({ object: object(), status: status(), message: text() }),
      { maxLength: 3 },
    ),
    drifted: fc.boolean(),
    since: text(),
  });

const drift = (): fc.Arbitrary<DriftRecord> =>
  fc.record({
    object: object(),
    bundle: text(),
    fields: fc.array(
      fc.record({
        path: text(),
        wanted: maybe(text(256)),
        found: maybe(text(256)),
      }),
      { maxLength: 3 },
    ),
    missing: fc.boolean(),
    writer: maybe(text()),
    firstSeen: text(),
    lastSeen: text(),
    times: count(),
    state: fc.constantFrom(
      "open" as const,
      "healed" as const,
      "reported" as const,
      "blocked" as const,
    ),
    message: text(),
  });

const report = (): fc.Arbitrary<StatusReport> =>
  fc.record(
    {
      kind: fc.constant("statusReport" as const),
      counter: count(),
      full: fc.boolean(),
      assignment: maybe(mark()),
      bundles: fc.array(bundle(), { maxLength: 4 }),
      dropped: fc.array(text(), { maxLength: 4 }),
      drift: fc.array(drift(), { maxLength: 3 }),
      pruneHolds: fc.array(
        fc.record({
          object: object(),
          bundle: text(),
          reason: text(),
          message: text(),
        }),
        { maxLength: 3 },
      ),
    },
    {
      requiredKeys: [
        "kind",
        "counter",
        "full",
        "assignment",
        "bundles",
        "dropped",
      ],
    },
  );

const version = () => fc.record({ major: fc.nat(), minor: fc.nat() });

const spokeMessage = (): fc.Arbitrary<SpokeMessage> =>
  fc.oneof(
    report(),
    fc.record({
      kind: fc.constant("hello" as const),
      protocol: version(),
      spokeVersion: text(),
      fleet: text(),
      cluster: text(),
      uid: text(),
      kubeSystemUid: text(),
      instance: text(),
      acknowledged: maybe(mark()),
      capabilities: fc.record({
        kubeVersion: text(),
        apiVersions: fc.array(text(), { maxLength: 5 }),
      }),
    }),
    fc.record({
      kind: fc.constant("heartbeat" as const),
      counter: count(),
      acknowledged: maybe(mark()),
      reportCounter: count(),
    }),
    fc.record({
      kind: fc.constant("assignmentAcknowledged" as const),
      acknowledged: mark(),
    }),
    fc.record({
      kind: fc.constant("assignmentRefused" as const),
      refused: mark(),
      reason: text(),
      message: text(),
    }),
  );

const hubMessage = (): fc.Arbitrary<HubMessage> =>
  fc.oneof(
    fc.record({
      kind: fc.constant("welcome" as const),
      protocol: version(),
      hubVersion: text(),
      session: text(),
      heartbeatMs: fc.nat(),
    }),
    fc.record({ kind: fc.constant("assignmentOffer" as const), offer: mark() }),
    fc.record({
      kind: fc.constant("heartbeatReply" as const),
      counter: count(),
      latest: maybe(mark()),
      hubTime: text(),
    }),
    fc.record({ kind: fc.constant("reportRequest" as const) }),
    fc.record({
      kind: fc.constant("reconcileRequest" as const),
      bundle: text(),
    }),
  );

/** Texts that are no Unicode cannot be on the wire; everything else comes back as it was. */
const isWellFormed = (value: unknown) =>
  Buffer.from(JSON.stringify(value)).toString() === JSON.stringify(value) &&
  !/\\ud[89ab]/i.test(JSON.stringify(value));

/** Bytes that no codec of ours would write. */
function encodeRaw(message: unknown): Uint8Array {
  type Init = NonNullable<
    Parameters<typeof create<typeof ControlRequestSchema>>[1]
  >;
  const raw = create(ControlRequestSchema, { message } as Init);
  return toBinary(ControlRequestSchema, raw);
}

describe("the codecs", () => {
  it("bring every message of a spoke back as it was", () => {
    fc.assert(
      fc.property(spokeMessage().filter(isWellFormed), (message) => {
        const bytes = spokeMessageCodec.encode(message);
        expect(spokeMessageCodec.decode(bytes)).toEqual(message);
      }),
    );
  });

  it("bring every message of a hub back as it was", () => {
    fc.assert(
      fc.property(hubMessage().filter(isWellFormed), (message) => {
        const bytes = hubMessageCodec.encode(message);
        expect(hubMessageCodec.decode(bytes)).toEqual(message);
      }),
    );
  });

  it("never throw, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        for (const codec of [spokeMessageCodec, hubMessageCodec]) {
          expect(codec.decode(bytes)).toHaveProperty("kind");
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("name a message of a newer peer unknown", () => {
    // Field 99, one byte long.
    expect(spokeMessageCodec.decode(Uint8Array.of(0x9a, 0x06, 1, 0))).toEqual({
      kind: "unknown",
    });
    expect(hubMessageCodec.decode(new Uint8Array())).toEqual({
      kind: "unknown",
    });
  });

  it("take a status or a state of a newer peer for the one that is least trusted", () => {
    const root = new Uint8Array(32);
    const bytes = encodeRaw({
      case: "statusReport",
      value: {
        counter: 1n,
        bundles: [{ bundle: "b", digest: root, status: 77 }],
        drift: { records: [{ object: { kind: "Pod" }, state: 77 }] },
      },
    });
    expect(spokeMessageCodec.decode(bytes)).toMatchObject({
      bundles: [{ status: "Unknown" }],
      drift: [{ state: "open" }],
    });
  });

  it.each([
    ["a missing mark", { case: "assignmentAcknowledged", value: {} }],
    [
      "a short digest",
      {
        case: "assignmentAcknowledged",
        value: { acknowledged: { root: new Uint8Array(31) } },
      },
    ],
    [
      "a count beyond 2^53",
      { case: "heartbeat", value: { counter: 2n ** 60n } },
    ],
    [
      "more dropped bundles than may be",
      {
        case: "statusReport",
        value: { dropped: Array.from({ length: 5_001 }, () => "b") },
      },
    ],
    [
      "a name that is too long",
      { case: "statusReport", value: { dropped: ["b".repeat(513)] } },
    ],
    [
      "more drift than may be",
      {
        case: "statusReport",
        value: {
          drift: { records: Array.from({ length: 501 }, () => ({})) },
        },
      },
    ],
  ] as const)("call %s malformed", (_name, message) => {
    const bytes = encodeRaw(message);
    expect(spokeMessageCodec.decode(bytes).kind).toBe("malformed");
  });
});
