import { type AssignmentHeader, type FetchChunk } from "@wheelhouse/protocol";
import { describe, expect, it } from "vitest";
import { FetchProgress, fetchEnvelope } from "./assignment-fetch.ts";

const version = { epoch: 1, seq: 7 };

/** A hub's answers for one assignment: whole from the byte that is asked for, or cut after so many. */
function hubOf(delegation: string, bytes: string, cutAfter?: number) {
  const offsets: number[] = [];
  const all = Buffer.from(bytes);
  const header = {
    kind: "assignmentHeader",
    totalBytes: all.length,
    signature: Buffer.from("signature"),
    delegation: Buffer.from(delegation),
  } as unknown as AssignmentHeader;
  async function* fetchAssignment({ offset }: { readonly offset: number }) {
    offsets.push(offset);
    yield header;
    const chunk = all.subarray(offset, cutAfter);
    yield { kind: "chunk", bytes: chunk } as FetchChunk;
    if (cutAfter !== undefined) throw new Error("cut");
  }
  return { offsets, fetchAssignment };
}

const fetchFrom = (
  { fetchAssignment }: Pick<ReturnType<typeof hubOf>, "fetchAssignment">,
  progress: FetchProgress,
  signal = new AbortController().signal,
) =>
  fetchEnvelope(
    {
      client: { fetchAssignment } as unknown as Parameters<
        typeof fetchEnvelope
      >[0]["client"],
      signal,
      onBytes: () => undefined,
    },
    version,
    progress,
  );

/** What arrived before a connection broke. */
async function cutAt(bytes: number, text: string): Promise<FetchProgress> {
  const progress = new FetchProgress();
  progress.begin(version);
  const broken = hubOf("before", text, bytes);
  const over = fetchFrom(broken, progress, AbortSignal.abort());
  await expect(over).rejects.toThrow("cut");
  expect(progress.envelope.length).toBe(bytes);
  return progress;
}

describe("an envelope that was cut", () => {
  it("goes on at its byte over the next connection", async () => {
    const progress = await cutAt(4, "envelope");
    const hub = hubOf("before", "envelope");
    expect(await fetchFrom(hub, progress)).toMatchObject({
      ok: true,
      signed: { bytes: Buffer.from("envelope") },
    });
    expect(hub.offsets).toEqual([4]);
  });

  it("begins at byte 0 where the hub has restarted under another delegation", async () => {
    const progress = await cutAt(4, "envelope");
    const hub = hubOf("after", "ENVELOPE");
    expect(await fetchFrom(hub, progress)).toEqual({
      ok: true,
      signed: {
        bytes: Buffer.from("ENVELOPE"),
        signature: Buffer.from("signature"),
        delegation: Buffer.from("after"),
      },
    });
    expect(hub.offsets).toEqual([4, 0]);
  });
});
