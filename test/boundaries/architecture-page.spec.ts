import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
const page = readFileSync(path.join(root, "docs/architecture.md"), "utf8");

describe("docs/architecture.md", () => {
  it("names files and functions of every hop that are there", () => {
    const hops = [...page.matchAll(/^\| \d+ +\| `(\S+)` +\| `(\w+)`/gm)];
    expect(hops.length).toBeGreaterThan(20);
    const absent = hops
      .map(([, file = "", symbol = ""]) => ({ file, symbol }))
      .filter(({ file, symbol }) => {
        const place = path.join(root, file);
        if (!existsSync(place)) return true;
        const defined = new RegExp(`(?:class |[ .])${symbol}(?:<|\\(| )`);
        return !defined.test(readFileSync(place, "utf8"));
      });
    expect(absent).toEqual([]);
  });

  it("has every library in one line", () => {
    const there = readdirSync(path.join(root, "libs")).filter((name) =>
      existsSync(path.join(root, "libs", name, "src/index.ts")),
    );
    const [, section = ""] = page.split("## The libraries");
    const listed = [...section.matchAll(/^\| `([\w-]+)`/gm)];
    expect(listed.map(([, name]) => name).sort()).toEqual(there.sort());
  });
});
