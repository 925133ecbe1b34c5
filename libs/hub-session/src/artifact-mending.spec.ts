import {
  type ArtifactReference,
  type Digest,
  digestOf,
  objectsMediaType,
} from "@wheelhouse/assignment";
import { ManualClock } from "@wheelhouse/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { ArtifactMending } from "./artifact-mending.ts";
import { type FetchLink } from "./assignment-fetch.ts";
import { spokeLimits } from "./limits.ts";
import { type LinkLogEntry } from "./ports.ts";

const referenceOf = (text: string): ArtifactReference => ({
  digest: digestOf(text),
  mediaType: objectsMediaType,
  bytes: text.length,
  objects: 1,
});

/** A cluster that is known to lack artifacts, and a hub that has some. */
describe("the mending of artifacts", () => {
  let clock: ManualClock;
  let lacking: readonly string[];
  let offered: Map<Digest, string>;
  let looks: boolean[];
  let fetched: string[];
  let put: Digest[];
  let putFails: boolean;
  let sticks: boolean;
  let log: LinkLogEntry[];
  let breaking: Set<Digest>;
  let mending: ArtifactMending;

  beforeEach(() => {
    clock = new ManualClock(0);
    lacking = [];
    offered = new Map();
    [looks, fetched, put, log] = [[], [], [], []];
    [putFails, sticks] = [false, true];
    breaking = new Set();
    mending = new ArtifactMending({
      clock,
      log: (entry) => log.push(entry),
      store: {
        lackingArtifacts: async ({ isLooking }) => {
          looks.push(isLooking);
          return lacking.map(referenceOf);
        },
        putArtifacts: async (artifacts) => {
          if (putFails) throw new Error("etcd: no leader");
          for (const { digest } of artifacts) {
            put.push(digest);
            if (!sticks) continue;
            lacking = lacking.filter((text) => digestOf(text) !== digest);
          }
        },
      },
    });
  });

  const link: FetchLink = {
    signal: new AbortController().signal,
    onBytes: () => undefined,
    client: {
      fetchAssignment: () => {
        throw new Error("no envelope is fetched");
      },
      async *fetchArtifact({ digest }) {
        const text = offered.get(digest) ?? "";
        fetched.push(text);
        if (breaking.has(digest)) throw new Error("INTERNAL");
        yield { kind: "artifactHeader", totalBytes: text.length };
        yield { kind: "chunk", bytes: Buffer.from(text) };
      },
    },
  };

  const serve = (...texts: readonly string[]) =>
    texts.forEach((text) => offered.set(digestOf(text), text));

  it("asks the cluster once, and later only what is known", async () => {
    await mending.run(link);
    await mending.run(link);
    mending.begin();
    await mending.run(link);
    expect(looks).toEqual([true, false, true]);
    expect(fetched).toEqual([]);
    expect(log).toEqual([]);
  });

  it("looks again where the cluster could not be asked or written to", async () => {
    lacking = ["one"];
    serve("one");
    putFails = true;
    await expect(mending.run(link)).rejects.toThrow("no leader");
    putFails = false;
    await mending.run(link);
    expect(looks).toEqual([true, true]);
    expect(put).toEqual([digestOf("one")]);
  });

  it("makes durable what can be had, and tells of the rest", async () => {
    lacking = ["one", "two", "three"];
    serve("one", "three");
    offered.set(digestOf("two"), "TWO");
    await mending.run(link);
    expect(put.toSorted()).toEqual(
      [digestOf("one"), digestOf("three")].toSorted(),
    );
    expect(log.map(({ level, reason }) => reason ?? level)).toEqual([
      "info",
      "ArtifactWrongDigest",
    ]);
  });

  it("does not fetch again at once what was refused, or does not stay", async () => {
    lacking = ["one", "two"];
    serve("one");
    offered.set(digestOf("two"), "TWO");
    sticks = false;
    await mending.run(link);
    expect(fetched.toSorted()).toEqual(["TWO", "one"]);
    clock.advance(spokeLimits.mendAgainMs - 1);
    await mending.run(link);
    expect(fetched).toHaveLength(2);
    clock.advance(1);
    await mending.run(link);
    expect(fetched).toHaveLength(4);
  });

  it("makes durable what came whole though others break again and again, and tries only those again, without a look", async () => {
    const broken = Array.from(
      { length: spokeLimits.parallelFetches + 1 },
      (_, at) => `broken ${at}`,
    );
    lacking = [...broken, "one", "two"];
    serve(...broken, "one", "two");
    breaking = new Set(broken.map((text) => digestOf(text)));
    sticks = false;
    await expect(mending.run(link)).rejects.toThrow("INTERNAL");
    expect(put.toSorted()).toEqual(
      [digestOf("one"), digestOf("two")].toSorted(),
    );
    fetched = [];
    await expect(mending.run(link)).rejects.toThrow("INTERNAL");
    expect([...new Set(fetched)].toSorted()).toEqual(broken.toSorted());
    expect(looks).toEqual([true, false]);
    breaking.clear();
    await mending.run(link);
    expect(put).toHaveLength(lacking.length);
  });

  it("fetches no more where the connection is gone", async () => {
    const abort = new AbortController();
    lacking = Array.from({ length: 100 }, (_, at) => `artifact ${at}`);
    serve(...lacking);
    breaking = new Set(offered.keys());
    abort.abort();
    const gone = { ...link, signal: abort.signal };
    await expect(mending.run(gone)).rejects.toThrow("INTERNAL");
    expect(fetched).toHaveLength(spokeLimits.parallelFetches);
  });

  it("tries all of it again over a new connection", async () => {
    lacking = ["one"];
    offered.set(digestOf("one"), "ONE");
    await mending.run(link);
    expect(put).toEqual([]);
    serve("one");
    mending.begin();
    await mending.run(link);
    expect(put).toEqual([digestOf("one")]);
  });
});
