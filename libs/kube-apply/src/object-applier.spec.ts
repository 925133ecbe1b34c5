import { type BundleSpec, type IgnoreRule } from "@wheelhouse/assignment";
import { type KubeObject } from "@wheelhouse/kube-object";
import { systemClock } from "@wheelhouse/system-clock";
import { describe, expect, it } from "vitest";
import { type ApplyContext } from "./apply-context.ts";
import { toDesired } from "./desired-object.ts";
import { type ApplyPort } from "./kube-port.ts";
import { KubeError, type KubeErrorReason } from "./kube-error.ts";
import { Limiter } from "./limiter.ts";
import { ObjectApplier } from "./object-applier.ts";
import { markObject } from "./ownership-marks.ts";

const bundle = "Kustomization/flux-system/webapp";
const owner = { fleet: "demo", bundle };
const object: KubeObject = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "a", namespace: "webapp" },
};

it("asks again about an object that was nobody's meanwhile, and not about one that stayed", async () => {
  const live = markObject(
    {
      ...object,
      metadata: { ...object.metadata, uid: "uid-1", resourceVersion: "7" },
    },
    owner,
  );
  const [desired] = toDesired([object], owner);
  if (desired === undefined) throw new Error("no object");
  const answer = async () => live;
  const objects = new ObjectApplier({
    port: { get: answer, apply: answer } as unknown as ApplyPort,
    limiter: new Limiter(1),
    clock: systemClock,
    failpoint: () => undefined,
  });
  const context = {
    fleet: "demo",
    spec: {
      name: bundle,
      drift: { mode: "enabled", ignore: [] },
    } as unknown as BundleSpec,
    entryOf: () => ({
      ...{ bundle, version: "v1", uid: "uid-1", artifact: null, seen: null },
      ...{ desired: desired.digest, since: "", adopted: null },
    }),
    view: () => ({ kind: "known", object: live }),
    hasObject: () => true,
    lastApplied: async () => undefined,
    mayHeal: () => true,
    isThorough: false,
    requireNewest: async () => undefined,
    signal: new AbortController().signal,
  } as unknown as ApplyContext;
  const look = () => objects.prepare(desired, context);
  const first = await look();
  expect(first.outcome).toBeUndefined();
  await objects.carryOut(first, context);
  const verified = { outcome: { kind: "applied", action: "unchanged" } };
  expect(await look()).toMatchObject(verified);
  objects.keepOnly((key) => key === desired.key);
  expect(await look()).toMatchObject(verified);
  objects.keepOnly(() => false);
  expect((await look()).outcome).toBeUndefined();
});

/** Judges an object whose data somebody changed, at a server that refuses every apply; tells what was sent. */
async function judgeRefused(
  mode: "enabled" | "warn",
  reason: KubeErrorReason,
  found = "theirs",
  ignore: readonly IgnoreRule[] = [],
) {
  const wanted = { ...object, data: { key: "ours" } };
  const [desired] = toDesired([wanted], owner);
  if (desired === undefined) throw new Error("no object");
  const live = markObject(
    {
      ...{ ...object, data: { key: found } },
      metadata: {
        ...{ ...object.metadata, uid: "uid-1", resourceVersion: "7" },
        managedFields: [
          {
            ...{ manager: "kubectl-edit", operation: "Update" },
            fieldsV1: { "f:data": { "f:key": {} } },
          },
        ],
      },
    },
    owner,
  );
  const sent: string[] = [];
  const objects = new ObjectApplier({
    port: {
      get: async () => live,
      apply: async (_object: KubeObject, options: { dryRun?: boolean }) => {
        sent.push(options.dryRun === true ? "dry run" : "apply");
        throw new KubeError(reason, "the server says no");
      },
    } as unknown as ApplyPort,
    limiter: new Limiter(1),
    clock: { ...systemClock, monotonicMs: () => 0 },
    failpoint: () => undefined,
  });
  const spec = { name: bundle, drift: { mode, ignore } };
  const context = {
    fleet: "demo",
    spec: { ...spec, retryIntervalMs: 60_000, force: false },
    entryOf: () => ({ bundle, uid: "uid-1", desired: desired.digest }),
    view: () => ({ kind: "known", object: live }),
    hasObject: () => true,
    mayHeal: () => true,
    isThorough: false,
    signal: new AbortController().signal,
  } as unknown as ApplyContext;
  const judge = async () =>
    objects.carryOut(await objects.prepare(desired, context), context);
  const outcome = await judge();
  const sentFirst = [...sent];
  const again = await judge();
  return {
    outcome,
    sent: sentFirst,
    again,
    sentAgain: sent.slice(sentFirst.length),
  };
}

