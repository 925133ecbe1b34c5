import { describe, expect, it } from "vitest";
import { createHubClient } from "./hub-client.ts";
import { readServerEvents } from "./server-events.ts";

const answer =
  (status: number, body: string): typeof fetch =>
  () =>
    Promise.resolve(new Response(status === 204 ? null : body, { status }));

const bodyOf = (chunks: readonly string[]) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) {
        controller.enqueue(new TextEncoder().encode(chunk));
      }
      controller.close();
    },
  });

describe("a hub client", () => {
  it("sends its token, and says that it is no foreign form", async () => {
    const seen: Request[] = [];
    const client = createHubClient({
      server: "http://hub.test",
      token: "t0",
      fetch: (input, init) => {
        seen.push(new Request(input, init));
        return Promise.resolve(new Response("[]"));
      },
    });
    await client.suspend({ cluster: "prod-eu-1" });
    const [request] = seen;
    expect(request?.url).toBe("http://hub.test/api/v1/suspend");
    expect(request?.method).toBe("POST");
    expect(request?.headers.get("authorization")).toBe("Bearer t0");
    expect(request?.headers.get("x-wheelhouse")).toBe("1");
  });

  it("rejects with the hub's own words and advice", async () => {
    const body = JSON.stringify({ detail: "no such wave", advice: "look" });
    const client = createHubClient({
      server: "http://hub.test",
      fetch: answer(404, body),
    });
    await expect(client.rollout("x")).rejects.toMatchObject({
      status: 404,
      message: "no such wave",
      advice: "look",
    });
  });

  it("puts its server where the advice leaves room for it", async () => {
    const body = JSON.stringify({ detail: "no", advice: "login SERVER" });
    const client = createHubClient({
      server: "http://hub.test",
      fetch: answer(401, body),
    });
    await expect(client.fleet()).rejects.toMatchObject({
      advice: "login http://hub.test",
    });
  });

  it("names the status where the answer is no problem document", async () => {
    const client = createHubClient({
      server: "http://hub.test",
      fetch: answer(502, "<html>"),
    });
    await expect(client.fleet()).rejects.toMatchObject({
      status: 502,
      message: "HTTP 502",
    });
  });

  it("says which hub cannot be reached, and why", async () => {
    const client = createHubClient({ server: "http://127.0.0.1:9" });
    await expect(client.fleet()).rejects.toMatchObject({
      status: 0,
      message: expect.stringContaining("http://127.0.0.1:9") as string,
    });
  });

  it("takes an empty answer for none", async () => {
    const client = createHubClient({
      server: "http://hub.test",
      fetch: answer(204, ""),
    });
    await expect(client.reconcile({})).resolves.toBeUndefined();
  });
});

describe("server-sent events", () => {
  it("are put together over chunks, and comments are skipped", async () => {
    const body = bodyOf([": hi\n\nevent: fleet\nda", "ta: {\ndata: }\n\n"]);
    const events = [];
    for await (const event of readServerEvents(body)) events.push(event);
    expect(events).toEqual([{ event: "fleet", data: "{\n}" }]);
  });
});
