import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format } from "prettier";
import { expect, it } from "vitest";
import { printDifferencesPage } from "./differences-page.ts";
import { knownDifferences } from "./known-differences.ts";
import { allSequences } from "./sequences/all-sequences.ts";

const page = join(import.meta.dirname, "../../../docs/simulated-cluster.md");

it("docs/simulated-cluster.md lists the known differences and the sequences", async () => {
  const names = Object.values(allSequences)
    .flat()
    .map((each) => each.name);
  const text = await format(printDifferencesPage(knownDifferences, names), {
    parser: "markdown",
  });
  if (process.env["FIDELITY_WRITE"] === "1") await writeFile(page, text);
  expect(await readFile(page, "utf8")).toBe(text);
});