describe("drift of which the server refuses the dry run", () => {
  const fields = [
    {
      path: "data.key",
      wanted: '"ours"',
      found: '"theirs"',
      writer: "kubectl-edit",
    },
  ];

  it.each(["invalid", "immutable", "forbidden", "denied", "tooLarge"] as const)(
    "is blocked where it is to be healed, and not tried at every look (%s)",
    async (reason) => {
      const { outcome, sent, again, sentAgain } = await judgeRefused(
        "enabled",
        reason,
      );
      expect(outcome).toMatchObject({
        kind: "refused",
        drift: { state: "blocked", writer: "kubectl-edit", fields },
      });
      expect(sent).toEqual(["dry run", "apply"]);
      expect(again).toMatchObject(outcome);
      expect(sentAgain).toEqual([]);
    },
  );

  it("is reported in mode warn, and nothing is refused", async () => {
    const { outcome, sent } = await judgeRefused("warn", "invalid");
    expect(outcome).toMatchObject({
      ...{ kind: "applied", action: "unchanged" },
      drift: { state: "reported", fields },
    });
    expect(sent).toEqual(["dry run"]);
  });

  it("is none where all is as it was applied: the refusal stands", async () => {
    const { outcome } = await judgeRefused("warn", "invalid", "ours");
    expect(outcome).toMatchObject({ kind: "refused", reason: "Invalid" });
    expect(outcome).not.toHaveProperty("drift");
  });

  it("is none in what a rule leaves to others", async () => {
    const rules = [{ paths: ["/data/key"] }];
    const { outcome } = await judgeRefused("warn", "invalid", "theirs", rules);
    expect(outcome).toMatchObject({ kind: "refused", reason: "Invalid" });
    expect(outcome).not.toHaveProperty("drift");
  });

  it("is not told of where the server gave no answer, and is looked for again", async () => {
    const { outcome, sentAgain } = await judgeRefused("enabled", "unreachable");
    expect(outcome).toMatchObject({ kind: "refused", isTransient: true });
    expect(outcome).not.toHaveProperty("drift");
    expect(sentAgain).toEqual(["dry run"]);
  });
});

/** Judges an object that somebody deleted again and again, at a server that answers each apply so, with so long between the looks. */
async function judgeMissing(reason: KubeErrorReason, looksAtMs: number[]) {
  const [desired] = toDesired([object], owner);
  if (desired === undefined) throw new Error("no object");
  let nowMs = 0;
  let sent = 0;
  const objects = new ObjectApplier({
    port: {
      get: async () => undefined,
      apply: async () => {
        sent += 1;
        throw new KubeError(reason, "the server says no");
      },
    } as unknown as ApplyPort,
    limiter: new Limiter(1),
    clock: { ...systemClock, monotonicMs: () => nowMs },
    failpoint: () => undefined,
  });
  const context = {
    fleet: "demo",
    spec: {
      ...{ name: bundle, drift: { mode: "enabled", ignore: [] } },
      ...{ retryIntervalMs: 600_000, force: false },
    },
    entryOf: () => ({ bundle, uid: "uid-1", desired: desired.digest }),
    view: () => ({ kind: "known", object: undefined }),
    hasObject: () => true,
    mayHeal: () => true,
    isThorough: false,
    signal: new AbortController().signal,
  } as unknown as ApplyContext;
  const looks = [];
  for (nowMs of looksAtMs) {
    const before = sent;
    const prepared = await objects.prepare(desired, context);
    const outcome = await objects.carryOut(prepared, context);
    looks.push({ outcome, wasSent: sent > before });
  }
  return looks;
}

describe("an object that is missing", () => {
  it("is tried again after a pause that grows where the server forbids it", async () => {
    const looks = await judgeMissing("forbidden", [
      ...[0, 499, 500, 1_499, 1_500],
    ]);
    expect(looks.map(({ wasSent }) => wasSent)).toEqual([
      ...[true, false, true, false, true],
    ]);
    expect(looks.map(({ outcome }) => outcome)).toMatchObject(
      [500, 1, 1_000, 1, 2_000].map((retryAfterMs) => ({
        ...{ kind: "refused", reason: "Forbidden", retryAfterMs },
        drift: { missing: true, state: "blocked" },
      })),
    );
  });

  it.each(["server", "timeout", "throttled", "unreachable", "stale"] as const)(
    "is not told to be blocked where the write may succeed at once, and is tried at the next look (%s)",
    async (reason) => {
      const looks = await judgeMissing(reason, [0, 1]);
      for (const { outcome, wasSent } of looks) {
        expect(outcome).toMatchObject({ kind: "refused", isTransient: true });
        expect(outcome).not.toHaveProperty("drift");
        expect(wasSent).toBe(true);
      }
    },
  );
});
