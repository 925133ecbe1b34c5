import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { downloadRelease, findChecksum } from "./official-release.ts";

const sha256 = (content: Buffer | string) =>
  createHash("sha256").update(content).digest("hex");

describe("a list of checksums", () => {
  const one = "a".repeat(64);
  const other = "b".repeat(64);

  it.each([
    ["a bare hash", `${one}\n`, one],
    ["lines with names", `${other}  x.zip\n${one}  x.tar.gz\n`, one],
    ["a binary mark", `${one} *x.tar.gz`, one],
    ["no such name", `${one}  y.tar.gz\n`, undefined],
    ["a name that only ends alike", `${one}  prefix-x.tar.gz\n`, undefined],
    ["nothing", "", undefined],
    ["an error page", "<html>not found</html>", undefined],
  ])("gives the right hash: %s", (_, text, hash) => {
    expect(findChecksum(text, "x.tar.gz")).toBe(hash);
  });
});

describe("downloading a release", () => {
  let scratch = "";
  let server: Server;
  let origin = "";
  const files = new Map<string, Buffer | string>();
  const env = { PATH: "/usr/bin:/bin" };
  const url = (path: string) => `${origin}/${path}`;

  beforeEach(async () => {
    scratch = await mkdtemp(join(tmpdir(), "wheelhouse-release-"));
    files.clear();
    server = createServer((request, response) => {
      const path = (request.url ?? "").slice(1);
      if (path === "stall") return; // never answers
      const content = files.get(path);
      response.writeHead(content === undefined ? 404 : 200).end(content);
    });
    await new Promise<void>((resolve) =>
      server.listen(0, "127.0.0.1", resolve),
    );
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(scratch, { recursive: true, force: true });
  });

  it("takes a file whose hash the release's list confirms", async () => {
    files.set("tool", "content");
    files.set("tool.sha256", sha256("content"));
    const result = await downloadRelease(
      { url: url("tool"), checksumUrl: url("tool.sha256") },
      { env, scratch },
    );
    expect(result).toEqual({ ok: true, program: join(scratch, "download") });
    expect(await readFile(join(scratch, "download"), "utf8")).toBe("content");
  });

  it("takes one member of an archive", async () => {
    await writeFile(join(scratch, "etcd"), "the program");
    execFileSync("tar", ["-czf", "a.tar.gz", "etcd"], { cwd: scratch });
    await rm(join(scratch, "etcd"));
    const archive = await readFile(join(scratch, "a.tar.gz"));
    files.set("a.tar.gz", archive);
    const result = await downloadRelease(
      { url: url("a.tar.gz"), sha256: sha256(archive), member: "etcd" },
      { env, scratch },
    );
    expect(result).toEqual({ ok: true, program: join(scratch, "etcd") });
    expect(await readFile(join(scratch, "etcd"), "utf8")).toBe("the program");
  });

  it("refuses a changed file, whatever the release's list says of it", async () => {
    files.set("tool", "changed");
    files.set("tool.sha256", sha256("changed"));
    const result = await downloadRelease(
      {
        url: url("tool"),
        checksumUrl: url("tool.sha256"),
        sha256: sha256("content"),
      },
      { env, scratch },
    );
    expect(result).toMatchObject({
      ok: false,
      problem: expect.stringContaining("not used") as string,
      isUnreachable: false,
    });
  });

  it.each([
    ["has no checksum at all", {}, "no known checksum"],
    ["is not named by its list", { checksumUrl: "list" }, "does not name tool"],
    ["has a list that is not there", { checksumUrl: "gone" }, "HTTP 404"],
  ])("refuses a file that %s", async (_, release, problem) => {
    files.set("tool", "content");
    files.set("list", `${"a".repeat(64)}  other\n`);
    const checksumUrl =
      "checksumUrl" in release && release.checksumUrl !== undefined
        ? { checksumUrl: url(release.checksumUrl) }
        : {};
    const result = await downloadRelease(
      { url: url("tool"), ...checksumUrl },
      { env, scratch },
    );
    expect(result).toMatchObject({
      ok: false,
      problem: expect.stringContaining(problem) as string,
    });
  });

  it("gives up on a server that does not answer", async () => {
    const result = await downloadRelease(
      { url: url("stall"), sha256: sha256("") },
      { env, scratch, connectTimeoutMs: 50 },
    );
    expect(result).toMatchObject({ ok: false, isUnreachable: true });
  });

  it("knows a place that cannot be reached", async () => {
    const result = await downloadRelease(
      { url: "http://127.0.0.1:1/tool", sha256: sha256("") },
      { env, scratch },
    );
    expect(result).toMatchObject({ ok: false, isUnreachable: true });
  });
});
