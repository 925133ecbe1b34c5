import { expect, it } from "vitest";
import { type BundleRecord, bundleRecordCodec } from "./bundle-record.ts";

const record: BundleRecord = {
  applied: null,
  artifact: null,
  appliedAt: "2026-01-01T00:00:00Z",
  prune: true,
  deletionPolicy: "MirrorPrune",
};
const readBack = (value: unknown) =>
  bundleRecordCodec.parse(JSON.parse(JSON.stringify(value)));

it("reads back what is written of a bundle, suspended or not", () => {
  const full: BundleRecord = {
    ...record,
    isSuspended: true,
    serviceAccount: "apps/deployer",
    late: "f",
  };
  for (const one of [record, full]) {
    expect(readBack(bundleRecordCodec.encode(one))).toEqual(one);
  }
});

it("takes a suspension that it cannot read for one", () => {
  const odd = { ...record, isSuspended: "yes" };
  expect(readBack(odd)).toEqual({ ...record, isSuspended: true });
});
