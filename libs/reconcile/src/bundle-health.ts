import { type KubeObject, type ObjectId } from "@wheelhouse/kube-object";
import { type ObjectNote } from "@wheelhouse/protocol";
import {
  type ObjectHealth,
  computeStatus,
  notFound,
  objectStatuses,
} from "@wheelhouse/status";
import { type ExpressionVerdicts } from "./bundle-expressions.ts";
import { type BundleHealth } from "./bundle-state.ts";

/** One object of a bundle, as its health is judged. */
export interface JudgedObject {
  readonly id: ObjectId;
  /** Undefined where it is not there. */
  readonly live: KubeObject | undefined;
  /** Why it could not be applied, where it could not. */
  readonly refusal: string | undefined;
  /** Why it could not be read, where it could not. */
  readonly unreadable?: string;
}

/** More notes than this are not sent. */
const maxNotes = 20;

/** The health of a bundle over all its objects, and over what it checks besides. What expressions say of an object counts for more than the rules for its kind. */
export function computeBundleHealth(
  objects: readonly JudgedObject[],
  checks: readonly JudgedObject[],
  now: number,
  expressions?: ExpressionVerdicts,
): BundleHealth {
  const judged = noteObjects(objects, now, expressions);
  const checked = noteObjects(checks, now, expressions);
  const open = [...judged, ...checked]
    .filter(({ status }) => status !== "Current")
    .sort((a, b) => severity(a) - severity(b));
  const [worst] = open;
  const areChecksReady = checked.every(({ status }) => status === "Current");
  return {
    status: worst?.status ?? "Current",
    total: judged.length,
    ready: judged.filter(({ status }) => status === "Current").length,
    notes: open.slice(0, maxNotes),
    isReady: worst === undefined,
    areChecksReady,
    isWhole: expressions?.isWhole ?? true,
  };
}

/** Each object's health, in the order given. */
export function noteObjects(
  objects: readonly JudgedObject[],
  now: number,
  expressions?: ExpressionVerdicts,
): readonly ObjectNote[] {
  const healthOf = (live: KubeObject): ObjectHealth =>
    expressions?.of(live) ?? computeStatus(live, { now });
  return objects.map((object) => noteOf(object, healthOf));
}

function noteOf(
  { id, live, refusal, unreadable }: JudgedObject,
  healthOf: (live: KubeObject) => ObjectHealth,
): ObjectNote {
  if (refusal !== undefined) {
    return { object: id, status: "Failed", message: cut(refusal) };
  }
  if (unreadable !== undefined) {
    return { object: id, status: "Unknown", message: cut(unreadable) };
  }
  const health = live === undefined ? notFound : healthOf(live);
  return { object: id, status: health.status, message: cut(health.message) };
}

function severity({ status }: ObjectNote): number {
  return objectStatuses.indexOf(status);
}

function cut(message: string): string {
  return message.slice(0, 1024);
}
