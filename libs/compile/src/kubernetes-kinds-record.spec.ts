import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { builtinKinds } from "./kubernetes-kinds.ts";

/** A resource as a real API server serves it: the fidelity suite derives the record from one, and holds it to it. */
interface ServedResource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

const record = JSON.parse(
  readFileSync(
    join(import.meta.dirname, "../../sim-cluster/src/facts/facts.json"),
    "utf8",
  ),
) as { readonly version: string; readonly resources: ServedResource[] };

const served = new Map<string, { cluster: string[]; namespaced: string[] }>();
for (const { group, version, kind, namespaced } of record.resources) {
  const apiVersion = group === "" ? version : `${group}/${version}`;
  const kinds = served.get(apiVersion) ?? { cluster: [], namespaced: [] };
  kinds[namespaced ? "namespaced" : "cluster"].push(kind);
  served.set(apiVersion, kinds);
}

describe("the table of built-in kinds", () => {
  it("is of the version that the record is of", () => {
    expect(record.version).toMatch(/^v1\.36\./);
    expect(served.size).toBeGreaterThan(15);
  });

  it.each([...served.keys()])("has what a real server serves of %s", (name) => {
    const { cluster = [], namespaced = [] } = builtinKinds[name] ?? {};
    expect({
      cluster: [...cluster].sort(),
      namespaced: [...namespaced].sort(),
    }).toEqual({
      cluster: served.get(name)?.cluster.sort(),
      namespaced: served.get(name)?.namespaced.sort(),
    });
  });
});
