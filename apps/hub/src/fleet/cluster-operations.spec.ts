import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type HubStore, openSqliteHubStore } from "@wheelhouse/hub-store";
import { type JoinView } from "@wheelhouse/rest-api";
import { LiveSessions } from "@wheelhouse/spoke-sessions";
import { ManualClock } from "@wheelhouse/testing";
import { type RootPin, hashSecret, parseJoinToken } from "@wheelhouse/trust";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { isoNow } from "../iso-now.ts";
import { ClusterOperations, joinTokenMs } from "./cluster-operations.ts";

const name = "prod-eu-1";
const pin: RootPin = {
  ...{ format: 1, fleet: "test", certificate: "", delegationKey: "" },
};

let folder: string;
let store: HubStore;
let clock: ManualClock;
let cut: string[];
let live: LiveSessions;
let operations: ClusterOperations;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "clusters-"));
  store = await openSqliteHubStore({ file: path.join(folder, "hub.db") });
  clock = new ManualClock(Date.parse("2026-01-01T00:00:00Z"));
  cut = [];
  live = new LiveSessions(clock, () => undefined);
  operations = new ClusterOperations({
    ...{ store, pin, clock },
    linkAddress: () => "127.0.0.1:1",
    link: () => ({ cut: (uid) => void cut.push(uid) }),
    live,
    onChanged: () => undefined,
  });
  await operations.add("admin", { name });
});

afterEach(async () => {
  vi.restoreAllMocks();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const uidOf = async () => (await store.registry.get(name))?.uid;
const actions = async () =>
  (await store.journal.list({ limit: 100 })).map(({ action }) => action);
const conflict = {
  ...{ kind: "conflict", message: expect.stringContaining(name) as string },
};

/** Whether an invitation's token is good, which spends it. */
async function isGood(join: JoinView | undefined): Promise<boolean> {
  const secret = parseJoinToken(join?.token ?? "")?.secret ?? "";
  const [hash, now] = [hashSecret(secret), isoNow(clock)];
  const facts = { key: "k", now };
  return (await store.registry.consumeJoinToken(hash, facts)).ok;
}

/** Does something once, when the next call of a method of the registry begins. */
function before(
  method: "repoint" | "remove" | "addJoinToken" | "add",
  act: () => Promise<unknown>,
): void {
  const { registry } = store;
  const real = registry[method].bind(registry) as (
    ...given: unknown[]
  ) => Promise<never>;
  vi.spyOn(registry, method).mockImplementationOnce(
    async (...given: unknown[]) => {
      await act();
      return real(...given);
    },
  );
}

describe("a second token of one cluster", () => {
  it("says that it ended the first, while that was good", async () => {
    const second = await operations.add("admin", { name });
    expect(second.endsEarlierToken).toBe(true);
    expect(second.uid).toBe(await uidOf());
    expect(await isGood(second)).toBe(true);
  });

  it("says nothing of one that had expired, was used, or was another incarnation's", async () => {
    clock.advance(joinTokenMs);
    const late = await operations.add("admin", { name });
    expect(late).not.toHaveProperty("endsEarlierToken");
    expect(await isGood(late)).toBe(true);
    const next = await operations.add("admin", { name });
    expect(next).not.toHaveProperty("endsEarlierToken");
    const other = await operations.repoint("admin", name);
    expect(other).not.toHaveProperty("endsEarlierToken");
  });
});

describe("an incarnation that is revoked", () => {
  /** The incarnation at work, heard of. */
  async function heard(): Promise<string> {
    const uid = (await uidOf()) ?? "";
    const key = { uid, cluster: name, session: "s1" };
    live.onHello(key, {
      ...{ kind: "hello", protocol: { major: 1, minor: 0 } },
      ...{ spokeVersion: "0.1.0", fleet: "test", cluster: name, uid },
      ...{ kubeSystemUid: "k", instance: "i", acknowledged: null },
      capabilities: { kubeVersion: "v1.36.3", apiVersions: [] },
    });
    expect(live.get(uid)).toBeDefined();
    return uid;
  }

  it.each(["repoint", "remove"] as const)(
    "is told of no more after a %s",
    async (change) => {
      const uid = await heard();
      await operations[change]("admin", name);
      expect(cut).toEqual([uid]);
      expect(live.get(uid)).toBeUndefined();
    },
  );
});

describe("two who change one cluster at once", () => {
  it("repoint it once: the other is refused, and leaves nothing", async () => {
    const former = await uidOf();
    let winner: JoinView | undefined;
    before("repoint", async () => {
      winner = await operations.repoint("second", name);
    });
    await expect(operations.repoint("first", name)).rejects.toMatchObject(
      conflict,
    );
    expect(await uidOf()).toBe(winner?.uid);
    expect(await store.registry.get(name)).toMatchObject({
      revokedUids: [former],
    });
    expect(cut).toEqual([former]);
    expect(await actions()).toEqual([
      ...["JoinTokenCreated", "ClusterRepointed"],
      ...["JoinTokenCreated", "ClusterAdded"],
    ]);
    expect(await isGood(winner)).toBe(true);
  });

  it("never give one's token to the other's incarnation", async () => {
    let winner: JoinView | undefined;
    before("addJoinToken", async () => {
      winner = await operations.repoint("second", name);
    });
    await expect(operations.repoint("first", name)).rejects.toMatchObject(
      conflict,
    );
    expect(await uidOf()).toBe(winner?.uid);
    expect(await isGood(winner)).toBe(true);
  });

  it("remove it once", async () => {
    before("remove", () => operations.remove("second", name));
    await expect(operations.remove("first", name)).rejects.toMatchObject(
      conflict,
    );
    expect((await actions()).slice(0, 2)).toEqual([
      ...["ClusterRemoved", "JoinTokenCreated"],
    ]);
  });

  it("add it both, with a token of the one registration", async () => {
    await operations.remove("admin", name);
    let other: JoinView | undefined;
    before("add", async () => {
      other = await operations.add("second", { name });
    });
    const join = await operations.add("first", { name });
    expect(join.uid).toBe(other?.uid);
    expect(join.uid).toBe(await uidOf());
  });
});
