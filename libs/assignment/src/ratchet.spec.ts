import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { digestOf } from "./digest.ts";
import { compareVersions, maxSeqJump } from "./envelope.ts";
import { type RatchetPosition, judgeRatchet } from "./ratchet.ts";

const position = (
  epoch: number,
  seq: number,
  bytes = "a",
  key = `key of ${epoch}`,
): RatchetPosition => ({
  epoch,
  seq,
  bytesDigest: digestOf(bytes),
  signingKey: digestOf(key),
});

describe("the ratchet", () => {
  it.each([
    ["the first of all", null, position(1, 1), "forward"],
    ["the next", position(1, 1), position(1, 2), "forward"],
    [
      "a later epoch from its start",
      position(1, 900),
      position(2, 1),
      "forward",
    ],
    ["the same again", position(1, 5), position(1, 5), "same"],
    ["the widest leap", position(1, 5), position(1, 5 + maxSeqJump), "forward"],
  ])("lets %s pass", (_name, acknowledged, offered, step) => {
    expect(judgeRatchet(acknowledged, offered)).toEqual({ ok: true, step });
  });

  it.each([
    ["an older seq", position(1, 5), position(1, 4), "OlderThanAcknowledged"],
    ["an older epoch", position(2, 1), position(1, 9), "OlderThanAcknowledged"],
    ["other bytes", position(1, 5), position(1, 5, "b"), "Equivocation"],
    ["too wide a leap", position(1, 5), position(1, 6 + maxSeqJump), "SeqJump"],
    ["a leap at the start", null, position(1, 1 + maxSeqJump), "SeqJump"],
    [
      "a leap into a new epoch",
      position(1, 5),
      position(2, 1 + maxSeqJump),
      "SeqJump",
    ],
    [
      "another key in the same epoch",
      position(1, 5),
      position(1, 6, "b", "another"),
      "EpochNotGrown",
    ],
  ])("refuses %s", (_name, acknowledged, offered, problem) => {
    expect(judgeRatchet(acknowledged, offered)).toEqual({
      ok: false,
      problem,
    });
  });

  it("never goes back, whatever is offered in whatever order", () => {
    const versions = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 4 }), fc.nat({ max: 2 ** 21 })),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(versions, (offers) => {
        let held: RatchetPosition | null = null;
        for (const [epoch, seq] of offers) {
          const offered = position(epoch, seq);
          const verdict = judgeRatchet(held, offered);
          const isBack = held !== null && compareVersions(offered, held) < 0;
          expect(verdict.ok && isBack).toBe(false);
          if (verdict.ok) held = offered;
        }
      }),
    );
  });
});
