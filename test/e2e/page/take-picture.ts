import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { type Page } from "playwright-core";
import { openBrowser } from "./browser.ts";

/** What to take a picture of. */
export interface PictureOptions {
  /** An address of the page, such as `http://127.0.0.1:7700/rollout`. */
  readonly url: string;
  /** The one-time code of a login link; or `token`. */
  readonly loginCode?: string;
  readonly token?: string;
  /** The PNG file to write. */
  readonly out: string;
  readonly theme: "light" | "dark";
  /** In pixels of the page. */
  readonly width: number;
  readonly height: number;
  /** Pixels of the picture for each of the page; default 2, for sharp text. */
  readonly scale?: number;
}

/** Signs in, waits until the fleet is shown and live, and writes the picture. Rejects after 30 s without one. */
export async function takePicture(options: PictureOptions): Promise<void> {
  const { url, theme, width, height, out } = options;
  const browser = await openBrowser();
  try {
    const page = await browser.newPage({
      viewport: { width, height },
      deviceScaleFactor: options.scale ?? 2,
      colorScheme: theme,
      reducedMotion: "reduce",
    });
    await signIn(page, options);
    await page.goto(url);
    await page.locator(".liveness.is-live").waitFor();
    await page.locator("main h1, main h2").first().waitFor({
      state: "attached",
    });
    await mkdir(dirname(out), { recursive: true });
    await page.screenshot({ path: out });
  } finally {
    await browser.close();
  }
}

async function signIn(page: Page, options: PictureOptions): Promise<void> {
  const { loginCode, token, url } = options;
  if (loginCode !== undefined) {
    const address = new URL("/login", url);
    address.searchParams.set("code", loginCode);
    await page.goto(address.href);
    await page.locator(".liveness.is-live").waitFor();
  } else if (token !== undefined) {
    await page.goto(new URL("/login", url).href);
    await page.getByLabel("Token").fill(token);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.locator(".liveness.is-live").waitFor();
  }
}
