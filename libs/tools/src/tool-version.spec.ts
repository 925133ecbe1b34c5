import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pinnedTools } from "./pinned-tools.ts";
import { isFittingVersion, parseToolVersion } from "./tool-version.ts";

const plain = { isPrerelease: false };

describe("the version that a tool prints", () => {
  it.each([
    ["v5.8.1\n", { ...plain, major: 5, minor: 8, patch: 1 }],
    [
      "etcd Version: 3.6.8\nGo Version: go1.26.8",
      { ...plain, major: 3, minor: 6, patch: 8 },
    ],
    ["Kubernetes v1.36.3", { ...plain, major: 1, minor: 36, patch: 3 }],
    [
      '{"clientVersion": {"major": "1", "gitVersion": "v1.36.9-gke.1"}, "kustomizeVersion": "v5.8.1"}',
      { ...plain, major: 1, minor: 36, patch: 9 },
    ],
    ["v1.36.0-rc.1", { isPrerelease: true, major: 1, minor: 36, patch: 0 }],
    ["v1.36.2+k3s1", { ...plain, major: 1, minor: 36, patch: 2 }],
  ])("is read from %j", (output, version) => {
    expect(parseToolVersion(output)).toEqual(version);
  });

  it("is absent where nothing looks like one", () => {
    expect(parseToolVersion("unknown command")).toBeUndefined();
  });

  it("is read back from every pinned tool", () => {
    for (const { version } of Object.values(pinnedTools)) {
      const found = parseToolVersion(`tool v${version} linux/amd64`);
      expect(`${found?.major}.${found?.minor}.${found?.patch}`).toBe(version);
    }
  });
});

describe("a fitting version", () => {
  const fits = (rule: "minor" | "minor-or-newer", found: string) => {
    const parsed = parseToolVersion(found);
    return (
      parsed !== undefined &&
      isFittingVersion({ version: "3.6.8", fits: rule }, parsed)
    );
  };

  it.each([
    ["minor", "3.6.0", true],
    ["minor", "3.6.99", true],
    ["minor", "3.5.9", false],
    ["minor", "3.7.0", false],
    ["minor-or-newer", "3.7.0", true],
    ["minor-or-newer", "3.6.0", true],
    ["minor-or-newer", "3.5.9", false],
    ["minor-or-newer", "4.6.8", false],
    ["minor-or-newer", "3.8.0-alpha.1", false],
  ] as const)("by the rule %s: %s is %s", (rule, found, expected) => {
    expect(fits(rule, found)).toBe(expected);
  });

  it("never depends on the patch", () => {
    fc.assert(
      fc.property(
        fc.nat(99),
        fc.nat(99),
        fc.nat(999),
        (major, minor, patch) => {
          const at = (p: number) => ({ ...plain, major, minor, patch: p });
          const rule = { version: "3.6.8", fits: "minor" } as const;
          return (
            isFittingVersion(rule, at(patch)) === isFittingVersion(rule, at(0))
          );
        },
      ),
    );
  });
});
