import { type FastifyReply } from "fastify";
import { describe, expect, it } from "vitest";
import { type HubLog } from "../log.ts";
import { sendProblem } from "./problem-filter.ts";

/** What is answered where a route throws, and whether the log has it. */
function answerTo(error: unknown) {
  const answer = { status: 0, body: "", logged: 0 };
  const reply = {
    header: () => reply,
    status: (status: number) => {
      answer.status = status;
      return reply;
    },
    send: (body: string) => {
      answer.body = body;
      return reply;
    },
  };
  const log = { error: () => (answer.logged += 1) };
  sendProblem(
    reply as unknown as FastifyReply,
    error,
    log as unknown as HubLog,
  );
  return answer;
}

const failure = (code: string, cause?: unknown) =>
  Object.assign(new Error("failed", { cause }), { code });

describe("what nobody expected", () => {
  it.each([
    ["the database", failure("SQLITE_FULL")],
    ["a file", failure("ENOSPC")],
    ["a cause", new Error("stored nothing", { cause: failure("EDQUOT") })],
  ])("says that the disk is full where %s says so", (_, error) => {
    const { status, body, logged } = answerTo(error);
    expect([status, logged]).toEqual([507, 1]);
    expect(JSON.parse(body)).toMatchObject({
      title: "Disk full",
      detail: expect.stringContaining("disk is full") as string,
      advice: expect.stringContaining("Make room") as string,
    });
  });

  it("says nothing of the inside", () => {
    const { status, body } = answerTo(failure("SQLITE_CORRUPT"));
    expect(status).toBe(500);
    expect(body).not.toContain("SQLITE");
    const looped = new Error("looped");
    looped.cause = looped;
    expect(answerTo(looped).status).toBe(500);
  });
});
