import { readFileSync } from "node:fs";
import { type KubeObject, parseJson } from "@wheelhouse/kube-object";
import { describe, expect, test } from "vitest";
import { computeStatus } from "./compute-status.ts";
import { kstatusDifferences } from "./kstatus-differences.ts";
import { type ObjectStatus } from "./object-status.ts";

/** An object with what the Go packages said of it; see `testdata/record.mjs`. */
interface Recorded {
  readonly name: string;
  readonly object: KubeObject;
  readonly kstatus?: string;
  /** What Flux waits for, where it reads a kind its own way. */
  readonly flux?: string;
  readonly error?: string;
}

const url = new URL("../testdata/kstatus.jsonl", import.meta.url);
const recorded = readFileSync(url, "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => parseJson(line) as unknown as Recorded);

/** The clock of the record: later than all of its objects but the one that is made for it. */
const now = Date.parse("2026-11-01T00:00:00Z");

const answerOf = ({ flux, kstatus }: Recorded): string =>
  flux ?? kstatus ?? "Unknown";

const differing = recorded.flatMap((one) => {
  const { status } = computeStatus(one.object, { now });
  return status === answerOf(one) ? [] : [{ ...one, status }];
});

const isExplained = (
  one: Recorded & { readonly status: ObjectStatus },
  at: number,
): boolean => {
  const difference = kstatusDifferences[at];
  return (
    difference !== undefined &&
    difference.ours.includes(one.status) &&
    difference.theirs === answerOf(one) &&
    difference.names.test(one.name)
  );
};

describe("kstatus, compared with the Go implementation", () => {
  test("at least 500 objects of at least 40 kinds are compared", () => {
    expect(recorded.length).toBeGreaterThanOrEqual(500);
    const kinds = new Set(recorded.map(({ object }) => object.kind));
    expect(kinds.size).toBeGreaterThanOrEqual(40);
  });

  test("no two objects are the same", () => {
    const texts = recorded.map(({ object }) => JSON.stringify(object));
    expect(new Set(texts).size).toBe(texts.length);
  });

  test("every status occurs", () => {
    const answers = new Set(recorded.map(answerOf));
    expect([...answers].sort()).toEqual([
      "Current",
      "Failed",
      "InProgress",
      "Terminating",
      "Unknown",
    ]);
  });

  test("every object has the recorded status, or a difference that is written down", () => {
    const unexplained = differing.filter(
      (one) => !kstatusDifferences.some((_, at) => isExplained(one, at)),
    );
    expect(
      unexplained.map(
        (one) => `${one.name}: ${one.status}, recorded ${answerOf(one)}`,
      ),
    ).toEqual([]);
  });

  test("every difference is printed in the documentation, with its reason", () => {
    const page = new URL("../../../docs/health.md", import.meta.url);
    const text = readFileSync(page, "utf8");
    for (const { reason } of kstatusDifferences) expect(text).toContain(reason);
  });

  test("every difference that is written down is one", () => {
    const idle = kstatusDifferences.filter(
      (_, at) => !differing.some((one) => isExplained(one, at)),
    );
    expect(idle.map(({ names }) => names.source)).toEqual([]);
  });
});
