import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ESLint } from "eslint";
import tseslint from "typescript-eslint";
import { beforeAll, describe, expect, it } from "vitest";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(here));

/** Which fixture is linted as if it stood where, and what must be said of it. */
const refused = [
  {
    title: "a domain library that imports NestJS",
    fixture: "domain-imports-nest.ts",
    at: "libs/rollout/src/fixture.ts",
    rule: "@nx/enforce-module-boundaries",
    says: "@nestjs/common",
  },
  {
    title: "a domain library that reads the clock",
    fixture: "domain-reads-clock.ts",
    at: "libs/rollout/src/fixture.ts",
    rule: "no-restricted-properties",
    says: "Time is an argument",
  },
  {
    title: "a domain library that reads the clock by new Date()",
    fixture: "domain-reads-clock.ts",
    at: "libs/status/src/fixture.ts",
    rule: "no-restricted-syntax",
    says: "Time is an argument",
  },
  {
    title: "a domain library that throws dice",
    fixture: "domain-reads-clock.ts",
    at: "libs/compile/src/fixture.ts",
    rule: "no-restricted-properties",
    says: "Chance is an argument",
  },
  {
    title: "a domain library that reads files",
    fixture: "domain-reads-files.ts",
    at: "libs/assignment/src/fixture.ts",
    rule: "no-restricted-imports",
    says: "no input or output",
  },
  {
    title: "a domain library that is asynchronous",
    fixture: "domain-is-asynchronous.ts",
    at: "libs/drift/src/fixture.ts",
    rule: "no-restricted-syntax",
    says: "synchronous",
  },
  {
    title: "the hub that imports a spoke's library",
    fixture: "hub-imports-spoke.ts",
    at: "apps/hub/src/fixture.ts",
    rule: "@nx/enforce-module-boundaries",
    says: "scope:hub",
  },
  {
    title: "a shared library that imports a spoke's",
    fixture: "hub-imports-spoke.ts",
    at: "libs/trust/src/fixture.ts",
    rule: "@nx/enforce-module-boundaries",
    says: "scope:shared",
  },
  {
    title: "a deep import by name",
    fixture: "deep-import.ts",
    at: "libs/compile/src/fixture.ts",
    rule: "no-restricted-imports",
    says: "public door",
  },
  {
    title: "a deep import by path",
    fixture: "relative-deep-import.ts",
    at: "libs/compile/src/fixture.ts",
    rule: "@nx/enforce-module-boundaries",
    says: "relative",
  },
  {
    title: "a runtime library that imports an adapter",
    fixture: "runtime-imports-adapter.ts",
    at: "libs/hub-session/src/fixture.ts",
    rule: "@nx/enforce-module-boundaries",
    says: "type:runtime",
  },
  {
    title: "a contract that imports an adapter",
    fixture: "runtime-imports-adapter.ts",
    at: "libs/protocol/src/fixture.ts",
    rule: "@nx/enforce-module-boundaries",
    says: "type:contract",
  },
  {
    title: "an adapter that imports an adapter",
    fixture: "runtime-imports-adapter.ts",
    at: "libs/git-source/src/fixture.ts",
    rule: "@nx/enforce-module-boundaries",
    says: "type:adapter",
  },
  {
    title: "two libraries that import each other",
    fixture: "closes-a-circle.ts",
    at: "libs/kube-object/src/fixture.ts",
    rule: "@nx/enforce-module-boundaries",
    says: "Circular dependency",
  },
  {
    title: "generated messages outside of their library",
    fixture: "imports-generated.ts",
    at: "libs/hub-session/src/fixture.ts",
    rule: "@nx/enforce-module-boundaries",
    says: "relative",
  },
  {
    title: "NestJS outside of the hub's door",
    fixture: "domain-imports-nest.ts",
    at: "apps/hub/src/fleet/fixture.ts",
    rule: "no-restricted-imports",
    says: "apps/hub/src/rest",
  },
  {
    title: "product code that imports a testing library",
    fixture: "product-imports-testing.ts",
    at: "libs/kube-client/src/fixture.ts",
    rule: "@nx/enforce-module-boundaries",
    says: "type:adapter",
  },
] as const;

/** The project's own configuration; only the rules that need types are off, since a fixture belongs to no program. */
const eslint = new ESLint({
  cwd: root,
  overrideConfig: [
    { files: ["**/*.ts"], ...tseslint.configs.disableTypeChecked },
  ] as ESLint.Options["overrideConfig"] & object,
});

async function lintAs(fixture: string, at: string) {
  const text = readFileSync(join(here, "fixtures", fixture), "utf8");
  const [result] = await eslint.lintText(text, { filePath: join(root, at) });
  return (result?.messages ?? []).map(
    ({ ruleId, message }) => `${ruleId}: ${message}`,
  );
}

describe("the boundary rule", () => {
  beforeAll(() => lintAs("deep-import.ts", "libs/compile/src/fixture.ts"));

  it.each(refused)("refuses $title", async ({ fixture, at, rule, says }) => {
    const messages = await lintAs(fixture, at);
    expect(messages).toContainEqual(expect.stringMatching(pattern(rule, says)));
  });

  it("permits the same imports where they belong", async () => {
    const messages = [
      ...(await lintAs("domain-imports-nest.ts", "apps/hub/src/rest/f.ts")),
      ...(await lintAs("hub-imports-spoke.ts", "apps/spoke/src/fixture.ts")),
      ...(await lintAs("runtime-imports-adapter.ts", "apps/cli/src/f.ts")),
    ];
    expect(messages).toEqual([]);
  });
});

function pattern(rule: string, says: string): RegExp {
  const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${literal(rule)}: [^]*${literal(says)}`);
}
