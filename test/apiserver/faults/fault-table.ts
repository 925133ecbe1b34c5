import { type ApiCall, type ApiFaultRule } from "@wheelhouse/testing";
import { spokeNamespace } from "@wheelhouse/kube-object";

/** One row of the table: what goes wrong between a spoke and its API server. */
export interface FaultRow {
  /** Which rows of the fault table of the design it is. */
  readonly row: string;
  readonly name: string;
  readonly rule: ApiFaultRule;
  /** Whether the spoke starts while the fault lasts; else it meets a running one. */
  readonly meetsStart?: boolean;
  /** Strikes before it ceases, where it strikes without end; 1 by default. */
  readonly ceasesAfter?: number;
  /** How fast the spoke's clock runs; 30 by default. */
  readonly speed?: number;
  /** Until the spoke gives a request up; as in production by default. */
  readonly timeoutMs?: number;
  /** Whether two spokes work at once. */
  readonly hasTwoSpokes?: boolean;
}

const isState = ({ namespace }: ApiCall) => namespace === spokeNamespace;
const isWork = ({ namespace }: ApiCall) => namespace === "default";
const isApply = (call: ApiCall) => isWork(call) && call.verb === "patch";
const isDelete = (call: ApiCall) => isWork(call) && call.verb === "delete";
const isWrite = ({ verb }: ApiCall) =>
  ["create", "update", "patch", "delete"].includes(verb);
const isInventory = (call: ApiCall) =>
  isState(call) && call.name.startsWith("wheelhouse-inventory-");
const isAssignment = (call: ApiCall) =>
  isState(call) &&
  call.resource === "secrets" &&
  isWrite(call) &&
  !call.name.startsWith("wheelhouse-artifacts");
const isOwnedList = ({ verb, path }: ApiCall) =>
  verb === "list" && path.includes("labelSelector=fleet.wheelhouse.dev");
const isWatch = ({ verb }: ApiCall) => verb === "watch";

const status = (code: number, retryAfterSeconds?: number) => ({
  kind: "status" as const,
  code,
  ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
});

/** Every fault, in the order of the page. */
export const faultTable: readonly FaultRow[] = [
  {
    row: "22",
    name: "409 on applies: another manager owns a field",
    rule: {
      matches: (call) => isApply(call) && !call.isForced && !call.isDryRun,
      times: 2,
      fault: {
        ...status(409),
        conflictWith: { manager: "stranger", field: ".data.key" },
      },
    },
  },
  {
    row: "23",
    name: "409 on applies: another version",
    rule: { matches: isApply, times: 3, fault: status(409) },
  },
  {
    row: "23",
    name: "409 on the inventory",
    rule: {
      matches: (call) => isInventory(call) && call.verb === "update",
      times: 3,
      fault: status(409),
    },
  },
  {
    row: "24",
    name: "410 where a watch opens",
    rule: { matches: isWatch, times: 3, fault: status(410) },
    meetsStart: true,
  },
  {
    row: "24",
    name: "410 as a watch's first event",
    rule: { matches: isWatch, times: 3, fault: { kind: "goneWatch" } },
    meetsStart: true,
  },
  {
    row: "24",
    name: "410 on lists",
    rule: { matches: isOwnedList, times: 2, fault: status(410) },
    meetsStart: true,
  },
  {
    row: "25",
    name: "422 on applies",
    rule: { matches: isApply, fault: status(422) },
    ceasesAfter: 2,
  },
  {
    row: "26",
    name: "429 with Retry-After on applies",
    rule: { matches: isApply, times: 2, fault: status(429, 1) },
  },
  {
    row: "26",
    name: "429 without a header on every write",
    rule: { matches: isWrite, times: 3, fault: status(429) },
  },
  {
    row: "27",
    name: "500 on applies",
    rule: { matches: isApply, times: 4, fault: status(500) },
  },
  {
    row: "27",
    name: "503 on every write",
    rule: { matches: isWrite, times: 6, fault: status(503) },
  },
  {
    row: "27",
    name: "504 on reads",
    rule: {
      matches: (call) => isWork(call) && call.verb === "get",
      times: 3,
      fault: status(504),
    },
  },
  {
    row: "27",
    name: "500 on deletions",
    rule: { matches: isDelete, times: 2, fault: status(500) },
  },
  {
    row: "27",
    name: "applies time out",
    rule: { matches: isApply, times: 2, fault: { kind: "silence" } },
    timeoutMs: 3_000,
  },
  {
    row: "27",
    name: "answers to applies are cut short",
    rule: { matches: isApply, times: 2, fault: { kind: "truncate" } },
  },
  {
    row: "27",
    name: "connection lost after an apply was done",
    rule: { matches: isApply, times: 2, fault: { kind: "dropAfterCommit" } },
  },
  {
    row: "27",
    name: "connection lost after the inventory was written",
    rule: {
      matches: (call) => isInventory(call) && call.verb === "update",
      times: 2,
      fault: { kind: "dropAfterCommit" },
    },
  },
  {
    row: "27",
    name: "connection lost after a deletion was done",
    rule: { matches: isDelete, times: 1, fault: { kind: "dropAfterCommit" } },
  },
  {
    row: "27",
    name: "connection lost after the assignment was stored",
    rule: {
      matches: isAssignment,
      times: 1,
      fault: { kind: "dropAfterCommit" },
    },
  },
  {
    row: "28",
    name: "lists are empty",
    rule: { matches: isOwnedList, fault: { kind: "emptyList" } },
    meetsStart: true,
  },
  {
    row: "28",
    name: "lists are as they were long ago",
    rule: { matches: isOwnedList, fault: { kind: "staleList" } },
    meetsStart: true,
  },
  {
    row: "29",
    name: "403 on reads",
    rule: {
      matches: (call) => isWork(call) && call.verb === "get",
      fault: status(403),
    },
  },
  {
    row: "30",
    name: "watches are open and silent",
    rule: { matches: isWatch, fault: { kind: "deadWatch" } },
    meetsStart: true,
    speed: 150,
  },
  {
    row: "31",
    name: "503 on discovery",
    rule: {
      matches: ({ verb }) => verb === "discovery",
      times: 3,
      fault: status(503),
    },
    meetsStart: true,
  },
  {
    row: "27",
    name: "every answer is slow",
    rule: {
      matches: ({ verb }) => verb !== "watch",
      fault: { kind: "slow", ms: 30 },
    },
    ceasesAfter: 20,
  },
  {
    row: "11",
    name: "two spokes at once, and 500 on applies",
    rule: { matches: isApply, times: 4, fault: status(500) },
    hasTwoSpokes: true,
  },
];
