import { type Json, isJsonObject } from "@wheelhouse/kube-object";

/** The leaves that each field manager owns of an object, as paths in the server's own notation. */
export function ownedFields(
  object: Json | undefined,
): ReadonlyMap<string, ReadonlySet<string>> {
  const metadata = isJsonObject(object) ? object["metadata"] : undefined;
  const managed = isJsonObject(metadata) ? metadata["managedFields"] : [];
  const owned = new Map<string, Set<string>>();
  for (const entry of Array.isArray(managed) ? (managed as Json[]) : []) {
    if (!isJsonObject(entry) || typeof entry["manager"] !== "string") continue;
    const leaves = owned.get(entry["manager"]) ?? new Set();
    collect(entry["fieldsV1"], "", leaves);
    owned.set(entry["manager"], leaves);
  }
  return owned;
}

function collect(
  fields: Json | undefined,
  path: string,
  leaves: Set<string>,
): void {
  if (!isJsonObject(fields)) return;
  const steps = Object.entries(fields).filter(([name]) => name !== ".");
  if (steps.length === 0) leaves.add(path);
  for (const [name, rest] of steps) collect(rest, `${path}/${name}`, leaves);
}
