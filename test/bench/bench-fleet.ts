import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type ClusterFactory,
  type FleetFollower,
  type LocalFleet,
  followFleet,
  startLocalFleet,
} from "@wheelhouse/local-fleet";
import { type FleetView, type JoinView } from "@wheelhouse/rest-api";
import { bundleFile, bundleManifest, writeFleetFiles } from "./fleet-files.ts";

/** The checkout, seen from the built bench (`test/dist`). */
export const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** A running fleet with everything applied, and a way to change it. */
export interface BenchFleet {
  readonly fleet: LocalFleet;
  readonly follower: FleetFollower;
  /** Commits a new version of some bundles; resolves to the seconds until the last of them is Ready everywhere. */
  commit(bundles: readonly number[]): Promise<number>;
}

/** What a bench's fleet is made of. */
export interface BenchFleetOptions {
  readonly clusters: number;
  readonly bundles: number;
  readonly makeCluster: (directory: string) => Promise<ClusterFactory>;
  /** Changes where a spoke dials, for instance to a proxy that counts. */
  readonly redirect?: (invitation: JoinView) => JoinView;
}

const settleMs = 300_000;

/** Runs a fleet for as long as `use` takes, from the first commit applied; everything is stopped and removed after. */
export async function withBenchFleet<T>(
  options: BenchFleetOptions,
  use: (bench: BenchFleet) => Promise<T>,
): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "wheelhouse-bench-"));
  const files = join(directory, "files");
  const names = Array.from({ length: options.clusters }, (_, i) => `c-${i}`);
  mkdirSync(files);
  writeFleetFiles(files, { clusters: names, bundles: options.bundles });
  let fleet: LocalFleet | undefined;
  let follower: FleetFollower | undefined;
  try {
    fleet = await startLocalFleet({
      directory,
      files,
      makeCluster: await options.makeCluster(directory),
      programs: {
        hub: join(root, "apps/hub/dist/main.js"),
        spoke: join(root, "apps/spoke/dist/spoke.js"),
      },
    });
    follower = followFleet(fleet.client);
    const redirect = options.redirect ?? ((invitation: JoinView) => invitation);
    for (const name of names) {
      await fleet.startCluster(
        redirect(await fleet.client.addCluster({ name })),
      );
    }
    await follower.until("the first commit is Ready", isSettled, settleMs);
    return await use(createBench(fleet, follower));
  } catch (error) {
    process.stderr.write(`${fleet?.logs() ?? ""}\n`);
    throw error;
  } finally {
    follower?.stop();
    await fleet?.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

function createBench(fleet: LocalFleet, follower: FleetFollower): BenchFleet {
  let version = 1;
  return {
    fleet,
    follower,
    commit: async (bundles) => {
      version += 1;
      const before = version - 1;
      const commit = await fleet.repo.change(
        `version ${version}`,
        bundles.map((bundle) => ({
          file: bundleFile(bundle),
          from: /[^]*/,
          to: bundleManifest(bundle, version),
        })),
      );
      const began = process.hrtime.bigint();
      await fleet.client.reconcile({});
      await follower.until(
        `version ${version} after ${before} is Ready`,
        (view) =>
          isSettled(view) &&
          view.clusters.every(
            ({ assignment }) => assignment?.commit === commit,
          ),
        settleMs,
      );
      return Number(process.hrtime.bigint() - began) / 1e9;
    },
  };
}

function isSettled(view: FleetView): boolean {
  return (
    view.clusters.length > 0 &&
    view.clusters.every(
      ({ verdict, assignment }) =>
        verdict === "Converged" && assignment?.ready === true,
    )
  );
}

/** The middle of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

/** Writes manifests of bundles into one file for kubectl. */
export function writeManifests(
  path: string,
  bundles: number,
  version: number,
): void {
  const texts = Array.from({ length: bundles }, (_, bundle) =>
    bundleManifest(bundle, version),
  );
  writeFileSync(path, texts.join("---\n"));
}
