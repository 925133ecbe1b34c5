import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildPage, openBrowser } from "./browser.ts";
import { type StoryName, stories } from "./fleet-stories.ts";
import { type MockHub, startMockHub } from "./mock-hub.ts";
import {
  findViolations,
  keepPicture,
  openPage,
  sidewaysScroll,
  waitUntilLive,
} from "./pages.ts";

let root: string;
let hub: MockHub;
let browser: Browser;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "wheelhouse-page-"));
  await buildPage(root);
  hub = await startMockHub({ root, fleet: stories.healthy });
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await hub?.stop();
  await rm(root, { recursive: true, force: true });
});

interface Look {
  readonly name: string;
  readonly story: StoryName;
  readonly path: string;
  readonly widths?: readonly number[];
  /** Looked at by axe at this width only: it needs seconds for thousands of elements. */
  readonly axeAt?: number;
}

const looks: readonly Look[] = [
  { name: "fleet", story: "midway", path: "/", widths: [375, 1440, 2560] },
  {
    name: "fleet-large",
    story: "large",
    path: "/",
    widths: [375, 1440, 2560],
    axeAt: 1440,
  },
  { name: "fleet-halted", story: "halted", path: "/" },
  { name: "fleet-unreachable", story: "unreachable", path: "/" },
  { name: "fleet-rejected", story: "rejected", path: "/" },
  // What differs is the words: where they fit on a phone, they fit.
  ...(
    ["returning", "blocked", "refused", "paused", "aborted", "unbegun"] as const
  ).map((story) => ({
    name: `fleet-${story}`,
    story,
    path: "/",
    widths: [375],
  })),
  { name: "empty", story: "empty", path: "/" },
  { name: "rollout", story: "midway", path: "/rollout" },
  { name: "rollout-large", story: "large", path: "/rollout", axeAt: 375 },
  { name: "rollout-halted", story: "halted", path: "/rollout" },
  { name: "rollout-empty", story: "empty", path: "/rollout" },
  { name: "drift", story: "drifting", path: "/drift" },
  { name: "drift-empty", story: "healthy", path: "/drift" },
  { name: "cluster", story: "midway", path: "/?cluster=prod-eu-1" },
  { name: "cluster-halted", story: "halted", path: "/?cluster=staging-1" },
  {
    name: "cluster-drift",
    story: "drifting",
    path: "/drift?cluster=prod-eu-1",
  },
  {
    name: "cluster-repointed",
    story: "unreachable",
    path: "/?cluster=prod-us-1",
  },
  { name: "unknown", story: "healthy", path: "/no/such/page" },
];

const cases = looks.flatMap(({ widths = [375, 1440], ...look }) =>
  (["light", "dark"] as const).flatMap((theme) =>
    widths.map((width) => ({ ...look, theme, width })),
  ),
);

describe("the page", () => {
  it.each(cases)(
    "$name is sound in $theme at $width pixels",
    async ({ name, story, path, theme, width, axeAt = width }) => {
      hub.show(stories[story]);
      const { page, faults } = await openPage(browser, { theme, width });
      await page.goto(hub.url + path);
      await waitUntilLive(page);
      await keepPicture(page, `${name}-${theme}-${width}`);
      expect(await sidewaysScroll(page)).toBe(0);
      const violations = axeAt === width ? await findViolations(page) : [];
      expect(violations).toEqual([]);
      expect(faults).toEqual([]);
      await page.close();
    },
  );
});
