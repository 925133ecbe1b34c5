import { describe, expect, it } from "vitest";
import { judgeJoin } from "./join-judgement.ts";

const pin = {
  format: 1,
  fleet: "main",
  certificate: "root",
  delegationKey: "key",
} as const;
const otherPin = { ...pin, fleet: "other", certificate: "other root" };
const facts = {
  fleet: "main",
  cluster: "staging-1",
  uid: "uid-1",
  pin,
  hubAddress: "h:1",
};
const judge = (
  ticket: Partial<Parameters<typeof judgeJoin>[0]>,
  replaceIdentity?: string,
) =>
  judgeJoin(
    { cluster: "staging-1", uid: "uid-2", pin, ...ticket },
    { facts, server: "https://10.0.0.1:6443", replaceIdentity },
  );

describe("the join of a cluster that has joined", () => {
  it.each([{ uid: "uid-1" }, { uid: "" }])("is ignored with %j", (ticket) => {
    expect(judge(ticket).kind).toBe("ignored");
  });

  it("goes on with the same name and a new uid", () => {
    expect(judge({})).toEqual({ kind: "rejoin" });
  });

  it.each([
    [
      { cluster: "prod-eu-1" },
      "the join is for cluster prod-eu-1 of fleet main;",
    ],
    [
      { cluster: "prod-eu-1", uid: "" },
      "the join is for cluster prod-eu-1 of fleet main;",
    ],
    [
      { cluster: "" },
      "the join is for a cluster that it does not name of fleet main;",
    ],
    [{ pin: otherPin }, "the join is for cluster staging-1 of fleet other;"],
    [
      { pin: { ...pin, certificate: "new root" } },
      "the join is for cluster staging-1 of fleet main, by another root;",
    ],
  ])("is refused with %j", (ticket, words) => {
    const judgement = judge(ticket);
    expect(judgement.kind).toBe("refused");
    const problem = judgement.kind === "refused" ? judgement.problem : "";
    expect(problem).toContain(
      "the cluster at https://10.0.0.1:6443 already is staging-1 of fleet main",
    );
    expect(problem).toContain(words);
    expect(problem).toContain("the token is not spent");
    expect(problem).toContain("--kubeconfig");
    expect(problem).toContain("--replace-identity staging-1");
  });

  it("goes on for another cluster or fleet only with the name that it replaces", () => {
    const other = { cluster: "prod-eu-1" };
    expect(judge(other, "staging-1")).toEqual({ kind: "rejoin" });
    expect(judge({ pin: otherPin }, "staging-1")).toEqual({ kind: "rejoin" });
    expect(judge(other, "prod-eu-1").kind).toBe("refused");
  });
});
