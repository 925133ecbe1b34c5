import { KubeError } from "@wheelhouse/kube-apply";
import { type KubeObject } from "@wheelhouse/kube-object";
import { ManualClock } from "@wheelhouse/testing";
import { describe, expect, it } from "vitest";
import { ReferencePoll } from "./reference-poll.ts";

const everyMs = 30_000;

function version(resourceVersion: string): KubeObject {
  const metadata = { name: "late", uid: "u", resourceVersion };
  return { apiVersion: "v1", kind: "Secret", metadata };
}

/** A poll of one object of two bundles, with what the cluster answers in `live`. */
function start() {
  const clock = new ManualClock(0);
  const poll = new ReferencePoll(clock, everyMs);
  const told: string[] = [];
  const live: { answer: () => KubeObject | undefined; reads: number } = {
    answer: () => version("1"),
    reads: 0,
  };
  const object = {
    key: "late",
    bundles: new Set(["a", "b"]),
    read: () => {
      live.reads += 1;
      return Promise.resolve().then(live.answer);
    },
  };
  const observe = (objects = [object]) =>
    poll.observe(objects, (bundle) => told.push(bundle));
  const look = async () => {
    clock.advance(everyMs);
    // Everything that a look awaits is settled already.
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  };
  return { clock, poll, told, live, observe, look };
}

describe("a poll of references", () => {
  it("tells every bundle of a change, though the pass of one has seen it", async () => {
    const { poll, told, live, observe, look } = start();
    observe();
    poll.note("late", version("1"));
    await look();
    expect(told).toEqual([]);
    live.answer = () => version("2");
    poll.note("late", version("2"));
    await look();
    expect(told).toEqual(["a", "b"]);
    live.answer = () => undefined;
    await look();
    expect(told).toHaveLength(4);
  });

  it("takes a refusal for no news", async () => {
    const { poll, told, live, observe, look } = start();
    observe();
    poll.note("late", version("1"));
    live.answer = () => {
      throw new KubeError("forbidden", "no");
    };
    await look();
    live.answer = () => version("1");
    await look();
    expect(told).toEqual([]);
    expect(live.reads).toBe(2);
  });

  it("has one timer, and none where nothing is observed or it was stopped", async () => {
    const { clock, poll, observe, look } = start();
    observe();
    observe();
    expect(clock.pending).toBe(1);
    clock.advance(everyMs);
    observe();
    expect(clock.pending).toBe(0);
    await look();
    expect(clock.pending).toBe(1);
    observe([]);
    expect(clock.pending).toBe(0);
    observe();
    poll.stop();
    expect(clock.pending).toBe(0);
  });

  it("ends quietly where a request is cut off by the end", async () => {
    const { poll, live, observe, look, clock } = start();
    observe();
    live.answer = () => {
      throw new DOMException("aborted", "AbortError");
    };
    clock.advance(everyMs);
    poll.stop();
    await look();
    expect(clock.pending).toBe(0);
  });
});
