import {
  type DriftView,
  type ObjectView,
  type PruneView,
} from "@wheelhouse/rest-api";
import { formatAge } from "../terminal/age.ts";
import { formatTable, scrubText } from "../terminal/table.ts";
import { type ListLook, shortId } from "./status-text.ts";

/** `Deployment webapp/frontend`, or `Namespace webapp`. */
export function formatObject({ kind, namespace, name }: ObjectView): string {
  return scrubText(
    namespace === "" ? `${kind} ${name}` : `${kind} ${namespace}/${name}`,
  );
}

/** `wheelhouse drift`: one line a field, the newest first. */
export function formatDrift(
  drift: readonly DriftView[],
  now: string,
  look: ListLook,
): string {
  if (drift.length === 0) return "no drift\n";
  const headers = [
    "CLUSTER",
    "OBJECT",
    "FIELD",
    "WANTED",
    "FOUND",
    "WRITER",
    "SINCE",
    "TIMES",
    "STATE",
  ];
  const rows = drift.flatMap((record) =>
    fieldsOf(record).map(({ path, wanted, found }) => [
      record.cluster,
      formatObject(record.object),
      scrubText(path),
      cutValue(wanted, look.wide),
      cutValue(found, look.wide),
      record.writer === null ? "-" : scrubText(record.writer),
      formatAge(record.firstSeen, now),
      String(record.times),
      record.state === "blocked"
        ? `blocked: ${scrubText(record.message)}`
        : record.state,
    ]),
  );
  return formatTable(headers, rows, look);
}

function fieldsOf(record: DriftView): DriftView["fields"] {
  return record.missing || record.fields.length === 0
    ? [
        {
          path: "(object)",
          wanted: "present",
          found: record.missing ? "deleted" : "-",
        },
      ]
    : record.fields;
}

function cutValue(value: string | null, wide: boolean): string {
  if (value === null) return "-";
  const text = scrubText(value);
  return wide || text.length <= 40 ? text : `${text.slice(0, 39)}…`;
}

/** `wheelhouse prune list`: every held deletion, and the command that releases it. */
export function formatPrunes(
  prunes: readonly PruneView[],
  look: ListLook,
): string {
  if (prunes.length === 0) return "no deletion is held\n";
  const headers = ["CLUSTER", "BUNDLE", "OBJECT", "REASON", "COMMIT", "NOTE"];
  const rows = prunes.map((prune) => [
    prune.cluster,
    prune.bundle,
    formatObject(prune.object),
    prune.approved ? `${prune.reason} (approved)` : prune.reason,
    shortId(prune.commit, look.wide),
    scrubText(prune.message),
  ]);
  const table = formatTable(headers, rows, look);
  return look.noHeaders || prunes.every(({ approved }) => approved)
    ? table
    : `${table}\nto delete exactly these, once: wheelhouse prune approve --revision COMMIT (it lists, and asks)\n`;
}
