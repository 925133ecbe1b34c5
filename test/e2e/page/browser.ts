import { fileURLToPath } from "node:url";
import { findChromium } from "@wheelhouse/tools";
import { type Browser, chromium } from "playwright-core";
import { build } from "vite";

const repository = fileURLToPath(new URL("../../../", import.meta.url));

/** No updates, no calls home, no sandbox of its own (a container is one): what a test needs and no more. */
const launchArguments = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Opens the system's Chromium without a window; rejects with the ways to get one. */
export async function openBrowser(): Promise<Browser> {
  const found = await findChromium(process.env);
  if (found.path === undefined) throw new Error(found.message);
  return chromium.launch({
    executablePath: found.path,
    headless: true,
    args: launchArguments,
  });
}

/** Builds the page as it stands into a folder. */
export async function buildPage(outDir: string): Promise<void> {
  await build({
    root: `${repository}apps/web`,
    configFile: `${repository}apps/web/vite.config.ts`,
    build: { outDir, emptyOutDir: true },
    logLevel: "warn",
  });
}

/** Where the pictures go, for a person to look at; git ignores it. */
export const picturesFolder = `${repository}test/e2e/pictures`;
