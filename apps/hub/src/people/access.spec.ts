import { type Role, routes } from "@wheelhouse/rest-api";
import { createTestRepository } from "@wheelhouse/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HubUnderTest } from "../hub-under-test.ts";
import { type AccessRule, accessPolicy } from "./access-policy.ts";

const underTest = new HubUnderTest();
const tokens: Partial<Record<Role, string>> = {};

beforeAll(async () => {
  createTestRepository(underTest.repo).commit("first", { "a.txt": "a" });
  await underTest.init();
  await underTest.start();
  tokens.admin = underTest.adminToken;
  for (const role of ["viewer", "operator"] as const) {
    const made = await underTest.client().createToken({ name: role, role });
    tokens[role] = made.token;
  }
});

afterAll(() => underTest.discard());

const url = (path: string) => new URL(path, underTest.hub.url);

/** An address that the rule's pattern fits, of something that does not exist: what is permitted changes nothing. */
const addressOf = ({ path }: AccessRule) =>
  path
    .replace(":name", "no-such")
    .replace(":action", "pause")
    .replace("/*", "/clusters/no-such");

async function ask(
  rule: Pick<AccessRule, "method" | "path">,
  headers: Record<string, string> = {},
): Promise<number> {
  const abort = new AbortController();
  const answer = await fetch(url(addressOf(rule as AccessRule)), {
    method: rule.method,
    headers: {
      ...headers,
      ...(rule.method === "POST" ? { "content-type": "application/json" } : {}),
    },
    ...(rule.method === "POST" ? { body: '{"no-such":1}' } : {}),
    redirect: "manual",
    signal: abort.signal,
  });
  abort.abort();
  return answer.status;
}

const bearer = (token: string | undefined) => ({
  authorization: `Bearer ${token ?? ""}`,
});

const ranks = { public: 0, viewer: 1, operator: 2, admin: 3 } as const;
const isPage = ({ path }: AccessRule) => path === "/" || path === "/*";
const rows = accessPolicy.filter((rule) => !isPage(rule));

describe("access", () => {
  const cases = rows.flatMap((rule) =>
    (["none", "viewer", "operator", "admin"] as const).map(
      (who) => [rule.method, rule.path, who, rule] as const,
    ),
  );

  it.each(cases)("%s %s as %s", async (_method, _path, who, rule) => {
    // A role logs out last: its own session would end, and a token has none.
    const headers = who === "none" ? {} : bearer(tokens[who]);
    const status = await ask(rule, headers);
    const rank = who === "none" ? 0 : ranks[who];
    const isPermitted = rank >= ranks[rule.access];
    const refused = who === "none" ? 401 : 403;
    const wanted = isPermitted ? "let in" : refused;
    // A login that names nothing is refused by its body (400), not by the guard.
    const said = status === 401 || status === 403 ? status : "let in";
    expect(said).toBe(wanted);
    expect(status).toBeLessThan(500);
  });

  it("covers every route that the contract names", () => {
    const covered = new Set(rows.map(({ path }) => path));
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
      "/metrics",
      "/debug",
      "/api-docs",
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
