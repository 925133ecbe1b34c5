import { mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { withLock } from "./cache-lock.ts";

let folder = "";
let path = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "wheelhouse-lock-"));
  path = join(folder, ".lock");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const gate = () => {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
};

describe("a lock on the cache", () => {
  it("lets one run work at a time, and tells the other that it waits", async () => {
    const order: string[] = [];
    const first = gate();
    const waiting = gate();
    const started = gate();
    const one = withLock(path, {}, async () => {
      order.push("one starts");
      started.open();
      await first.opened;
      order.push("one ends");
    });
    await started.opened;
    const two = withLock(path, { onWait: waiting.open }, () => {
      order.push("two");
      return Promise.resolve();
    });
    await waiting.opened;
    first.open();
    await Promise.all([one, two]);
    expect(order).toEqual(["one starts", "one ends", "two"]);
  });

  it("is released when the work fails", async () => {
    const failing = withLock(path, {}, () => Promise.reject(new Error("no")));
    await expect(failing).rejects.toThrow("no");
    await expect(readFile(path)).rejects.toThrow("ENOENT");
  });

  it("is taken from a holder that is dead", async () => {
    const dead = 2 ** 22 + 1; // above the largest pid that Linux gives out
    await writeFile(
      path,
      JSON.stringify({ pid: dead, host: hostname(), token: "t" }),
    );
    expect(await withLock(path, {}, () => Promise.resolve("done"))).toBe(
      "done",
    );
  });

  it("is taken when nobody has touched it for long, whoever held it", async () => {
    await writeFile(path, "half writt");
    await utimes(path, new Date(0), new Date(0));
    expect(await withLock(path, {}, () => Promise.resolve("done"))).toBe(
      "done",
    );
  });

  it("is not released by a holder from whom it was taken", async () => {
    const first = gate();
    const started = gate();
    const one = withLock(path, {}, async () => {
      started.open();
      await first.opened;
    });
    await started.opened;
    // As after a stop of its process for long, while which nobody touches it.
    await utimes(path, new Date(0), new Date(0));
    let held = "";
    await withLock(path, { staleMs: 3_600_000 }, async () => {
      held = await readFile(path, "utf8");
      first.open();
      await one;
      expect(await readFile(path, "utf8")).toBe(held);
    });
    expect(held).not.toBe("");
    await expect(readFile(path)).rejects.toThrow("ENOENT");
  });

  it("is not waited for without end", async () => {
    const holder = { pid: process.pid, host: hostname(), token: "t" };
    await writeFile(path, JSON.stringify(holder));
    const waiting = withLock(path, { maxWaitMs: 0 }, () => Promise.resolve());
    await expect(waiting).rejects.toThrow(
      `still held by process ${process.pid}`,
    );
  });

  it("ends its wait with the reason of a cancellation", async () => {
    const holder = { pid: process.pid, host: hostname(), token: "t" };
    await writeFile(path, JSON.stringify(holder));
    const controller = new AbortController();
    const waiting = withLock(
      path,
      {
        signal: controller.signal,
        onWait: () => controller.abort(new Error("changed my mind")),
      },
      () => Promise.resolve(),
    );
    await expect(waiting).rejects.toThrow("changed my mind");
  });
});
