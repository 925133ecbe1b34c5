import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { findChromium } from "@wheelhouse/tools";
import { type Browser, chromium } from "playwright-core";

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

/** Builds the page as it stands into a folder, in a process of its own: a test runner's NODE_ENV would bring React's development build. */
export async function buildPage(outDir: string): Promise<void> {
  await promisify(execFile)(
    process.execPath,
    [
      `${repository}node_modules/vite/bin/vite.js`,
      "build",
      `${repository}apps/web`,
      "--outDir",
      outDir,
      "--emptyOutDir",
      "--logLevel",
      "warn",
    ],
    { env: { ...process.env, NODE_ENV: "production" } },
  );
}

/** Where the pictures go, for a person to look at; git ignores it. */
export const picturesFolder = `${repository}test/e2e/pictures`;
