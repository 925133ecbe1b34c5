import { type Role, routes } from "@wheelhouse/rest-api";
import { createTestRepository } from "@wheelhouse/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HubUnderTest } from "../hub-under-test.ts";
import { accessPolicy } from "./access-policy.ts";

const underTest = new HubUnderTest();
const tokens: Partial<Record<Role, string>> = {};

beforeAll(async () => {
  createTestRepository(underTest.repo).commit("first", { "a.txt": "a" });
  underTest.writePage({
    "index.html": page,
    "assets/page.js": "// the page's code",
  });
  await underTest.init();
  await underTest.start();
  tokens.admin = underTest.adminToken;
  for (const role of ["viewer", "operator"] as const) {
    const made = await underTest.client().createToken({ name: role, role });
    tokens[role] = made.token;
  }
});

afterAll(() => underTest.discard());

const page = "<title>the page</title>";
const url = (path: string) => new URL(path, underTest.hub.url);

interface Asked {
  readonly method: string;
  readonly path: string;
}

/** An address that a route's pattern fits, of something that does not exist: what is permitted changes nothing. */
const addressOf = (path: string) =>
  path
    .replace(":name", "no-such")
    .replace(":action", "pause")
    .replace("/*", "/clusters/no-such");

async function ask(
  { method, path }: Asked,
  headers: Record<string, string> = {},
): Promise<number> {
  const abort = new AbortController();
  const answer = await fetch(url(addressOf(path)), {
    method,
    headers: {
      ...headers,
      ...(method === "POST" ? { "content-type": "application/json" } : {}),
    },
    ...(method === "POST" ? { body: '{"no-such":1}' } : {}),
    redirect: "manual",
    signal: abort.signal,
  });
  abort.abort();
  return answer.status;
}

const bearer = (token: string | undefined) => ({
  authorization: `Bearer ${token ?? ""}`,
});

/** Who may do what, written here once more: the hub's own table cannot vouch for itself. What is not named is for viewers. */
const open = [
  ...["GET /healthz", "GET /readyz", "POST /api/v1/login"],
  ...["GET /", "GET /*", "GET /login", "GET /login.js"],
];
const forOperators = [
  "POST /api/v1/rollouts/:name/:action",
  "POST /api/v1/prunes/approve",
  ...["reconcile", "suspend", "resume"].map((it) => `POST /api/v1/${it}`),
];
const forAdmins = [
  ...["POST /api/v1/clusters", "DELETE /api/v1/clusters/:name"],
  ...["POST /api/v1/clusters/:name/repoint", "GET /api/v1/tokens"],
  ...["POST /api/v1/tokens", "DELETE /api/v1/tokens/:name"],
];

const everybody = ["none", "viewer", "operator", "admin"] as const;

/** The least that a route asks for, by this file. */
function leastFor({ method, path }: Asked): (typeof everybody)[number] {
  const route = `${method === "HEAD" ? "GET" : method} ${path}`;
  if (open.includes(route)) return "none";
  if (forOperators.includes(route)) return "operator";
  return forAdmins.includes(route) ? "admin" : "viewer";
}

/** Of everybody in turn: let in, or with which status refused. */
async function answersOf(route: Asked): Promise<readonly unknown[]> {
  const answers: unknown[] = [];
  for (const who of everybody) {
    const headers = who === "none" ? {} : bearer(tokens[who]);
    const status = await ask(route, headers);
    // A login that names nothing is refused by its body (400), not by the guard.
    const isRefused = status === 401 || status === 403 || status >= 500;
    answers.push(isRefused ? status : "let in");
  }
  return answers;
}

/** What everybody should be told. */
function dueFor(route: Asked): readonly unknown[] {
  const least = everybody.indexOf(leastFor(route));
  return everybody.map((who, rank) => {
    if (rank >= least) return "let in";
    return who === "none" ? 401 : 403;
  });
}

