/** What differs between any two runs, replaced by names in order of appearance; one per sequence and side. */
export interface Normaliser {
  normalise(value: unknown): unknown;
}

const volatileTimes = new Set([
  "creationTimestamp",
  "deletionTimestamp",
  "time",
  "lastTransitionTime",
  "lastUpdateTime",
  "lastHeartbeatTime",
]);

/** Kinds that controllers write to whenever they like: their versions and statuses say nothing. */
const controlled = new Set([
  "Deployment",
  "StatefulSet",
  "DaemonSet",
  "ReplicaSet",
  "Job",
  "Namespace",
  "CustomResourceDefinition",
  "PersistentVolumeClaim",
  "HorizontalPodAutoscaler",
  "Scale",
]);

interface Named {
  readonly [key: string]: unknown;
}

const isObject = (value: unknown): value is Named =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Lists whose order is chance on the real server. */
const sorted = (list: readonly unknown[]): unknown[] =>
  [...list].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

/** Creates a normaliser; `keepStatus` leaves the status of controlled kinds in. */
export function createNormaliser(keepStatus = false): Normaliser {
  const names = new Map<string, string>();
  const counts = new Map<string, number>();
  const nameOf = (kind: string, value: string) => {
    const key = `${kind} ${value}`;
    const known = names.get(key);
    if (known !== undefined) return known;
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    names.set(key, `<${kind} ${count}>`);
    return `<${kind} ${count}>`;
  };

  function object(value: Named): unknown {
    const kind = typeof value["kind"] === "string" ? value["kind"] : "";
    const entries = Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .filter(
        ([key]) => !(key === "status" && controlled.has(kind) && !keepStatus),
      )
      .map(([key, item]) => [text(key), field(key, item, kind)] as const)
      .filter(([, item]) => item !== undefined);
    return Object.fromEntries(entries);
  }

  function field(key: string, item: unknown, kind: string): unknown {
    if (key === "uid" && typeof item === "string") return nameOf("uid", item);
    if (key === "storageVersionHash") return "<hash>";
    if (volatileTimes.has(key)) return item === null ? null : "<time>";
    if (key === "metadata" && isObject(item)) return metadata(item, kind);
    if (key === "managedFields" && Array.isArray(item)) return managers(item);
    if (key === "continue" && typeof item === "string")
      return item === "" ? "" : "<token>";
    if (key === "clusterIP" || key === "clusterIPs")
      return JSON.stringify(item).replaceAll(/10\.96\.\d+\.\d+/g, "<address>");
    if (key === "nodePort") return "<port>";
    if (key === "causes" && Array.isArray(item)) return sorted(item.map(any));
    return any(item);
  }

  function metadata(item: Named, kind: string): unknown {
    const made = { ...(object(item) as Record<string, unknown>) };
    if (kind.endsWith("List") || kind === "Table" || controlled.has(kind)) {
      if ("resourceVersion" in made) made["resourceVersion"] = "<version>";
    } else if (
      typeof item["resourceVersion"] === "string" &&
      item["resourceVersion"] !== ""
    )
      made["resourceVersion"] = nameOf(
        `version of ${String(item["name"])}`,
        item["resourceVersion"],
      );
    const annotations = made["annotations"];
    if (isObject(annotations)) {
      const { "deployment.kubernetes.io/revision": _revision, ...rest } =
        annotations;
      if (Object.keys(rest).length === 0) delete made["annotations"];
      else made["annotations"] = rest;
    }
    return made;
  }

  function managers(list: readonly unknown[]): unknown {
    const kept = list.filter(
      (each) =>
        isObject(each) &&
        !["kube-controller-manager", "kube-apiserver"].includes(
          String(each["manager"]),
        ),
    );
    return sorted(kept.map(any));
  }

  function text(value: string): string {
    return value
      .replaceAll(
        /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g,
        (uid) => nameOf("uid", uid),
      )
      .replaceAll(
        /too old resource version: \d+ \(\d+\)/g,
        "too old resource version: <version> (<version>)",
      )
      .replaceAll(
        /ResourceVersion in (precondition|record) \(\d+\)/g,
        "ResourceVersion in $1 (<version>)",
      )
      .replaceAll(
        /Too large resource version: \d+, current: \d+/g,
        "Too large resource version: <version>, current: <version>",
      );
  }

  function any(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(any);
    if (typeof value === "string") return text(value);
    return isObject(value) ? object(value) : value;
  }

  return { normalise: any };
}
