import { type Json, type JsonObject } from "@wheelhouse/kube-object";
import { readMetadata, topFields } from "./cluster.ts";
import {
  type FieldSteps,
  type ObjectReading,
  checkKnownFields,
  readDurationMs,
  readList,
  readMap,
  readSelector,
  readWord,
  reportField,
  requireText,
} from "./field-reader.ts";
import {
  type CountOrPercent,
  type Rollout,
  type WaveSpec,
} from "./fleet-objects.ts";

const quarter: CountOrPercent = { kind: "percent", percent: 25 };

/** What holds where neither the Rollout nor its wave says otherwise. */
const waveDefaults: Omit<WaveSpec, "name" | "clusterSelector"> = {
  minReadyMs: 30_000,
  soakMs: 0,
  maxConcurrency: quarter,
  // The same object as maxConcurrency says: nobody set it, so it follows.
  maxUnavailable: quarter,
  maxFailures: { kind: "count", count: 0 },
  offline: "wait",
  approval: "auto",
  progressDeadlineMs: 30 * 60_000,
};

/** What a fleet without a Rollout object does: one wave of all clusters. */
export function defaultRollout(): Rollout {
  return {
    name: "default",
    waves: [{ name: "all", clusterSelector: {}, ...waveDefaults }],
    clustersNotMatched: "lastWave",
    compileErrors: "block",
    onFailure: "pause",
  };
}

/** Fields that stand in `spec` and may be overridden in a wave. */
const sharedFields = [
  "minReady",
  "maxConcurrency",
  "maxUnavailable",
  "maxFailures",
  "offline",
  "progressDeadline",
];

/** Reads a `Rollout` object, with every default filled in. */
export function readRollout(
  reading: ObjectReading,
  object: JsonObject,
): Rollout {
  const metadata = readMetadata(reading, object);
  const before = reading.problems.length;
  const spec = readMap(reading, object["spec"], ["spec"]);
  const isMap = reading.problems.length === before;
  checkKnownFields(reading, object, [], topFields);
  checkKnownFields(
    reading,
    spec,
    ["spec"],
    [
      ...sharedFields,
      "scope",
      "waves",
      "clustersNotMatched",
      "compileErrors",
      "onFailure",
    ],
  );
  refuseScope(reading, spec);
  const location = reading.locate([]);
  return {
    name: requireText(reading, metadata["name"], ["metadata", "name"]),
    waves: isMap ? readWaves(reading, spec) : [],
    clustersNotMatched: readWord(
      reading,
      spec["clustersNotMatched"],
      ["spec", "clustersNotMatched"],
      { words: ["lastWave", "immediately", "never"], fallback: "lastWave" },
    ),
    compileErrors: readWord(
      reading,
      spec["compileErrors"],
      ["spec", "compileErrors"],
      { words: ["block", "continue"], fallback: "block" },
    ),
    onFailure: readWord(reading, spec["onFailure"], ["spec", "onFailure"], {
      words: ["pause", "rollback", "continue"],
      fallback: "pause",
    }),
    ...(location === undefined ? {} : { location }),
  };
}

function refuseScope(reading: ObjectReading, spec: JsonObject): void {
  const scope = readMap(reading, spec["scope"], ["spec", "scope"]);
  if (Object.keys(scope).length === 0) return;
  reportField(
    reading,
    ["spec", "scope"],
    "a scope other than {} is not built yet",
    {
      reason: "NotBuiltYet",
      advice: "Write scope: {}, which is the whole fleet",
    },
  );
}

function readWaves(reading: ObjectReading, spec: JsonObject): WaveSpec[] {
  const path = ["spec", "waves"];
  const before = reading.problems.length;
  const list = readList(reading, spec["waves"], path);
  if (list.length === 0 && reading.problems.length === before) {
    reportField(reading, path, "needs at least one wave", {
      reason: "MissingField",
    });
  }
  const inherited = readShared(reading, spec, ["spec"], waveDefaults);
  const names = new Set<string>();
  return list.map((item, index) => {
    const wave = readWave(reading, item, [...path, index], inherited);
    if (wave.name !== "" && names.has(wave.name)) {
      reportField(
        reading,
        [...path, index, "name"],
        `wave ${wave.name} is there twice`,
        { reason: "DuplicateName" },
      );
    }
    names.add(wave.name);
    return wave;
  });
}

/** Whether a wave's selector says what it means: where not, it may match nothing for that alone. */
export function hasReadableSelector(
  reading: ObjectReading,
  object: JsonObject,
  wave: number,
): boolean {
  const apart = { ...reading, problems: [] };
  const spec = readMap(apart, object["spec"], []);
  const item = readList(apart, spec["waves"], [])[wave] ?? null;
  readSelector(apart, readMap(apart, item, [])["clusterSelector"], []);
  return apart.problems.length === 0;
}

