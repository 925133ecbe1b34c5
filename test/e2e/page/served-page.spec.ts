import { type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "./browser.ts";
import {
  type LoggedIn,
  findViolations,
  keepPicture,
  openPage,
  patienceMs,
  sidewaysScroll,
  waitUntilLive,
} from "./pages.ts";
import { type RealHub, startRealHub } from "./real-hub.ts";

let hub: RealHub;
let browser: Browser;
let link: string;
let loggedIn: LoggedIn;

beforeAll(async () => {
  hub = await startRealHub({});
  await hub.join("staging-1");
  browser = await openBrowser();
  link = hub.fleet.loginLink();
  const { page, faults } = await openPage(browser, {
    theme: "light",
    width: 1440,
  });
  await page.goto(link);
  await waitUntilLive(page);
  loggedIn = await page.context().storageState();
  expect(faults).toEqual([]);
  expect(new URL(page.url()).search).toBe("");
  await page.close();
});

afterAll(async () => {
  await browser?.close();
  await hub?.stop();
});

const wide = () => openPage(browser, { theme: "light", width: 1440, loggedIn });

const row = (page: Page, cluster: string) =>
  page.getByRole("rowheader", { name: new RegExp(`^${cluster}\\b`) });

describe("the page that the hub serves", () => {
  it("lets nobody in by a login link that was used", async () => {
    const { page } = await openPage(browser, { theme: "light", width: 1440 });
    await page.goto(link);
    await page.getByText("not logged in").waitFor();
    await page.getByLabel("Token").waitFor();
    expect(await page.context().cookies()).toEqual([]);
    await page.close();
  });

  it("opens for who is logged in, also by a link that was used", async () => {
    const { page } = await wide();
    await page.goto(link);
    await waitUntilLive(page);
    await page.close();
  });

  it("runs under a policy that stops what is not of the hub", async () => {
    const { page, faults } = await wide();
    const answer = await page.goto(hub.fleet.server);
    const policy = answer?.headers()["content-security-policy"] ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain("unsafe");
    await waitUntilLive(page);
    expect(faults).toEqual([]);
    await page.evaluate(
      "document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.wasRun = true' }))",
    );
    await expect
      .poll(() => faults.join(), { timeout: patienceMs })
      .toContain("Content Security Policy");
    expect(await page.evaluate("window.wasRun")).toBeUndefined();
    await page.close();
  });

  it("shows a cluster that joins, and how it comes up, without a reload", async () => {
    const { page, faults } = await wide();
    await page.goto(hub.fleet.server);
    await waitUntilLive(page);
    await page.evaluate("window.isSamePage = true");
    await hub.join("prod-eu-1");
    await row(page, "prod-eu-1").waitFor();
    const converged = page.getByRole("gridcell", {
      name: /^webapp-frontend on prod-eu-1: Converged/,
    });
    await converged.waitFor();
    expect(await page.evaluate("window.isSamePage")).toBe(true);
    expect(faults).toEqual([]);
    await page.close();
  });

  it("carries a person's decision to the hub, and shows what came of it", async () => {
    const { page, faults } = await wide();
    await page.goto(`${hub.fleet.server}/?cluster=staging-1`);
    const panel = page.getByRole("region", { name: "Cluster staging-1" });
    for (const [act, next] of [
      ["Suspend", "Resume"],
      ["Resume", "Suspend"],
    ] as const) {
      await panel.getByRole("button", { name: act }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByRole("button", { name: act }).click();
      await panel.getByRole("button", { name: next }).waitFor();
      await dialog.waitFor({ state: "detached" });
    }
    const decided = (await hub.fleet.client.audit())
      .filter(({ action }) => /^(Suspended|Resumed)$/.test(action))
      .map(({ actor, action, subject }) => `${actor} ${action} ${subject}`);
    expect(decided).toEqual([
      expect.stringMatching(/^admin Resumed .*staging-1/),
      expect.stringMatching(/^admin Suspended .*staging-1/),
    ]);
    expect(faults).toEqual([]);
    await page.close();
  });
});

const looks = (["light", "dark"] as const).flatMap((theme) =>
  [375, 1440].flatMap((width) =>
    ["/", "/rollout", "/drift", "/?cluster=staging-1"].map((path) => ({
      theme,
      width,
      path,
    })),
  ),
);

describe("every view of a real hub", () => {
  it.each(looks)(
    "$path is sound in $theme at $width pixels",
    async ({ theme, width, path }) => {
      const { page, faults } = await openPage(browser, {
        theme,
        width,
        loggedIn,
      });
      await page.goto(hub.fleet.server + path);
      await waitUntilLive(page);
      const name = path.replace(/\W+/g, "-").replace(/^-$/, "-fleet");
      await keepPicture(page, `real${name}-${theme}-${width}`);
      expect(await sidewaysScroll(page)).toBe(0);
      expect(await findViolations(page)).toEqual([]);
      expect(faults).toEqual([]);
      await page.close();
    },
  );
});

describe("while the hub is gone", () => {
  it("keeps what it has, says how old it is, and is live again with the same login", async () => {
    const { page } = await wide();
    await page.goto(hub.fleet.server);
    await waitUntilLive(page);
    await hub.fleet.killHub();
    const banner = page.getByRole("alert");
    await banner.getByText(/What you see is \d+s old/).waitFor();
    await row(page, "staging-1").waitFor();
    await hub.fleet.startHub();
    await banner.waitFor({ state: "detached" });
    await page.locator(".liveness.is-live").waitFor();
    await page.close();
  });
});
