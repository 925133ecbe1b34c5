import {
  type FieldPath,
  type JsonObject,
  fieldManager,
} from "@wheelhouse/kube-object";
import {
  type FieldWriter,
  isOwnedBy,
  managedFieldsOf,
} from "./managed-fields.ts";

/** Who owns the value at a path now, the most recent first where several do; undefined where nothing tells. */
export function writerOf(
  object: JsonObject,
  path: FieldPath,
): FieldWriter | undefined {
  return latestWriter(writersOf(object, path));
}

/** Who but us was the last to write one of these paths; undefined where nothing tells: a field that was removed has no owner. */
export function lastForeignWriter(
  object: JsonObject,
  paths: readonly FieldPath[],
): FieldWriter | undefined {
  return latestWriter(
    paths
      .flatMap((path) => writersOf(object, path))
      .filter((writer) => writer.manager !== fieldManager),
  );
}

/**
 * Who may have removed what stood at a path, or renamed the item of a list
 * that stood there: who but us updated something else in the same place last,
 * and not before we applied. A field that is gone has no owner, so that this
 * is the best that can be told; undefined where nothing does.
 */
export function likelyRemover(
  object: JsonObject,
  path: FieldPath,
): FieldWriter | undefined {
  const place = path.slice(0, -1);
  if (place.length === 0) return undefined;
  const ours = latestWriter(
    writersOf(object, []).filter(
      ({ manager, operation }) =>
        manager === fieldManager && operation === "Apply",
    ),
  );
  return latestWriter(
    writersOf(object, place).filter(
      ({ manager, operation, subresource, time }) =>
        manager !== fieldManager &&
        operation === "Update" &&
        subresource === "" &&
        time >= (ours?.time ?? ""),
    ),
  );
}

/** Whether any manager but us owns the value at a path. */
export function isForeign(object: JsonObject, path: FieldPath): boolean {
  return lastForeignWriter(object, [path]) !== undefined;
}

/** Whether we own the value at a path by an apply of ours. */
export function isOurs(object: JsonObject, path: FieldPath): boolean {
  return writersOf(object, path).some(
    ({ manager, operation }) =>
      manager === fieldManager && operation === "Apply",
  );
}

function writersOf(
  object: JsonObject,
  path: FieldPath,
): readonly FieldWriter[] {
  return managedFieldsOf(object)
    .filter((entry) => isOwnedBy(entry, path))
    .map(({ manager, operation, subresource, time }) => ({
      manager,
      operation,
      subresource,
      time,
    }));
}

/** The last of some writers: RFC 3339 in UTC sorts as text, and of two equal times the later entry counts. */
export function latestWriter(
  writers: readonly FieldWriter[],
): FieldWriter | undefined {
  let last: FieldWriter | undefined;
  for (const writer of writers) {
    if (last === undefined || writer.time >= last.time) last = writer;
  }
  return last;
}
