import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { followAuditLog } from "./audit-log.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "wheelhouse-audit-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const line = (auditID: string, stage: string) =>
  `${JSON.stringify({ auditID, stage, verb: "create" })}\n`;

const read = async (text: string) => {
  const path = join(folder, "audit.log");
  await writeFile(path, text);
  return (await followAuditLog(path)()).map((event) => event.auditID);
};

describe("the audit log", () => {
  it("gives finished requests in order", async () => {
    const text =
      line("a", "ResponseComplete") +
      line("b", "Panic") +
      line("c", "ResponseComplete");
    expect(await read(text)).toEqual(["a", "c"]);
  });

  it("leaves a line that is still being written for later", async () => {
    const half = line("b", "ResponseComplete").slice(0, 20);
    expect(await read(line("a", "ResponseComplete") + half)).toEqual(["a"]);
  });

  it("is empty before the first write", async () => {
    expect(await read("")).toEqual([]);
  });

  it("goes on with what was added, also within a line", async () => {
    const path = join(folder, "audit.log");
    const [b = "", rest = ""] = [
      line("b", "ResponseComplete").slice(0, 9),
      line("b", "ResponseComplete").slice(9),
    ];
    await writeFile(path, line("a", "ResponseComplete") + b);
    const follow = followAuditLog(path);
    await follow();
    await appendFile(path, rest + line("c", "ResponseComplete"));
    const ids = (await follow()).map((event) => event.auditID);
    expect(ids).toEqual(["a", "b", "c"]);
  });
});
