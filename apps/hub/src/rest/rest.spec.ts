import { type FleetView, routes } from "@wheelhouse/rest-api";
import { createTestRepository, waitUntil } from "@wheelhouse/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HubUnderTest } from "../hub-under-test.ts";

const underTest = new HubUnderTest();
const repo = createTestRepository(underTest.repo);

beforeAll(async () => {
  repo.commit("first", { "a.txt": "a" });
  await underTest.init();
  await underTest.start();
});
afterAll(() => underTest.discard());

const ask = (path: string, init: RequestInit = {}) =>
  fetch(new URL(path, underTest.hub.url), {
    ...init,
    headers: {
      authorization: `Bearer ${underTest.adminToken}`,
      ...init.headers,
    },
  });
const post = (path: string, body: string, type = "application/json") =>
  ask(path, { method: "POST", body, headers: { "content-type": type } });

describe("the API", () => {
  it("answers an address with a broken escape with a problem, too", async () => {
    const answer = await ask("/api/v1/clusters/%ff");
    expect(answer.status).toBe(400);
    expect(answer.headers.get("content-type")).toContain(
      "application/problem+json",
    );
    expect(await answer.json()).toMatchObject({ status: 400 });
  });

  it("describes every route of its contract, with the bodies that it takes", async () => {
    const document = (await (await ask(routes.openapi)).json()) as {
      openapi: string;
      paths: Record<string, unknown>;
      components: { schemas: Record<string, unknown> };
    };
    expect(document.openapi).toBe("3.1.0");
    const described = Object.keys(document.paths);
    const named = Object.values(routes)
      .map((route) =>
        typeof route === "string"
          ? route
          : decodeURIComponent(route("{name}", "{action}")),
      )
      .filter((path) => path !== routes.openapi);
    expect(named.filter((path) => !described.includes(path))).toEqual([]);
    expect(Object.keys(document.components.schemas)).toContain(
      "CreateTokenRequest",
    );
  });

  it.each([
    [routes.clusters, '{"name":"Not A Name"}', 400, "name"],
    [routes.clusters, '{"name":"a","labelz":{}}', 400, "labelz"],
    [
      routes.clusters,
      '{"name":"a","labels":{"env":"b/d"}}',
      400,
      'label "env": "b/d": a value is empty, or at most 63',
    ],
    [
      routes.clusters,
      '{"name":"a","labels":{"a b":"c"}}',
      400,
      'label "a b": "c": a key is at most 63',
    ],
    [routes.clusters, "{", 400, ""],
    [routes.clusters, '{"name":"a","__proto__":{}}', 400, ""],
    [routes.tokens, '{"name":"a","role":"root"}', 400, "role"],
    [
      routes.tokens,
      '{"name":"a","role":"viewer","expiresInMs":1e12}',
      400,
      "expiresInMs",
    ],
    [routes.suspend, '{"cluster":"no-such"}', 404, "no-such"],
    [routes.approvePrunes, "{}", 400, "objects"],
    [routes.approvePrunes, '{"objects":[]}', 400, "objects"],
    [routes.repoint("no-such"), "{}", 404, "no-such"],
    [routes.rolloutAction("default", "explode"), "{}", 404, "explode"],
  ])(
    "answers POST %s %s with %i as a problem document",
    async (path, body, status, word) => {
      const answer = await post(path, body);
      expect(answer.status).toBe(status);
      expect(answer.headers.get("content-type")).toContain(
        "application/problem+json",
      );
      const problem = (await answer.json()) as {
        detail: string;
        status: number;
      };
      expect(problem.status).toBe(status);
      expect(problem.detail).toContain(word);
    },
  );

  it("refuses a body that is too large, or no JSON", async () => {
    const large = JSON.stringify({ name: "a".repeat(2 ** 20) });
    expect((await post(routes.clusters, large)).status).toBe(413);
    expect(
      (
        await post(
          routes.clusters,
          "name=a",
          "application/x-www-form-urlencoded",
        )
      ).status,
    ).toBe(415);
  });

  it("answers 304 while the fleet is the same", async () => {
    const first = await ask(routes.fleet);
    const etag = first.headers.get("etag") ?? "";
    const lastPoll = async () =>
      ((await (await ask(routes.fleet)).json()) as FleetView).git.lastPolledAt;
    expect(await lastPoll()).not.toBeUndefined();
    const again = await ask(routes.fleet, {
      headers: { "if-none-match": `W/"other"` },
    });
    expect(again.status).toBe(200);
    await waitUntil("the same", async () => {
      const current = (await ask(routes.fleet)).headers.get("etag") ?? etag;
      const asked = await ask(routes.fleet, {
        headers: { "if-none-match": current },
      });
      return asked.status === 304;
    });
  });

  it("sends the fleet at once, and again when it changes, to all who watch", async () => {
    const abort = new AbortController();
    const seen: FleetView[] = [];
    const watching = (async () => {
      for await (const view of underTest.client().watchFleet(abort.signal)) {
        seen.push(view);
      }
    })();
    await waitUntil("the first", () => seen.length > 0);
    await underTest.client().addCluster({ name: "edge-7" });
    await waitUntil("the change", () =>
      seen.some(({ clusters }) =>
        clusters.some(({ name }) => name === "edge-7"),
      ),
    );
    abort.abort();
    await expect(watching).rejects.toThrow();
  });

  it("sends a strict policy with the page", async () => {
    const answer = await fetch(new URL("/", underTest.hub.url));
    expect(answer.status).toBe(200);
    const policy = answer.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain("unsafe");
    expect(await answer.text()).toContain("npm run build");
  });
});
