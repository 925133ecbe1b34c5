import { failpointNames } from "@wheelhouse/kube-apply";
import { describe, expect, it } from "vitest";
import { tools, useCluster } from "../engine/test-cluster.ts";
import { pieces } from "./kill-pieces.ts";
import { type Death, runKilled } from "./kill-run.ts";
import { writeKinds } from "./write-kinds.ts";
import { type FaultRecord, runCrash, runFault } from "./fault-run.ts";
import { checkPage } from "./faults-page.ts";
import { faultTable } from "./fault-table.ts";
import { fixtures } from "./fixtures.ts";

/** The whole table on one cluster: every kill, every fault and every crash, with every fixture; last, the page is held against what was seen. */
export function describeFaults(where: {
  readonly name: string;
  readonly isSimulated: boolean;
}): void {
  const { name, isSimulated } = where;
  describe.skipIf(tools === null && !isSimulated)(`faults, ${name}`, () => {
    const cluster = useCluster({}, { auditBodies: true, isSimulated });
    const records: FaultRecord[] = [];
    const deaths = new Map<string, readonly Death[]>();
    let runs = 0;
    const run = (fixture: (typeof fixtures)[number]) => {
      runs += 1;
      return { cluster, fixture, prefix: `f${runs}` };
    };
    const cases = <T extends { readonly name: string }>(rows: readonly T[]) =>
      rows.flatMap((row) =>
        fixtures.map(
          (fixture) => [row.name, fixture.name, row, fixture] as const,
        ),
      );

    // First of all: the spoke's own namespace is made only once.
    it.each(pieces.map((piece, index) => [piece.name, piece, index] as const))(
      "killed at each of its writes: %s",
      async (name, piece, index) => {
        const prefix = `k${index}`;
        deaths.set(name, await runKilled({ cluster, piece, prefix }));
      },
    );

    it("a spoke was killed before and after each kind of write, and at none besides", () => {
      const all = [...deaths.values()].flat();
      const unknown = all.filter(({ kinds }) => kinds.length === 0);
      expect(unknown.map(({ write }) => write)).toEqual([]);
      for (const when of ["before", "after"]) {
        const met = all
          .filter((death) => death.when === when)
          .flatMap(({ kinds }) => kinds);
        const missed = writeKinds.filter(({ name }) => !met.includes(name));
        expect(
          missed.map(({ name }) => name),
          when,
        ).toEqual([]);
      }
    });

    it.each(cases(faultTable))("%s: %s", async (_, __, row, fixture) => {
      const result = await runFault(run(fixture), row);
      const { name: fault } = row;
      records.push({ fault, row: row.row, fixture: fixture.name, result });
    });

    it.each(cases(failpointNames.map((point) => ({ name: point }))))(
      "killed at %s: %s",
      async (point, _, { name: failpoint }, fixture) => {
        const result = await runCrash(run(fixture), failpoint);
        const fault = `killed at ${point}`;
        records.push({ fault, row: "1", fixture: fixture.name, result });
      },
    );

    it("docs/faults.md says what was seen", async () => {
      const { page, printed } = await checkPage(records, deaths);
      expect(page).toBe(printed);
    });
  });
}
