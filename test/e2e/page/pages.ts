import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Browser,
  type BrowserContextOptions,
  type Page,
} from "playwright-core";
import { picturesFolder } from "./browser.ts";

const axeSource = readFileSync(
  createRequire(import.meta.url).resolve("axe-core/axe.min.js"),
  "utf8",
);

/** A page under watch, as one kind of visitor sees it. */
export interface WatchedPage {
  readonly page: Page;
  /** Console errors, refusals by the policy, and uncaught exceptions so far. */
  readonly faults: readonly string[];
}

/** How long a page may take on a busy machine; one that works needs a fraction of it. */
export const patienceMs = 120_000;

/** What a browser keeps of a login. */
export type LoggedIn = Exclude<
  BrowserContextOptions["storageState"],
  string | undefined
>;

/** Opens a page of its own context, so that nothing of another test is stored in it. */
export async function openPage(
  browser: Browser,
  look: {
    readonly theme: "light" | "dark";
    readonly width: number;
    readonly height?: number;
    /** The cookies of somebody who is logged in; default nobody. */
    readonly loggedIn?: LoggedIn;
  },
): Promise<WatchedPage> {
  const page = await browser.newPage({
    ...(look.loggedIn === undefined ? {} : { storageState: look.loggedIn }),
    viewport: { width: look.width, height: look.height ?? 900 },
    colorScheme: look.theme,
    reducedMotion: "reduce",
  });
  page.setDefaultTimeout(patienceMs);
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  return { page, faults };
}

/** Waits until the fleet is shown and the stream is up. */
export async function waitUntilLive(page: Page): Promise<void> {
  await page.locator(".liveness.is-live").waitFor();
}

interface AxeViolation {
  readonly id: string;
  readonly nodes: readonly {
    readonly html: string;
    readonly failureSummary?: string;
  }[];
}

/** What axe finds wrong with the page as it stands, in words; an evaluation is not subject to the page's policy. */
export async function findViolations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axeSource);
  const violations = await page.evaluate<readonly AxeViolation[]>(
    "axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ id, nodes }) => ({ id, nodes })))",
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ html, failureSummary }) => `${id}: ${failureSummary}: ${html}`,
    ),
  );
}

/** How many pixels the page is wider than its window. */
export async function sidewaysScroll(page: Page): Promise<number> {
  return page.evaluate<number>(
    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
  );
}

/** Puts a picture beside the others, to be looked at. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  await page.screenshot({
    path: join(picturesFolder, `${name}.png`),
    animations: "disabled",
  });
}
