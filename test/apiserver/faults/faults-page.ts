import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format } from "prettier";
import { type FaultRecord } from "./fault-run.ts";
import { fixtures } from "./fixtures.ts";
import { type Death } from "./kill-run.ts";
import { writeKinds } from "./write-kinds.ts";

const path = join(import.meta.dirname, "../../../docs/faults.md");

/** The page as it stands and as the records would have it; written anew where FAULTS_WRITE is 1. */
export async function checkPage(
  records: readonly FaultRecord[],
  deaths: ReadonlyMap<string, readonly Death[]>,
): Promise<{ readonly page: string; readonly printed: string }> {
  const printed = await format(printFaultsPage(records, deaths), {
    parser: "markdown",
  });
  if (process.env["FAULTS_WRITE"] === "1") await writeFile(path, printed);
  return { page: await readFile(path, "utf8"), printed };
}

const words = { converged: "converged", "not met": "—" } as const;

/** The table fault × fixture × result, and what was checked after each. */
function printFaultsPage(
  records: readonly FaultRecord[],
  deaths: ReadonlyMap<string, readonly Death[]>,
): string {
  const faults = [...new Set(records.map(({ fault }) => fault))];
  const rows = faults.map((fault) => {
    const of = records.filter((record) => record.fault === fault);
    const cells = fixtures.map(({ name }) => {
      const record = of.find(({ fixture }) => fixture === name);
      return record === undefined ? "" : words[record.result];
    });
    return `| ${[fault, ...cells].join(" | ")} |`;
  });
  const names = fixtures.map(({ name }) => name);
  return [
    "# Faults",
    "",
    "<!-- Generated from test/apiserver/faults; `FAULTS_WRITE=1 npx vitest run -c vitest.apiserver.config.ts test/apiserver/faults/real.spec.ts` writes it anew. -->",
    "",
    "What stands between a spoke and its API server fails in these ways while the spoke is at work: a proxy does the damage, or",
    "the spoke is killed at a named place and another starts. Each fault meets three pieces of work, on a real kube-apiserver",
    "and on the simulated cluster, with the same results, or the suite fails. `converged`: the fault struck, nothing of the list",
    "below was broken, and once it ceased the cluster came to what it should be, without anybody's doing. `—`: that piece of work makes",
    "no request that the fault would strike.",
    "",
    `| Fault | ${names.join(" | ")} |`,
    `| --- | ${names.map(() => "---").join(" | ")} |`,
    ...rows,
    "",
    ...printKills(deaths),
    "",
    "## What is checked after every one",
    "",
    "By one checker (`libs/testing/src/spoke-invariants.ts`) that reads the server's own audit log, with bodies, and asks the spoke nothing:",
    "",
    "- **S3** a deletion is of an object in the durable inventory, by uid and resourceVersion, whose live owner is the bundle that the inventory names, that no bundle of the assignment has, and whose kind is not protected;",
    "- **S4** when it is sent, all that it follows from has been applied: its bundle, every bundle that takes something of it over, and, for a bundle that left, everything;",
    "- **S5** the acknowledged assignment never goes back, and nothing is applied as an older one had it;",
    "- **S9** with nothing to do, a reconcile writes nothing;",
    "- **S10** with no hub there, every write is of what the acknowledged assignment has;",
    "- **S11** all this holds with two spokes at work;",
    "- **S17** an object changes its owner at most once for an assignment, and never to or from another fleet;",
    "- **S18** a forced apply names the version that was judged, and takes no field from another manager that a spoke had not owned before;",
    "- **S21** an object is in the inventory before it is applied, and in the end inventory, marked objects and assignment are the same set.",
    "",
  ].join("\n");
}

/** Which kinds of writes a spoke was killed at, in which pieces of work. */
function printKills(
  deaths: ReadonlyMap<string, readonly Death[]>,
): readonly string[] {
  const pieces = [...deaths.keys()];
  const rows = writeKinds.map(({ name }) => {
    const numbers = pieces.flatMap((piece, index) =>
      deaths.get(piece)?.some(({ kinds }) => kinds.includes(name)) === true
        ? [index + 1]
        : [],
    );
    return `| ${name} | ${numbers.join(", ")} |`;
  });
  return [
    "## Killed at each write",
    "",
    "A proxy sees every write of a spoke: creations, updates, patches and deletions, dry runs and Events aside. In each piece of work",
    "the spoke is killed at every single one: once just before the server has it, and once just after the server did it and before",
    "the answer comes back. Another starts each time and goes on, until one is through; what is checked is the same, and it converged",
    "in every piece. A write of a kind that is not in this table fails the suite, and so does a kind at which no spoke was killed.",
    "",
    ...pieces.map((piece, index) => `${index + 1}. ${piece}`),
    "",
    "| Killed before and after | in piece |",
    "| --- | --- |",
    ...rows,
  ];
}
