import { readFileSync } from "node:fs";
import { type HealthExpressions } from "@wheelhouse/assignment";
import {
  type JsonObject,
  type KubeObject,
  parseJson,
} from "@wheelhouse/kube-object";
import { describe, expect, test } from "vitest";
import { compileHealthExpressions } from "./health-expressions.ts";
import { compileReadyExpression } from "./ready-expression.ts";

/** What Flux's packages answered; see `testdata/record.mjs`. */
interface Recorded {
  readonly name: string;
  readonly flux?: string;
  readonly ready?: boolean;
  readonly refused?: string;
  readonly error?: string;
}

interface RecordedHealth extends Recorded {
  readonly object: KubeObject;
  readonly exprs: Omit<HealthExpressions, "apiVersion">;
}

interface RecordedReadiness extends Recorded {
  readonly readyExpr: string;
  readonly self: JsonObject;
  readonly dep: JsonObject;
}

function read<One>(file: string): readonly One[] {
  const url = new URL(`../testdata/${file}`, import.meta.url);
  const lines = readFileSync(url, "utf8").trimEnd().split("\n");
  return lines.map((line) => parseJson(line) as unknown as One);
}

function answerOf({ flux, ready, refused, error }: Recorded): string {
  if (refused !== undefined) return "refused";
  if (error !== undefined) return "Unknown";
  return flux ?? String(ready);
}

function healthOf({ object, exprs }: RecordedHealth): string {
  const result = compileHealthExpressions([
    { ...exprs, apiVersion: object.apiVersion },
  ]);
  return result.ok ? (result.rule(object)?.status ?? "none") : "refused";
}

function readinessOf({ readyExpr, self, dep }: RecordedReadiness): string {
  const result = compileReadyExpression(readyExpr);
  if (!result.ok) return "refused";
  const outcome = result.rule({ self, dep });
  return outcome.ok ? String(outcome.value) : "Unknown";
}

/** What we answer otherwise than Flux, and why. */
const differences: readonly {
  readonly names: RegExp;
  readonly ours: string;
  readonly reason: string;
}[] = [
  {
    names: /: being deleted$/,
    ours: "Terminating",
    reason: "what is being deleted is not Ready, whatever it says",
  },
  {
    names:
      /ratio \+ 1 == |filter\(c, c\.type\)$|all\(c\)$|'yes' : 'no'$|\{'a': 1\.0\}$/,
    ours: "refused",
    reason: "can never give true or false, and is refused before it is tried",
  },
  {
    names: /int\('seven'\)|matches\('\['\)|timestamp\('yesterday'\)/,
    ours: "Unknown",
    reason: "constants are only looked at when they are used",
  },
];

function expectedOf(one: Recorded): string {
  const difference = differences.find(({ names }) => names.test(one.name));
  return difference?.ours ?? answerOf(one);
}

describe("health check expressions, compared with Flux", () => {
  const recorded = read<RecordedHealth>("health-expressions.jsonl");

  test.each(recorded)("$name", (one) => {
    expect(healthOf(one)).toBe(expectedOf(one));
  });

  test("every difference that is written down is one", () => {
    for (const one of recorded) {
      const isWritten = differences.some(({ names }) => names.test(one.name));
      expect(healthOf(one) !== answerOf(one), one.name).toBe(isWritten);
    }
  });
});

describe("ready expressions, compared with Flux", () => {
  test.each(read<RecordedReadiness>("ready-expressions.jsonl"))(
    "$name",
    (one) => {
      expect(readinessOf(one)).toBe(answerOf(one));
    },
  );
});
