import { type KubeErrorReason } from "@wheelhouse/kube-apply";
import { describe, expect, test } from "vitest";
import { kubeErrorOf } from "./kube-error-of.ts";

const subject = { text: "Deployment/webapp/api", isSecret: false };

interface Parts {
  readonly reason?: string;
  readonly message?: string;
  readonly details?: unknown;
}

const answer = (
  status: number,
  parts: Parts | string = {},
  after?: string,
) => ({
  status,
  retryAfter: after,
  body:
    typeof parts === "string"
      ? parts
      : JSON.stringify({ kind: "Status", status: "Failure", ...parts }),
});

const causes = (reason: string, message: string, field = "spec.x") => ({
  causes: [{ reason, message, field }],
});

describe("the reason", () => {
  test.each<[string, number, Parts | string, KubeErrorReason]>([
    ["no credentials", 401, {}, "unauthorized"],
    [
      "RBAC",
      403,
      { message: "deployments.apps is forbidden: User x cannot" },
      "forbidden",
    ],
    [
      "a namespace that ends",
      403,
      { details: causes("NamespaceTerminating", "being terminated") },
      "terminating",
    ],
    [
      "a quota",
      403,
      {
        message: 'pods "x" is forbidden: exceeded quota: q, requested: pods=1',
      },
      "denied",
    ],
    [
      "a limit range",
      403,
      {
        message:
          "forbidden: maximum cpu usage per Container is 1, but limit is 2",
      },
      "denied",
    ],
    [
      "pod security",
      403,
      { message: 'forbidden: violates PodSecurity "restricted:latest"' },
      "denied",
    ],
    [
      "a webhook",
      400,
      { message: 'admission webhook "v.example.org" denied the request: no' },
      "denied",
    ],
    [
      "a policy",
      422,
      {
        message:
          "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no",
      },
      "denied",
    ],
    [
      "an object that is not there",
      404,
      { details: { name: "api" } },
      "notFound",
    ],
    ["a path that is not served", 404, "404 page not found", "unknownKind"],
    [
      "a kind that is not served",
      404,
      { message: "the server could not find the requested resource" },
      "unknownKind",
    ],
    [
      "an object that is there",
      409,
      { reason: "AlreadyExists" },
      "alreadyExists",
    ],
    ["another version", 409, { reason: "Conflict" }, "stale"],
    [
      "other managers",
      409,
      {
        reason: "Conflict",
        details: causes("FieldManagerConflict", 'conflict with "x"'),
      },
      "conflict",
    ],
    ["a version that is gone", 410, { reason: "Expired" }, "gone"],
    ["too much", 413, {}, "tooLarge"],
    [
      "an invalid field",
      422,
      {
        details: causes(
          "FieldValueInvalid",
          "Invalid value: -1: must be positive",
        ),
      },
      "invalid",
    ],
    [
      "an immutable field",
      422,
      {
        details: causes(
          "FieldValueInvalid",
          "Invalid value: {}: field is immutable",
        ),
      },
      "immutable",
    ],
    [
      "a StatefulSet's fixed field",
      422,
      {
        details: causes(
          "FieldValueForbidden",
          "Forbidden: updates to statefulset spec for fields other than 'replicas' are forbidden",
        ),
      },
      "immutable",
    ],
    [
      "a broken body",
      400,
      { reason: "BadRequest", message: "cannot decode" },
      "invalid",
    ],
    ["another media type", 415, {}, "invalid"],
    [
      "an unknown field of an apply",
      500,
      {
        message:
          "failed to create typed patch object (x): .spec.x: field not declared in schema",
      },
      "invalid",
    ],
    ["haste", 429, {}, "throttled"],
    [
      "a server that failed",
      500,
      { message: "failed calling webhook" },
      "server",
    ],
    ["a gateway's page", 502, "<html>", "server"],
    ["a server that is not there", 503, {}, "server"],
    ["a gateway that waited", 504, "", "timeout"],
  ])("of %s (%i) is known", (_title, status, parts, reason) => {
    const error = kubeErrorOf(answer(status, parts), subject);
    expect(error.reason).toBe(reason);
    expect(error.code).toBe(status);
    expect(error.message.startsWith("Deployment/webapp/api: ")).toBe(true);
  });
});

test("a conflict names every manager and field, also of odd names", () => {
  const details = {
    causes: [
      {
        reason: "FieldManagerConflict",
        message:
          'conflict with "kubectl-edit" using apps/v1 at 2030-01-01T00:00:00Z',
        field: ".spec.replicas",
      },
      {
        reason: "FieldManagerConflict",
        message: String.raw`conflict with "a \"b\"" with subresource "scale"`,
        field: ".spec.x",
      },
    ],
  };
  const error = kubeErrorOf(
    answer(409, { reason: "Conflict", details }),
    subject,
  );
  expect(error.conflicts).toEqual([
    { manager: "kubectl-edit", field: ".spec.replicas" },
    { manager: 'a "b"', field: ".spec.x" },
  ]);
  expect(error.message).toBe(
    'Deployment/webapp/api: conflicts with other managers: .spec.replicas (kubectl-edit), .spec.x (a "b")',
  );
});

test("the pause comes from the header, else from the Status", () => {
  const details = { retryAfterSeconds: 3 };
  const pause = (after?: string): number | undefined =>
    kubeErrorOf(answer(429, { details }, after), subject).retryAfterMs;
  expect(pause("30")).toBe(30_000);
  expect(pause("soon")).toBe(3_000);
  expect(pause()).toBe(3_000);
});

describe("the message", () => {
  test.each([
    [
      'Invalid value: "hunter2": must be a number',
      "spec.x: Invalid value: must be a number",
    ],
    [
      String.raw`Invalid value: "a \"hunter2\": b": must not`,
      "spec.x: Invalid value: must not",
    ],
    [
      "Invalid value: -2: must be positive",
      "spec.x: Invalid value: must be positive",
    ],
    [
      'Invalid value: map[string]interface {}{"a":"hunter2: b"}: no',
      "spec.x: Invalid value: no",
    ],
    [
      'Invalid value: {"matchLabels":{"a":"hunter2"}}: field is immutable',
      "spec.x: Invalid value: field is immutable",
    ],
    [
      'Unsupported value: "hunter2": supported values: "A", "B"',
      'spec.x: Unsupported value: supported values: "A", "B"',
    ],
    ['Duplicate value: "hunter2"', "spec.x: Duplicate value"],
    [
      "Required value: name is required",
      "spec.x: Required value: name is required",
    ],
  ])("%j does not echo what was sent", (message, expected) => {
    const details = causes("FieldValueInvalid", message);
    const error = kubeErrorOf(answer(422, { details }), subject);
    expect(error.message).toBe(`Deployment/webapp/api: ${expected}`);
  });

  test("about a Secret has nothing but reason and fields", () => {
    const secret = { text: "Secret/webapp/s", isSecret: true };
    const details = causes("FieldValueInvalid", 'bad "hunter2"', "data[x]");
    const parts = { reason: "Invalid", message: "hunter2 is bad", details };
    expect(kubeErrorOf(answer(422, parts), secret).message).toBe(
      "Secret/webapp/s: Invalid at data[x]",
    );
    const bare = { reason: "BadRequest", message: "illegal base64: hunter2" };
    expect(kubeErrorOf(answer(400, bare), secret).message).toBe(
      "Secret/webapp/s: BadRequest",
    );
  });

  test("has at most 1,024 characters", () => {
    const message = "x".repeat(5_000);
    expect(kubeErrorOf(answer(400, { message }), subject).message).toHaveLength(
      1_024,
    );
  });
});
