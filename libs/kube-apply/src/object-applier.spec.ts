import { type BundleSpec } from "@wheelhouse/assignment";
import { type KubeObject } from "@wheelhouse/kube-object";
import { systemClock } from "@wheelhouse/system-clock";
import { expect, it } from "vitest";
import { type ApplyContext } from "./apply-context.ts";
import { toDesired } from "./desired-object.ts";
import { type ApplyPort } from "./kube-port.ts";
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
