import { execFileSync, spawn } from "node:child_process";
import {
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { type Server, createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type GitSource, createGitSource } from "./git-source.ts";

let folder: string;
let work: string;
const servers: Server[] = [];
const signal = new AbortController().signal;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "git-source-"));
  work = path.join(folder, "fleet");
  execFileSync("git", ["init", "-q", "-b", "main", work]);
});

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  rmSync(folder, { recursive: true, force: true });
});

function git(...args: string[]): string {
  const identity = [
    "-c",
    "user.name=Fleet Author",
    "-c",
    "user.email=author@example.com",
    "-c",
    "commit.gpgsign=false",
    "-c",
    "protocol.file.allow=always",
  ];
  return execFileSync("git", ["-C", work, ...identity, ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
}

async function commit(
  subject: string,
  files: Record<string, string | Buffer>,
): Promise<string> {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(work, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  git("add", "-A");
  git("commit", "-q", "--allow-empty", "-m", subject);
  return git("rev-parse", "HEAD");
}

/** A real Git server: `git http-backend` behind node:http. */
async function serve(options: { password?: string } = {}) {
  let bytes = 0;
  const server = createServer((request, response) => {
    const wanted = `Basic ${Buffer.from(`x-access-token:${options.password}`).toString("base64")}`;
    if (
      options.password !== undefined &&
      request.headers.authorization !== wanted
    ) {
      response.writeHead(401, { "www-authenticate": "Basic" }).end();
      return;
    }
    const [pathname = "", query = ""] = (request.url ?? "").split("?");
    const backend = spawn("git", ["http-backend"], {
      env: {
        PATH: process.env["PATH"],
        GIT_PROJECT_ROOT: folder,
        GIT_HTTP_EXPORT_ALL: "1",
        PATH_INFO: pathname,
        QUERY_STRING: query,
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers["content-type"] ?? "",
        GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
        HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
      },
    });
    request.pipe(backend.stdin);
    const chunks: Buffer[] = [];
    backend.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    backend.on("close", () => {
      const all = Buffer.concat(chunks);
      const end = all.indexOf("\r\n\r\n");
      for (const line of all.subarray(0, end).toString().split("\r\n")) {
        const [name = "", value = ""] = line.split(": ");
        if (name === "Status") response.statusCode = Number.parseInt(value, 10);
        else response.setHeader(name, value);
      }
      bytes += all.length;
      response.end(all.subarray(end + 4));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve()),
  );
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/fleet/.git`,
    server,
    bytes: () => bytes,
  };
}

async function open(
  url: string,
  options: Partial<Parameters<typeof createGitSource>[0]> = {},
): Promise<GitSource> {
  const directory = path.join(folder, "objects");
  const opened = await createGitSource({
    url,
    branch: "main",
    directory,
    ...options,
  });
  if (!opened.ok) throw new Error(opened.problem.message);
  return opened.source;
}

async function problemOf(source: GitSource, after: string | null = null) {
  const poll = await source.poll({ after, signal });
  return poll.ok ? undefined : poll.problem.kind;
}

async function treeOf(source: GitSource, commitId: string) {
  const read = await source.tree(commitId);
  if (!read.ok) throw new Error(read.problem.message);
  return read.tree;
}

const sides = {
  "a local path": () => Promise.resolve(work),
  "a Git server": async () => (await serve()).url,
};

describe.each(Object.entries(sides))("a source over %s", (_name, address) => {
  it("finds the newest commit and tells when it changed", async () => {
    const first = await commit("first\n\nbody", { "a.yaml": "a: 1\n" });
    const source = await open(await address());
    expect(await source.poll({ after: null, signal })).toMatchObject({
      ok: true,
      changed: true,
      revision: { commit: first, subject: "first", author: "Fleet Author" },
    });
    expect(await source.poll({ after: first, signal })).toMatchObject({
      ok: true,
      changed: false,
    });
    const second = await commit("second", { "a.yaml": "a: 2\n" });
    expect(await source.poll({ after: first, signal })).toMatchObject({
      ok: true,
      changed: true,
      revision: { commit: second },
    });
  });

  it("reads files by object id, with symlinks as data and what is not a file named", async () => {
    symlinkSync("../../etc/passwd", path.join(work, "link"));
    const lfs =
      "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";
    await commit("one", {
      "dir/b.yaml": "b",
      "dir/a/c.yaml": "c",
      "lfs.yaml": lfs,
      "big.yaml": Buffer.alloc(2000, "x"),
    });
    git(
      "update-index",
      "--add",
      "--cacheinfo",
      `160000,${"1".repeat(40)},module`,
    );
    git("commit", "-q", "-m", "submodule");
    const head = git("rev-parse", "HEAD");
    const source = await open(await address(), {
      limits: { maxBlobBytes: 1000 },
    });
    await source.poll({ after: null, signal });
    const tree = await treeOf(source, head);
    expect(tree.commit).toBe(head);
    expect(tree.list("").map(({ path: name, kind }) => [name, kind])).toEqual([
      ["big.yaml", "unreadable"],
      ["dir", "directory"],
      ["lfs.yaml", "unreadable"],
      ["link", "symlink"],
      ["module", "unreadable"],
    ]);
    expect(tree.entry("link")).toMatchObject({ target: "../../etc/passwd" });
    expect(tree.entry("dir/a/c.yaml")).toMatchObject({
      kind: "file",
      oid: git("rev-parse", "HEAD:dir/a/c.yaml"),
    });
    expect(tree.entry("dir/x")).toBeUndefined();
    expect(tree.entry("")).toMatchObject({ kind: "directory" });
  });

  it("reads only what is new in the next revision", async () => {
    const first = await commit("first", { "a.yaml": "a", "b.yaml": "b" });
    const source = await open(await address());
    await source.poll({ after: null, signal });
    const before = await treeOf(source, first);
    const second = await commit("second", { "b.yaml": "b2" });
    await source.poll({ after: first, signal });
    const after = await treeOf(source, second);
    const bytesOf = (tree: typeof before, file: string) => {
      const entry = tree.entry(file);
      return entry?.kind === "file" ? entry.bytes : undefined;
    };
    expect(bytesOf(after, "a.yaml")).toBe(bytesOf(before, "a.yaml"));
    expect(Buffer.from(bytesOf(after, "b.yaml") ?? []).toString()).toBe("b2");
  });

  it("holds a branch that was rewritten, unless told otherwise", async () => {
    const base = await commit("base", { "a.yaml": "0" });
    const first = await commit("first", { "a.yaml": "1" });
    const url = await address();
    const source = await open(url);
    await source.poll({ after: null, signal });
    git("reset", "-q", "--hard", base);
    const rewritten = await commit("rewritten", { "a.yaml": "2" });
    expect(await problemOf(source, first)).toBe("notDescendant");
    expect(await problemOf(source, first)).toBe("notDescendant");
    const lenient = await open(url, { allowForcePush: true });
    expect(await lenient.poll({ after: first, signal })).toMatchObject({
      ok: true,
      revision: { commit: rewritten },
    });
  });

  it("holds an older commit, as a mirror that lags would serve it", async () => {
    const first = await commit("first", { "a.yaml": "1" });
    const second = await commit("second", { "a.yaml": "2" });
    const source = await open(await address());
    await source.poll({ after: first, signal });
    git("reset", "-q", "--hard", first);
    expect(await problemOf(source, second)).toBe("notDescendant");
  });

  it("follows a commit many commits and a merge later", async () => {
    const first = await commit("first", { "a.yaml": "1" });
    const source = await open(await address());
    await source.poll({ after: null, signal });
    git("checkout", "-q", "-b", "side");
    for (let index = 0; index < 4; index += 1) {
      await commit(`side ${index}`, { [`s${index}`]: "s" });
    }
    git("checkout", "-q", "main");
    await commit("main", { m: "m" });
    git("merge", "-q", "--no-edit", "side");
    expect(await source.poll({ after: first, signal })).toMatchObject({
      ok: true,
      changed: true,
    });
  });

  it("names a missing branch, and keeps what it had", async () => {
    const first = await commit("first", { "a.yaml": "1" });
    const source = await open(await address());
    await source.poll({ after: null, signal });
    git("branch", "-q", "-m", "main", "renamed");
    expect(await problemOf(source, first)).toBe("branchMissing");
    git("branch", "-q", "other");
    expect(await source.poll({ after: first, signal })).toMatchObject({
      problem: {
        branches: ["other", "renamed"],
        message: expect.stringContaining("it has other, renamed"),
      },
    });
    expect((await treeOf(source, first)).entry("a.yaml")?.kind).toBe("file");
  });

  it("refuses a commit without files", async () => {
    await commit("first", { "a.yaml": "1" });
    git("rm", "-q", "a.yaml");
    git("commit", "-q", "-m", "nothing");
    const source = await open(await address());
    await source.poll({ after: null, signal });
    const read = await source.tree(git("rev-parse", "HEAD"));
    expect(read).toMatchObject({ ok: false, problem: { kind: "empty" } });
  });

  it("refuses a tree with too many files", async () => {
    const head = await commit("many", { a: "1", b: "2", c: "3" });
    const source = await open(await address(), { limits: { maxEntries: 2 } });
    await source.poll({ after: null, signal });
    expect(await source.tree(head)).toMatchObject({
      ok: false,
      problem: { kind: "tooLarge" },
    });
  });
});

describe("a source over a Git server", () => {
  it("gives the token when asked, and names a refusal without the secret", async () => {
    await commit("first", { "a.yaml": "1" });
    const { url } = await serve({ password: "s3cret" });
    const withToken = await open(url, { token: "s3cret" });
    expect(await problemOf(withToken)).toBeUndefined();
    const address = url.replace("http://", "http://x-access-token:wr0ng@");
    const wrong = await open(address, { directory: path.join(folder, "w") });
    const poll = await wrong.poll({ after: null, signal });
    expect(poll).toMatchObject({ ok: false, problem: { kind: "refused" } });
    expect(JSON.stringify(poll)).not.toContain("wr0ng");
  });

  it("says that a server is unreachable, and goes on when it is back", async () => {
    const first = await commit("first", { "a.yaml": "1" });
    const gone = await serve();
    gone.server.close();
    gone.server.closeAllConnections();
    const source = await open(gone.url);
    expect(await problemOf(source)).toBe("unreachable");
    const back = await open((await serve()).url);
    expect(await back.poll({ after: null, signal })).toMatchObject({
      ok: true,
      revision: { commit: first },
    });
  });

  it("says that web clients refuse a port that is another service's", async () => {
    const source = await open("http://127.0.0.1:9/fleet.git");
    expect(await problemOf(source)).toBe("barredPort");
  });

  it("ends a poll that takes too long, or sends too much", async () => {
    await commit("first", { "a.yaml": Buffer.alloc(50_000, "ab1") });
    const silent = createServer(() => undefined);
    servers.push(silent);
    await new Promise<void>((resolve) =>
      silent.listen(0, "127.0.0.1", () => resolve()),
    );
    const { port } = silent.address() as AddressInfo;
    const slow = await open(`http://127.0.0.1:${port}/r.git`, {
      limits: { maxPollMs: 50 },
    });
    expect(await problemOf(slow)).toBe("tooSlow");
    const large = await open((await serve()).url, {
      limits: { maxFetchBytes: 100 },
    });
    expect(await problemOf(large)).toBe("tooLarge");
  });

  it("makes its copy anew when it is corrupt, or has many packs", async () => {
    await commit("first", { "a.yaml": "1" });
    const { url } = await serve();
    const source = await open(url, { limits: { maxPacks: 2 } });
    let after: string | null = null;
    for (let index = 0; index < 5; index += 1) {
      const head = await commit(`n${index}`, { "a.yaml": `${index}` });
      expect(await source.poll({ after, signal })).toMatchObject({ ok: true });
      expect((await treeOf(source, head)).entry("a.yaml")?.kind).toBe("file");
      after = head;
    }
    const head = await commit("last", { "b.yaml": "b" });
    await source.poll({ after, signal });
    const packs = path.join(folder, "objects/objects/pack");
    const names = execFileSync("ls", [packs], { encoding: "utf8" });
    for (const name of names.trim().split("\n")) {
      if (name.endsWith(".pack")) writeFileSync(path.join(packs, name), "junk");
    }
    expect((await source.tree(head)).ok).toBe(false);
    expect(await source.poll({ after, signal })).toMatchObject({ ok: true });
    expect((await treeOf(source, head)).entry("b.yaml")?.kind).toBe("file");
  });
});

describe("a source on this machine", () => {
  it("is said to be gone when it was moved away, and goes on when it is back", async () => {
    const first = await commit("first", { "a.yaml": "1" });
    const source = await open(work);
    renameSync(work, `${work}-moved`);
    expect(await source.poll({ after: first, signal })).toMatchObject({
      problem: {
        kind: "notARepository",
        message: `${work}: not a Git repository any longer`,
      },
    });
    renameSync(`${work}-moved`, work);
    expect(await problemOf(source, first)).toBeUndefined();
  });
});

describe("opening a source", () => {
  it("refuses what is no repository, and what is no address it can follow", async () => {
    const directory = path.join(folder, "o");
    for (const url of [
      folder,
      "ssh://git@example.com/fleet",
      "git@example.com:fleet.git",
    ]) {
      expect(
        await createGitSource({ url, branch: "main", directory }),
      ).toMatchObject({ ok: false, problem: { kind: "notARepository" } });
    }
  });
});
