import { type JsonObject } from "@wheelhouse/kube-object";
import {
  type ObjectReading,
  readBoolean,
  readList,
  readMap,
  readText,
  reportField,
  requireText,
} from "./field-reader.ts";
import { type FluxSourceRef, readSourceRef } from "./flux-references.ts";

/** Where a release's chart comes from. */
export interface ReleaseChart {
  readonly source: FluxSourceRef;
  /** Which field names the source, below `spec`. */
  readonly sourceField: readonly string[];
  /** A directory of the source, or a name in a HelmRepository; empty where the source is the chart. */
  readonly chart: string;
  /** As written: a version or a range; empty for any. */
  readonly version: string;
  /** Files of the source, merged in order in the place of the chart's own values; empty for those. */
  readonly valuesFiles: readonly string[];
  readonly ignoreMissingValuesFiles: boolean;
}

/** Reads a release's `chart` or `chartRef`; notes it where there is neither, or both. */
export function readReleaseChart(
  reading: ObjectReading,
  spec: JsonObject,
  namespace: string,
): ReleaseChart {
  const isThere = (field: string): boolean =>
    spec[field] !== undefined && spec[field] !== null;
  if (isThere("chartRef") && isThere("chart")) {
    reportField(reading, ["spec", "chartRef"], "stands beside chart");
  }
  if (isThere("chartRef")) return readChartRef(reading, spec, namespace);
  const path = ["spec", "chart", "spec"];
  const chart = readMap(
    reading,
    readMap(reading, spec["chart"], ["spec", "chart"])["spec"],
    path,
  );
  const text = (field: string): string =>
    readText(reading, chart[field], [...path, field]) ?? "";
  const old = text("valuesFile");
  return {
    source: readSourceRef(reading, chart["sourceRef"], {
      path: [...path, "sourceRef"],
      namespace,
    }),
    sourceField: ["chart", "spec", "sourceRef"],
    chart: requireText(reading, chart["chart"], [...path, "chart"]),
    version: text("version"),
    valuesFiles: [
      ...(old === "" ? [] : [old]),
      ...readList(reading, chart["valuesFiles"], [...path, "valuesFiles"]).map(
        (item, index) =>
          requireText(reading, item, [...path, "valuesFiles", index]),
      ),
    ],
    ignoreMissingValuesFiles: readBoolean(
      reading,
      chart["ignoreMissingValuesFiles"],
      [...path, "ignoreMissingValuesFiles"],
      false,
    ),
  };
}

function readChartRef(
  reading: ObjectReading,
  spec: JsonObject,
  namespace: string,
): ReleaseChart {
  return {
    source: readSourceRef(reading, spec["chartRef"], {
      path: ["spec", "chartRef"],
      namespace,
    }),
    sourceField: ["chartRef"],
    chart: "",
    version: "",
    valuesFiles: [],
    ignoreMissingValuesFiles: false,
  };
}
