import { failpointNames } from "@wheelhouse/kube-apply";
import { describe, expect, it } from "vitest";
import { tools, useCluster } from "../engine/test-cluster.ts";
import { type FaultRecord, runCrash, runFault } from "./fault-run.ts";
import { checkPage } from "./faults-page.ts";
import { faultTable } from "./fault-table.ts";
import { fixtures } from "./fixtures.ts";

/** The whole table on one cluster: every fault and every crash, with every fixture; last, the page is held against what was seen. */
export function describeFaults(where: {
  readonly name: string;
  readonly isSimulated: boolean;
}): void {
  const { name, isSimulated } = where;
  describe.skipIf(tools === null && !isSimulated)(`faults, ${name}`, () => {
    const cluster = useCluster({}, { auditBodies: true, isSimulated });
    const records: FaultRecord[] = [];
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
      const { page, printed } = await checkPage(records);
      expect(page).toBe(printed);
    });
  });
}
