import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { approvalOf } from "@wheelhouse/rest-api";
import { buildPage, openBrowser } from "./browser.ts";
import { stories } from "./fleet-stories.ts";
import { type MockHub, startMockHub, validLogin } from "./mock-hub.ts";
import {
  findViolations,
  keepPicture,
  openPage,
  type WatchedPage,
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

beforeEach(() => {
  hub.show(stories.midway);
  hub.logIn("admin");
});

/** Opens the page, and closes it with the test, that must have left no fault. */
async function visit(
  path: string,
  act: (page: Page, watched: WatchedPage) => Promise<void>,
): Promise<readonly string[]> {
  const watched = await openPage(browser, { theme: "light", width: 1440 });
  try {
    await watched.page.goto(hub.url + path);
    await act(watched.page, watched);
    return watched.faults;
  } finally {
    await watched.page.close();
  }
}

const frontendCell = (page: Page) =>
  page.getByRole("gridcell", { name: /^webapp-frontend on prod-eu-1/ });

describe("live", () => {
  it("changes a cell as the hub's view changes, without a reload", async () => {
    const faults = await visit("/", async (page) => {
      await waitUntilLive(page);
      await frontendCell(page).getByText("2/3").waitFor();
      hub.show(stories.healthy);
      await page
        .getByRole("gridcell", {
          name: /^webapp-frontend on prod-eu-1: Converged/,
        })
        .waitFor();
    });
    expect(faults).toEqual([]);
  });

  it("keeps what it has while the hub restarts, says so, and recovers", async () => {
    await visit("/", async (page) => {
      await waitUntilLive(page);
      await hub.stop();
      await page.getByText("The hub does not answer.").waitFor();
      await frontendCell(page).waitFor();
      await keepPicture(page, "hub-restarting-light-1440");
      expect(await findViolations(page)).toEqual([]);
      await hub.restart();
      hub.show(stories.healthy);
      await waitUntilLive(page);
      await page.getByText("The hub does not answer.").waitFor({
        state: "detached",
      });
      await page.getByText("every wave is done").waitFor();
    });
  });

  it("says after an undo what the fleet runs, and that the newest commit was rejected", async () => {
    hub.show(stories.rejected);
    const faults = await visit("/", async (page) => {
      await waitUntilLive(page);
      const summary = page.getByRole("region", {
        name: "Revision, clusters and rollout",
      });
      const revision = await summary.locator(".revision").innerText();
      expect(revision).toMatch(
        /^Revision\n+podinfo 6\.9\.1\n[^]*rejected [0-9a-f]{8} podinfo 6\.10\.0-bad$/,
      );
      const strip = await summary.locator(".strip-text").innerText();
      expect(strip).toMatch(
        /^Completed stays at [0-9a-f]{8}, since [0-9a-f]{8} was rejected/,
      );
    });
    expect(faults).toEqual([]);
  });

  it("draws only the rows in view of a large fleet, and those further down on the way", async () => {
    hub.show(stories.large);
    const faults = await visit("/", async (page) => {
      await waitUntilLive(page);
      const rows = page.locator(".matrix-row.is-cluster");
      expect(await rows.count()).toBeLessThan(60);
      await page.evaluate("document.querySelector('.matrix').scrollTo(0, 1e6)");
      await page.getByText("edge-us-500", { exact: true }).waitFor();
      expect(await rows.count()).toBeLessThan(60);
    });
    expect(faults).toEqual([]);
  });
});

describe("the keyboard", () => {
  it("filters, moves in the matrix, opens a cluster, and comes back", async () => {
    const faults = await visit("/", async (page) => {
      await waitUntilLive(page);
      await page.keyboard.press("/");
      await page.keyboard.type("prod-eu");
      await page.getByText("1 of 3 clusters").waitFor();
      expect(page.url()).toContain("q=prod-eu");
      await page.keyboard.press("Escape");
      await page.getByText("1 of 3 clusters").waitFor({ state: "detached" });

      await page.locator("[role=rowheader][tabindex='0']").focus();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("End");
      await page.locator(".tip").getByText("webapp-frontend on").waitFor();
      await page.keyboard.press("Enter");
      const panel = page.getByRole("region", {
        name: "Cluster prod-eu-1",
      });
      await panel.getByText("Available: 1/2").waitFor();
      expect(page.url()).toContain("cluster=prod-eu-1");
      await page.keyboard.press("Escape");
      await panel.waitFor({ state: "detached" });
      await page.keyboard.press("ArrowUp");
      await page.locator(".tip").getByText("on staging-1").waitFor();
    });
    expect(faults).toEqual([]);
  });

  it("lists itself, and goes from view to view", async () => {
    const faults = await visit("/", async (page) => {
      await waitUntilLive(page);
      await page.keyboard.press("?");
      const dialog = page.getByRole("dialog", { name: "Keys" });
      await dialog.waitFor();
      expect(await findViolations(page)).toEqual([]);
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
      await page.keyboard.press("2");
      await page.getByRole("region", { name: "Wave canary" }).waitFor();
      await page.goBack();
      await page.getByRole("grid").waitFor();
    });
    expect(faults).toEqual([]);
  });
});

describe("a person", () => {
  it("approves a wave after a question, by a request that no foreign page can make", async () => {
    const faults = await visit("/rollout", async (page) => {
      await waitUntilLive(page);
      await page.getByRole("button", { name: "Approve" }).click();
      const dialog = page.getByRole("dialog");
      await keepPicture(page, "approve-light-1440");
      expect(await findViolations(page)).toEqual([]);
      await dialog.getByRole("button", { name: "Approve" }).click();
      await dialog.waitFor({ state: "detached" });
    });
    expect(hub.posts.at(-1)).toEqual({
      path: "/api/v1/rollouts/default/approve",
      body: { wave: "production", generation: 4 },
      isOurs: true,
    });
    expect(faults).toEqual([]);
  });

  it("decides on what was seen: on another rollout by now the hub refuses, and the page says so", async () => {
    await visit("/rollout", async (page) => {
      await waitUntilLive(page);
      await page.getByRole("button", { name: "Abort" }).click();
      const dialog = page.getByRole("dialog");
      const [rollout] = stories.midway.rollouts;
      if (rollout === undefined) throw new Error("midway has no rollout");
      const subject = "podinfo 6.9.3";
      hub.show({
        ...stories.midway,
        rollouts: [
          {
            ...rollout,
            generation: rollout.generation + 1,
            revision: { ...rollout.revision, subject },
          },
        ],
      });
      await page.getByRole("heading", { name: subject }).waitFor();
      await dialog.getByRole("button", { name: "Abort" }).click();
      await dialog
        .getByText("changed meanwhile: the rollout is at generation 5, not 4")
        .waitFor();
      await keepPicture(page, "changed-meanwhile-light-1440");
      expect(await findViolations(page)).toEqual([]);
      await dialog.getByRole("button", { name: "Close" }).click();
      await dialog.waitFor({ state: "detached" });
    });
    expect(hub.posts.at(-1)?.body).toEqual({ generation: 4 });
  });

  it("approves the deletions that were listed, and none that came since", async () => {
    hub.show(stories.drifting);
    const [held] = stories.drifting.prunes;
    if (held === undefined) throw new Error("nothing is held");
    const faults = await visit("/drift", async (page) => {
      await waitUntilLive(page);
      await page.getByRole("button", { name: /^Approve 1 deletion/ }).click();
      const dialog = page.getByRole("dialog");
      const later = { ...held, object: { ...held.object, name: "later" } };
      hub.show({ ...stories.drifting, prunes: [held, later] });
      await page.getByText("later", { exact: false }).first().waitFor();
      await keepPicture(page, "approve-deletions-light-1440");
      expect(await findViolations(page)).toEqual([]);
      await dialog.getByRole("button", { name: "Approve 1 deletion" }).click();
      await dialog.waitFor({ state: "detached" });
    });
    expect(hub.posts.at(-1)).toEqual({
      path: "/api/v1/prunes/approve",
      body: approvalOf([held]),
      isOurs: true,
    });
    expect(faults).toEqual([]);
  });

  it("who only reads sees why the buttons are shut", async () => {
    hub.logIn("viewer");
    const faults = await visit("/rollout", async (page) => {
      await waitUntilLive(page);
      const approve = page.getByRole("button", { name: "Approve" });
      expect(await approve.isDisabled()).toBe(true);
      await page.getByText("an operator may do this").first().waitFor();
    });
    expect(faults).toEqual([]);
  });

  it("logs in with a link that works once, and the code leaves the address", async () => {
    hub.logIn(null);
    await visit(`/login?code=${validLogin.code}`, async (page) => {
      await waitUntilLive(page);
      expect(new URL(page.url()).search).toBe("");
      expect(new URL(page.url()).pathname).toBe("/");
    });
  });

  it("logs in with a token, and is told when it is none", async () => {
    hub.logIn(null);
    await visit("/drift", async (page) => {
      await page.getByLabel("Token").fill("wrong");
      await page.getByRole("button", { name: "Log in" }).click();
      await page.getByText("the code was used, or is too old").waitFor();
      await keepPicture(page, "login-light-1440");
      expect(await findViolations(page)).toEqual([]);
      await page.getByLabel("Token").fill(validLogin.token);
      await page.getByRole("button", { name: "Log in" }).click();
      await waitUntilLive(page);
      await page.getByRole("heading", { name: "Drift" }).waitFor();
    });
  });

  it("chooses a theme that the next visit starts with", async () => {
    const faults = await visit("/", async (page) => {
      await waitUntilLive(page);
      await page.getByRole("button", { name: "Theme: system" }).click();
      await page.getByRole("button", { name: "Theme: light" }).click();
      await page.reload();
      await waitUntilLive(page);
      const theme = await page.evaluate<string>(
        "document.documentElement.dataset.theme",
      );
      expect(theme).toBe("dark");
      const ground = await page.evaluate<string>(
        "getComputedStyle(document.body).backgroundColor",
      );
      expect(ground).toBe("rgb(15, 18, 22)");
    });
    expect(faults).toEqual([]);
  });
});

describe("a narrow window", () => {
  it("opens a cluster at its top, however far the fleet was scrolled", async () => {
    const look = { theme: "light", width: 390, height: 500 } as const;
    const { page, faults } = await openPage(browser, look);
    await page.goto(hub.url);
    await waitUntilLive(page);
    await page.evaluate("scrollTo(0, 1e6)");
    await page.getByRole("rowheader", { name: /^prod-us-1/ }).click();
    await page.getByRole("heading", { name: "prod-us-1" }).waitFor();
    expect(await edge(page, ".panel-head h1", "top")).toBeGreaterThan(
      await edge(page, ".header", "bottom"),
    );
    await keepPicture(page, "cluster-after-scrolling-light-390");
    expect(faults).toEqual([]);
    await page.close();
  });

  it("keeps every column beside the panel, head and cells alike", async () => {
    const look = { theme: "light", width: 1280 } as const;
    const { page, faults } = await openPage(browser, look);
    await page.goto(`${hub.url}/?cluster=prod-us-1`);
    await waitUntilLive(page);
    const right = (what: string) => edge(page, what, "right");
    const head = await right(".matrix-column:last-child");
    expect(head).toBe(await right(".matrix-row.is-cluster > :last-child"));
    expect(head).toBeLessThanOrEqual(await right(".matrix"));
    await keepPicture(page, "cluster-light-1280");
    expect(faults).toEqual([]);
    await page.close();
  });
});

/** Where the first that fits a selector ends, in the window's pixels. */
const edge = (page: Page, selector: string, side: "top" | "bottom" | "right") =>
  page.evaluate<number>(
    `Math.round(document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect().${side})`,
  );

describe("what others wrote", () => {
  it("is shown as text, whatever it says", async () => {
    hub.show(stories.drifting);
    const faults = await visit("/drift", async (page) => {
      await waitUntilLive(page);
      await page.getByText("<img src=x onerror=alert(1)>").first().waitFor();
      expect(await page.locator("main img").count()).toBe(0);
    });
    expect(faults).toEqual([]);
  });
});
