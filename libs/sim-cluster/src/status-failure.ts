import { type Json, type JsonObject } from "./json.ts";

/** One cause of a failure, as `details.causes` lists it. */
export interface FailureCause {
  readonly reason: string;
  readonly message: string;
  readonly field?: string;
}

/** What a failure is about. */
export interface FailureDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly FailureCause[];
  readonly retryAfterSeconds?: number;
}

/**
 * A refused request, as a Kubernetes `Status`. It is thrown, against the house
 * rule, because every step of a write may refuse, in functions that return
 * objects; one place, the request handler, catches it and answers.
 */
export class StatusFailure extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: FailureDetails | undefined;

  constructor(
    code: number,
    reason: string,
    message: string,
    details?: FailureDetails,
  ) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  /** The `Status` object that goes over the wire. */
  toStatus(): JsonObject {
    return {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: this.message,
      ...(this.reason === "" ? {} : { reason: this.reason }),
      ...(this.details === undefined
        ? {}
        : { details: this.details as unknown as Json }),
      code: this.code,
    };
  }
}

/** A resource's group and plural, as messages name it: `deployments.apps`. */
export interface GroupResource {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
}

/** `deployments.apps`, or `pods` for the core group. */
export function printResource({ group, plural }: GroupResource): string {
  return group === "" ? plural : `${plural}.${group}`;
}

const printKind = ({ group, kind }: GroupResource) =>
  group === "" ? kind : `${kind}.${group}`;

const about = (
  resource: GroupResource,
  name: string,
  more: FailureDetails = {},
): FailureDetails => ({
  ...(name === "" ? {} : { name }),
  ...(resource.group === "" ? {} : { group: resource.group }),
  kind: resource.plural,
  ...more,
});

/** 404 for an object. */
export function notFound(resource: GroupResource, name: string): StatusFailure {
  return new StatusFailure(
    404,
    "NotFound",
    `${printResource(resource)} "${name}" not found`,
    about(resource, name),
  );
}

/** 404 for a path that nothing serves. */
export function noSuchPath(): StatusFailure {
  return new StatusFailure(
    404,
    "NotFound",
    "the server could not find the requested resource",
    {},
  );
}

/** 409 for a create of what is there. */
export function alreadyExists(
  resource: GroupResource,
  name: string,
): StatusFailure {
  return new StatusFailure(
    409,
    "AlreadyExists",
    `${printResource(resource)} "${name}" already exists`,
    about(resource, name),
  );
}

/** 409 for a precondition that does not hold. */
export function conflict(
  resource: GroupResource,
  name: string,
  why: string,
): StatusFailure {
  return new StatusFailure(
    409,
    "Conflict",
    `Operation cannot be fulfilled on ${printResource(resource)} "${name}": ${why}`,
    about(resource, name),
  );
}

/** Why an update with an old resourceVersion is refused. */
export const objectModified =
  "the object has been modified; please apply your changes to the latest version and try again";

/** 403 with the server's way of saying it. */
export function forbidden(
  resource: GroupResource,
  name: string,
  why: string,
  causes?: readonly FailureCause[],
): StatusFailure {
  return new StatusFailure(
    403,
    "Forbidden",
    `${printResource(resource)} "${name}" is forbidden: ${why}`,
    about(resource, name, causes === undefined ? {} : { causes }),
  );
}

/** 400 for what cannot be read. */
export function badRequest(message: string): StatusFailure {
  return new StatusFailure(400, "BadRequest", message);
}

/** One refused field. */
export interface FieldProblem {
  readonly field: string;
  readonly kind:
    | "required"
    | "invalid"
    | "forbidden"
    | "unsupported"
    | "long"
    | "many"
    | "duplicate"
    | "type";
  /** What was given, for kinds that quote it. */
  readonly value?: Json;
  readonly detail: string;
}

const problemTexts = {
  required: ["FieldValueRequired", "Required value"],
  invalid: ["FieldValueInvalid", "Invalid value"],
  forbidden: ["FieldValueForbidden", "Forbidden"],
  unsupported: ["FieldValueNotSupported", "Unsupported value"],
  long: ["FieldValueTooLong", "Too long"],
  many: ["FieldValueTooMany", "Too many"],
  duplicate: ["FieldValueDuplicate", "Duplicate value"],
  type: ["FieldValueTypeInvalid", "Invalid value"],
} as const;

function printProblem(problem: FieldProblem): string {
  const [, title] = problemTexts[problem.kind];
  const quoted =
    problem.kind === "required" ||
    problem.kind === "forbidden" ||
    problem.kind === "long"
      ? title
      : `${title}: ${printValue(problem.value)}`;
  return problem.detail === "" ? quoted : `${quoted}: ${problem.detail}`;
}

const printValue = (value: Json | undefined) => JSON.stringify(value ?? null);

/** 422 with every refused field. */
export function invalid(
  resource: GroupResource,
  name: string,
  problems: readonly FieldProblem[],
): StatusFailure {
  const printed = problems.map(
    (problem) => `${problem.field}: ${printProblem(problem)}`,
  );
  const lines = [...new Set(printed)];
  const text = lines.length === 1 ? (lines[0] ?? "") : `[${lines.join(", ")}]`;
  return new StatusFailure(
    422,
    "Invalid",
    `${printKind(resource)} "${name}" is invalid: ${text}`,
    {
      ...about(resource, name),
      kind: resource.kind,
      causes: problems.map((problem) => ({
        reason: problemTexts[problem.kind][0],
        message: printProblem(problem),
        field: problem.field,
      })),
    },
  );
}
