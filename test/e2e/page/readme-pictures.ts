import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser } from "playwright-core";
import {
  type ClusterFactory,
  createSimulatedClusters,
} from "@wheelhouse/local-fleet";
import { type FleetView } from "@wheelhouse/rest-api";
import { openBrowser } from "./browser.ts";
import { waitUntilLive } from "./pages.ts";
import { type RealHub, startRealHub } from "./real-hub.ts";

const repository = fileURLToPath(new URL("../../../", import.meta.url));
const folder = join(repository, "docs/pictures");
const size = { width: 1280, height: 720 };

/** The example fleet's clusters, and some more of their kind: name, region, ring. */
const more = [
  ["prod-ap-1", "ap", "2"],
  ["prod-ap-2", "ap", "2"],
  ["prod-eu-2", "eu", "2"],
  ["prod-us-2", "us", "2"],
] as const;
const clusters = [
  "staging-1",
  "prod-eu-1",
  "prod-us-1",
  ...more.map(([name]) => name),
];
/** Their pods take so long that the picture finds them on the way. */
const slow = ["prod-ap-2", "prod-eu-2"];
const slowMs = 8_000;

/** Every wait is for a condition; this only ends one that never comes. */
const patienceMs = 600_000;

/** The README's pictures: a real hub in the middle of a rollout, in both themes. */
async function takePictures(): Promise<void> {
  const files = mkdtempSync(join(tmpdir(), "wheelhouse-pictures-"));
  let hub: RealHub | undefined;
  let browser: Browser | undefined;
  try {
    writeFleet(files);
    hub = await startRealHub({ files, makeCluster });
    browser = await openBrowser();
    for (const name of clusters) await hub.join(name);
    say("waiting until every cluster runs the first commit");
    await hub.follower.until(
      "the first commit is everywhere",
      isSettled,
      patienceMs,
    );
    await push(hub);
    say("waiting for the middle of a rollout");
    const takers = await Promise.all(
      (["light", "dark"] as const).map((theme) =>
        openTaker(browser as Browser, hub as RealHub, theme),
      ),
    );
    await hub.follower.until("the rollout is midway", isMidway, patienceMs);
    await Promise.all(takers.map((take) => take()));
  } finally {
    await browser?.close();
    await hub?.stop();
    rmSync(files, { recursive: true, force: true });
  }
}

function say(what: string): void {
  process.stdout.write(`… ${what}\n`);
}

function writeFleet(files: string): void {
  cpSync(join(repository, "deploy/example-fleet"), files, { recursive: true });
  for (const [name, region, ring] of more) {
    writeFileSync(
      join(files, `fleet/clusters/${name}.yaml`),
      `apiVersion: fleet.wheelhouse.dev/v1alpha1
kind: Cluster
metadata:
  name: ${name}
  labels: { env: production, region: ${region}, ring: "${ring}" }
spec:
  path: ./clusters/production
  variables: { CLUSTER_NAME: ${name}, ENVIRONMENT: production, REGION: ${region} }
  exposeVariablesAs:
    - { kind: ConfigMap, namespace: flux-system, name: cluster-vars }
`,
    );
  }
}

function makeCluster(directory: string): ClusterFactory {
  const quick = createSimulatedClusters(directory);
  const late = createSimulatedClusters(directory, slowMs);
  return (name) => (slow.includes(name) ? late(name) : quick(name));
}

function isSettled({ clusters: all, rollouts }: FleetView): boolean {
  return (
    all.length === clusters.length &&
    all.every(({ verdict }) => verdict === "Converged") &&
    rollouts[0]?.phase === "Completed"
  );
}

/** The first of the last wave are done, two are on the way, the rest wait. */
function isMidway({ clusters: all }: FleetView): boolean {
  const isOnTheWay = (name: string) =>
    all.some((one) => one.name === name && one.verdict === "Progressing");
  const done = all.find(({ name }) => name === "prod-ap-1")?.assignment;
  const waiting = all.find(({ name }) => name === "prod-us-2")?.assignment;
  return (
    slow.every(isOnTheWay) &&
    done?.confirmed === true &&
    waiting?.commit !== done.commit
  );
}

async function push({ fleet }: RealHub): Promise<void> {
  const part = (name: string, overlay: string) => ({
    file: `apps/webapp/${name}/overlays/${overlay}/kustomization.yaml`,
    from: /newTag: .*?(?=[ }\n])/,
    to: "newTag: 6.9.2",
  });
  await fleet.repo.change("podinfo 6.9.2", [
    ...["staging", "production"].flatMap((overlay) =>
      ["backend", "frontend"].map((name) => part(name, overlay)),
    ),
    {
      file: "fleet/rollouts/default.yaml",
      from: /maxConcurrency: 25%/,
      to: "maxConcurrency: 2\n      maxUnavailable: 2",
    },
  ]);
}

/** Logs in and waits at the page, so that the moment is not missed. */
async function openTaker(
  browser: Browser,
  { fleet }: RealHub,
  theme: "light" | "dark",
): Promise<() => Promise<void>> {
  const page = await browser.newPage({
    viewport: size,
    deviceScaleFactor: 2,
    colorScheme: theme,
    reducedMotion: "reduce",
  });
  await page.goto(new URL("/login", fleet.server).href);
  await page.getByLabel("Token").fill(fleet.token);
  await page.getByRole("button", { name: "Log in" }).click();
  await waitUntilLive(page);
  // Away from the button: a pointer over the matrix would mark a cell.
  await page.mouse.move(0, 0);
  const path = join(folder, `fleet-${theme}.png`);
  return async () => {
    await page
      .getByRole("gridcell", { name: /on prod-eu-2: Progressing/ })
      .first()
      .waitFor();
    await page.screenshot({ path, animations: "disabled" });
    say(`wrote ${path}`);
  };
}

await takePictures();