type Shared = Omit<
  WaveSpec,
  "name" | "clusterSelector" | "soakMs" | "approval"
>;

function readWave(
  reading: ObjectReading,
  item: Json,
  path: FieldSteps,
  inherited: Shared,
): WaveSpec {
  const wave = readMap(reading, item, path);
  checkKnownFields(reading, wave, path, [
    ...sharedFields,
    "name",
    "clusterSelector",
    "soak",
    "approval",
  ]);
  return {
    name: requireText(reading, wave["name"], [...path, "name"]),
    clusterSelector: readSelector(reading, wave["clusterSelector"], [
      ...path,
      "clusterSelector",
    ]),
    ...readShared(reading, wave, path, inherited),
    soakMs: readDurationMs(reading, wave["soak"], [...path, "soak"], 0),
    approval: readWord(reading, wave["approval"], [...path, "approval"], {
      words: ["auto", "manual"],
      fallback: "auto",
    }),
  };
}

function readShared(
  reading: ObjectReading,
  object: JsonObject,
  path: FieldSteps,
  inherited: Shared,
): Shared {
  const amount = (field: string): CountOrPercent | undefined =>
    readCountOrPercent(reading, object[field], [...path, field]);
  const budget = (field: string): CountOrPercent | undefined =>
    requireSome(reading, amount(field), [...path, field]);
  const maxConcurrency = budget("maxConcurrency");
  return {
    ...readTimes(reading, object, path, inherited),
    maxConcurrency: maxConcurrency ?? inherited.maxConcurrency,
    maxUnavailable:
      budget("maxUnavailable") ?? unavailableBeside(maxConcurrency, inherited),
    maxFailures: amount("maxFailures") ?? inherited.maxFailures,
    offline: readWord(reading, object["offline"], [...path, "offline"], {
      words: ["wait", "skip", "count"],
      fallback: inherited.offline,
    }),
  };
}

type Times = Pick<Shared, "minReadyMs" | "progressDeadlineMs">;

/** As a Deployment's, the deadline must leave time to be Ready for as long as is asked; one of nothing has passed at the first look. */
function readTimes(
  reading: ObjectReading,
  object: JsonObject,
  path: FieldSteps,
  inherited: Times,
): Times {
  const read = (field: string, fallback: number): number =>
    readDurationMs(reading, object[field], [...path, field], fallback);
  const minReadyMs = read("minReady", inherited.minReadyMs);
  const progressDeadlineMs = read(
    "progressDeadline",
    inherited.progressDeadlineMs,
  );
  const isInherited =
    minReadyMs === inherited.minReadyMs &&
    progressDeadlineMs === inherited.progressDeadlineMs;
  if (progressDeadlineMs > minReadyMs || isInherited) {
    return { minReadyMs, progressDeadlineMs };
  }
  const field = Object.hasOwn(object, "progressDeadline");
  reportField(
    reading,
    [...path, field ? "progressDeadline" : "minReady"],
    "every cluster would fail: progressDeadline must be longer than minReady",
  );
  return inherited;
}

/** Where nobody said how many may be unavailable, as many as may be under way. */
function unavailableBeside(
  maxConcurrency: CountOrPercent | undefined,
  inherited: Shared,
): CountOrPercent {
  const isDefault = inherited.maxUnavailable === inherited.maxConcurrency;
  return maxConcurrency !== undefined && isDefault
    ? maxConcurrency
    : inherited.maxUnavailable;
}

/** A budget of nothing would wait for ever. */
function requireSome(
  reading: ObjectReading,
  amount: CountOrPercent | undefined,
  path: FieldSteps,
): CountOrPercent | undefined {
  const size = amount?.kind === "count" ? amount.count : amount?.percent;
  if (size !== 0) return amount;
  reportField(reading, path, "is 0: no cluster could ever be given anything");
  return undefined;
}

function readCountOrPercent(
  reading: ObjectReading,
  value: Json | undefined,
  path: FieldSteps,
): CountOrPercent | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) {
    return { kind: "count", count: value };
  }
  const percent =
    typeof value === "string" ? /^(\d{1,3})%$/.exec(value)?.[1] : undefined;
  if (percent !== undefined && Number(percent) <= 100) {
    return { kind: "percent", percent: Number(percent) };
  }
  reportField(
    reading,
    path,
    `${String(value)} is neither a number nor a percentage from 0% to 100%`,
  );
  return undefined;
}
