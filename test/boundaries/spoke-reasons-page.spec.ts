import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");

/** The sources of a folder and those below, without specs and without the prune gate, whose reasons have a table of their own. */
function sourcesOf(folder: string): string {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /(?<!\.spec)\.ts$/.test(name))
    .filter((name) => !name.startsWith("prune-"))
    .map((name) => readFileSync(join(root, folder, name), "utf8"))
    .join("\n");
}

it("has every reason for which a spoke holds or cannot apply a bundle in docs/operations.md, and no other", () => {
  const applied = sourcesOf("libs/kube-apply/src");
  const [, names = ""] =
    /const reasonNames[^{]*\{([^}]*)\}/.exec(applied) ?? [];
  const late = sourcesOf("libs/late-values/src");
  const reconciled = sourcesOf("libs/reconcile/src");
  const given = [
    ...names.matchAll(/"(\w+)"/g),
    ...applied.matchAll(/refuse\(\s*"(\w+)"/g),
    ...applied.matchAll(/\breason: "([A-Z]\w+)"/g),
    ...late.matchAll(/\breason: "([A-Z]\w+)"/g),
    ...late.matchAll(/(?:failed|unfinished)\(\s*"([A-Z]\w+)"/g),
    ...late.matchAll(
      /"(MacMismatch|LateVariableInIdentity|InvalidVariable|BuildFailed)"/g,
    ),
    ...reconciled.matchAll(/\breason: "([A-Z]\w+)"/g),
    ...reconciled.matchAll(/"(InvalidExpression|LateVariableInIdentity)"/g),
  ].map(([, reason = ""]) => reason);
  // Events and conditions of their own, which hold nothing.
  const others = new Set([
    ...["Applied", "Failed", "Held", "Adopted", "Pruned", "PruneFailed"],
    ...["ReconciliationSucceeded", "Progressing", "Orphaned", "KindGone"],
  ]);
  const page = readFileSync(join(root, "docs/operations.md"), "utf8");
  const [, section = ""] = page.split("## Why a bundle is held or not applied");
  const [table = ""] = section.split("\n## ");
  const listed = [...table.matchAll(/^\| (`[^|]*`) +\|/gm)].flatMap(
    ([, cell = ""]) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name),
  );
  const expected = new Set(given.filter((reason) => !others.has(reason)));
  expect([...listed].sort()).toEqual([...expected].sort());
});
