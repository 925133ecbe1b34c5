import { printTime } from "../print-time.ts";
import {
  isObject,
  type JsonObject,
  listAt,
  objectAt,
  stringAt,
} from "../json.ts";

/** A condition as controllers write it. */
export interface Condition {
  readonly type: string;
  readonly status: boolean;
  readonly reason?: string;
  readonly message?: string;
}

/** The conditions of an object's status. */
export function conditionsOf(object: JsonObject): JsonObject[] {
  return listAt(objectAt(object, "status"), "conditions").filter(isObject);
}

/** Whether an object has a condition with the status True. */
export function isTrue(object: JsonObject, type: string): boolean {
  return conditionsOf(object).some(
    (each) => each["type"] === type && each["status"] === "True",
  );
}

/** The conditions with their times: one that did not change keeps the time at which it came. */
export function stampConditions(
  object: JsonObject,
  conditions: readonly Condition[],
  now: number,
): JsonObject[] {
  return conditions.map(({ type, status, reason, message }) => {
    const text = status ? "True" : "False";
    const before = conditionsOf(object).find((each) => each["type"] === type);
    const same = before?.["status"] === text;
    return {
      type,
      status: text,
      lastTransitionTime: same
        ? stringAt(before, "lastTransitionTime")
        : printTime(now),
      ...(reason === undefined ? {} : { reason }),
      ...(message === undefined ? {} : { message }),
    };
  });
}
