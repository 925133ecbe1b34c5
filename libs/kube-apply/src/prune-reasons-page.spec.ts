import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";

const here = import.meta.dirname;

it("has every reason of the prune gate to hold a deletion, and no other, in docs/operations.md", async () => {
  const names = (await readdir(here)).filter((name) =>
    /^prune-.*(?<!\.spec)\.ts$/.test(name),
  );
  const sources = await Promise.all(
    names.map((name) => readFile(join(here, name), "utf8")),
  );
  const held = [...sources.join("\n").matchAll(/\bhold\(\s*"(\w+)"/g)];
  const page = await readFile(
    join(here, "../../../docs/operations.md"),
    "utf8",
  );
  const [, section = ""] = page.split("## Held deletions");
  const [table = ""] = section.split("\n## ");
  const listed = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
  const refused = "PruneFailed";
  expect([...listed].sort()).toEqual(
    [...new Set(held.map(([, name]) => name)), refused].sort(),
  );
});