describe("access", () => {
  it("to every route that the hub serves is for whom it should be, with the page built", async () => {
    const { routes: served } = underTest.hub;
    const shown = (route: Asked, answers: readonly unknown[]) =>
      `${route.method} ${route.path}: ${answers.join(", ")}`;
    const told: string[] = [];
    for (const route of served) {
      told.push(shown(route, await answersOf(route)));
    }
    expect(told).toEqual(served.map((route) => shown(route, dueFor(route))));
  }, 60_000);

  it("has a rule for every route that the hub serves, and a route for every rule", () => {
    const key = ({ method, path }: Asked) => `${method} ${path}`;
    const served = underTest.hub.routes.filter((it) => it.method !== "HEAD");
    expect(accessPolicy.map(key).sort()).toEqual(served.map(key).sort());
    const named = new Set(served.map(key));
    const unknown = [...open, ...forOperators, ...forAdmins].filter(
      (route) => !named.has(route),
    );
    expect(unknown).toEqual([]);
  });

  it("covers every route that the contract names", () => {
    const covered = new Set(accessPolicy.map(({ path }) => path));
    const named = Object.values(routes).map((route) =>
      typeof route === "string"
        ? route
        : decodeURIComponent(route(":name", ":action")),
    );
    expect(named.filter((path) => !covered.has(path))).toEqual([]);
  });

  it("refuses what is in no table, and says nothing of what is there", async () => {
    for (const path of [
      "/api/v1/nothing",
      "/api",
      "/api/v2/fleet",
      "/api/v1/metrics",
    ]) {
      const [none, admin] = [
        await ask({ method: "GET", path }),
        await ask({ method: "GET", path }, bearer(tokens.admin)),
      ];
      expect([path, none]).toEqual([path, 401]);
      expect([path, admin]).toEqual([path, 404]);
    }
    expect(await ask({ method: "DELETE", path: routes.fleet })).toBe(401);
    for (const path of [
      "/%61pi/v1/fleet",
      "/api//v1/fleet",
      "/api/v1/fleet/",
    ]) {
      expect([path, await ask({ method: "GET", path })]).toEqual([path, 401]);
    }
  });

  it("gives the page where it has a view, and its files", async () => {
    for (const path of ["/", "/login", "/rollout", "/drift/", "/drift?q=a"]) {
      const answer = await fetch(url(path));
      expect([path, answer.status]).toEqual([path, 200]);
      expect(await answer.text()).toBe(page);
    }
    const script = await fetch(url("/assets/page.js"));
    expect(await script.text()).toBe("// the page's code");
  });

  it.each([
    ...["/clusters/prod-eu-1", "/metrics", "/debug", "/api-docs"],
    ...["/..%2fdata/admin-token", "/%2e%2e/data/hub.db", "/assets"],
    ...["/..%2f..%2f..%2f..%2fetc/passwd", "/data/admin-token", "/index"],
    ...["/assets/none.js", "/drift/more", "/a%00.js"],
  ])(
    "has nothing at %s: a browser gets the page that says so",
    async (path) => {
      const asProgram = await fetch(url(path));
      expect(asProgram.headers.get("content-type")).toContain(
        "application/problem+json",
      );
      const accept = "text/html,application/xhtml+xml,*/*;q=0.8";
      const asBrowser = await fetch(url(path), { headers: { accept } });
      expect([asProgram.status, asBrowser.status]).toEqual([404, 404]);
      expect(await asBrowser.text()).toBe(page);
    },
  );

  it("refuses a token that ended, was deleted, or never was", async () => {
    const admin = underTest.client();
    const made = await admin.createToken({ name: "ci", role: "viewer" });
    const rule = { method: "GET", path: routes.fleet } as const;
    expect(await ask(rule, bearer(made.token))).toBe(200);
    await admin.deleteToken("ci");
    expect(await ask(rule, bearer(made.token))).toBe(401);
    expect(await ask(rule, bearer("wh_nothing"))).toBe(401);
    expect(await ask(rule, { authorization: "Basic YTpi" })).toBe(401);
    await expect(
      admin.createToken({ name: "viewer", role: "admin" }),
    ).rejects.toMatchObject({ status: 409 });
  });

  it("keeps no secret of a person in its database or its answers", async () => {
    const { readFileSync, readdirSync } = await import("node:fs");
    const stored = readdirSync(underTest.data)
      .filter((name) => name.startsWith("hub.db"))
      .map((name) => readFileSync(`${underTest.data}/${name}`, "latin1"))
      .join();
    const listed = JSON.stringify(await underTest.client().tokens());
    for (const token of Object.values(tokens)) {
      expect(stored.includes(token)).toBe(false);
      expect(listed.includes(token)).toBe(false);
    }
  });
});

describe("a page's session", () => {
  const post = (path: string, body: object, headers = {}) =>
    fetch(url(path), {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });

  async function login(): Promise<{ cookie: string; link: string }> {
    const link = await underTest.hub.loginLink();
    const code = new URL(link).searchParams.get("code");
    const answer = await post(routes.login, { code });
    expect(answer.status).toBe(200);
    const header = answer.headers.get("set-cookie") ?? "";
    expect(header).toMatch(/HttpOnly; SameSite=Strict/);
    return { cookie: header.split(";")[0] ?? "", link };
  }

  it("opens by a login link, once", async () => {
    const { cookie, link } = await login();
    expect(
      (await fetch(url(routes.whoami), { headers: { cookie } })).status,
    ).toBe(200);
    const code = new URL(link).searchParams.get("code");
    expect((await post(routes.login, { code })).status).toBe(401);
    expect((await fetch(url("/login"))).status).toBe(200);
  });

  it("changes nothing unless the page itself asks", async () => {
    const { cookie } = await login();
    const body = { cluster: "no-such" };
    const own = { cookie, "x-wheelhouse": "1" };
    expect((await post(routes.suspend, body, { cookie })).status).toBe(403);
    const foreign = { ...own, origin: "https://evil.example" };
    expect((await post(routes.suspend, body, foreign)).status).toBe(403);
    const origin = underTest.hub.url;
    expect((await post(routes.suspend, body, { ...own, origin })).status).toBe(
      404,
    );
  });

  it("ends by logout", async () => {
    const { cookie } = await login();
    const headers = { cookie, "x-wheelhouse": "1" };
    expect((await post(routes.logout, {}, headers)).status).toBe(204);
    expect((await fetch(url(routes.whoami), { headers })).status).toBe(401);
  });

  it("cannot be guessed for long", async () => {
    const statuses: number[] = [];
    for (let index = 0; index < 12; index += 1) {
      statuses.push(
        (await post(routes.login, { code: `whl_${index}` })).status,
      );
    }
    expect(statuses.at(0)).toBe(401);
    expect(statuses.at(-1)).toBe(429);
  });
});
