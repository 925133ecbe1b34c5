import { mkdtempSync, readFileSync, rmSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type HubStore, openSqliteHubStore } from "@wheelhouse/hub-store";
import { ManualClock } from "@wheelhouse/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { People, maxTokenMs } from "./people.ts";

let folder: string;
let file: string;
let clock: ManualClock;
let store: HubStore;
let people: People;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "people-"));
  file = path.join(folder, "admin-token");
  clock = new ManualClock(Date.parse("2026-01-01T00:00:00Z"));
  store = await openSqliteHubStore({ file: path.join(folder, "hub.db") });
  people = new People(store.credentials, clock);
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const read = () => readFileSync(file, "utf8").trim();

describe("the admin's token", () => {
  it("is written at the first start, and not again where its file was taken away", async () => {
    await people.ensureAdminToken(file);
    const first = read();
    rmSync(file);
    await people.ensureAdminToken(file);
    expect(existsSync(file)).toBe(false);
    expect(await people.identify(first, "token")).toMatchObject({
      role: "admin",
    });
  });

  it("is not made anew where another admin has one", async () => {
    await people.ensureAdminToken(file);
    await people.createToken("admin", { name: "operator-1", role: "admin" });
    await people.deleteToken("operator-1", "admin");
    await people.ensureAdminToken(file);
    expect(await people.identify(read(), "token")).toBeNull();
  });

  it("cannot be deleted while it is the last one, not even by two at once", async () => {
    await people.ensureAdminToken(file);
    await people.createToken("admin", { name: "viewer-1", role: "viewer" });
    expect(await people.deleteToken("admin", "admin")).toBe("lastAdmin");
    await people.createToken("admin", { name: "admin-2", role: "admin" });
    expect(
      await Promise.all([
        people.deleteToken("admin-2", "admin"),
        people.deleteToken("admin", "admin-2"),
      ]),
    ).toEqual(["deleted", "lastAdmin"]);
    expect(await people.deleteToken("admin-2", "viewer-1")).toBe("deleted");
    expect(await people.deleteToken("admin-2", "viewer-1")).toBe("unknown");
    // One that has ended helps nobody.
    await people.createToken("admin-2", {
      name: "admin-3",
      role: "admin",
      expiresInMs: 60_000,
    });
    clock.advance(60_001);
    expect(await people.deleteToken("admin-3", "admin-2")).toBe("lastAdmin");
  });

  it("is made anew once nobody has one that is good", async () => {
    await people.ensureAdminToken(file);
    const first = read();
    clock.advance(maxTokenMs + 1);
    await people.ensureAdminToken(file);
    expect(read()).not.toBe(first);
    expect(await people.identify(read(), "token")).not.toBeNull();
  });
});

describe("a login link's code", () => {
  it("is good for as long as it was made for, once", async () => {
    const lifeMs = 86_400_000;
    const [late, twice] = [
      await people.createLoginCode(lifeMs),
      await people.createLoginCode(lifeMs),
    ];
    clock.advance(lifeMs - 1);
    expect(await people.openSession({ code: twice })).toMatchObject({
      role: "admin",
    });
    expect(await people.openSession({ code: twice })).toBeNull();
    clock.advance(1);
    expect(await people.openSession({ code: late })).toBeNull();
  });
});

describe("a secret", () => {
  it("counts only as what it is: no session as a token, no token as a cookie", async () => {
    await people.ensureAdminToken(file);
    const session = await people.openSession({ token: read() });
    const secret = session?.secret ?? "";
    expect(await people.identify(secret, "session")).toMatchObject({
      byCookie: true,
    });
    expect(await people.identify(secret, "token")).toBeNull();
    expect(await people.identify(read(), "session")).toBeNull();
    expect(await people.openSession({ token: secret })).toBeNull();
  });
});
