import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { openSqliteHubStore } from "@wheelhouse/hub-store";
import { expect, it } from "vitest";
import { describeStoreContract } from "./store-contract.ts";

function createSqliteUnderTest() {
  const folder = mkdtempSync(path.join(tmpdir(), "hub-store-"));
  return {
    open: () => openSqliteHubStore({ file: path.join(folder, "hub.db") }),
    discard: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

describeStoreContract("SQLite", createSqliteUnderTest);

it("SQLite: a second hub on the same file is refused, and the first goes on", async () => {
  const underTest = createSqliteUnderTest();
  const store = await underTest.open();
  await expect(underTest.open()).rejects.toThrow("another hub");
  expect(await store.registry.list()).toEqual([]);
  await store.close();
  const again = await underTest.open();
  await again.close();
  await underTest.discard();
});
