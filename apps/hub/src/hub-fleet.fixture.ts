import { execFileSync } from "node:child_process";
import { type ClusterView, type FleetView } from "@wheelhouse/rest-api";
import {
  type FakeSpoke,
  type FakeSpokeOptions,
  type TestRepository,
  createTestRepository,
  startFakeSpoke,
  waitUntil,
} from "@wheelhouse/testing";
import { afterEach, beforeEach } from "vitest";
import { HubUnderTest } from "./hub-under-test.ts";

/** A wave of the clusters whose label `env` is its name. */
export const waveOf = (name: string, more: readonly string[] = []) =>
  [
    `    - name: ${name}`,
    `      clusterSelector: { matchLabels: { env: ${name} } }`,
    ...more.map((line) => `      ${line}`),
  ].join("\n");

/** The Rollout of the fleet. */
export const rollout = (
  ...waves: readonly string[]
) => `apiVersion: fleet.wheelhouse.dev/v1alpha1
kind: Rollout
metadata: { name: default }
spec:
  minReady: 0s
  waves:
${waves.join("\n")}
`;

/** A Cluster of an environment. */
export const cluster = (
  name: string,
  env: string,
) => `apiVersion: fleet.wheelhouse.dev/v1alpha1
kind: Cluster
metadata: { name: ${name}, labels: { env: ${env} } }
spec: { path: ./clusters/all }
`;

/** A Kustomization of an app. */
export const kustomization = (
  name: string,
  dependsOn = "",
) => `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: ${name}, namespace: flux-system }
spec:
  path: ./apps/${name}
  interval: 10m
  prune: true
  wait: true
  sourceRef: { kind: GitRepository, name: flux-system }
${dependsOn}`;

/** A ConfigMap with one value. */
export const configMap = (name: string, value: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name}, namespace: default }\ndata: { value: "${value}" }\n`;

/** A fleet of one cluster in staging and one in production, with one app. */
export const files = {
  "fleet/clusters/staging-1.yaml": cluster("staging-1", "staging"),
  "fleet/clusters/prod-eu-1.yaml": cluster("prod-eu-1", "production"),
  "fleet/rollouts/default.yaml": rollout(
    waveOf("staging"),
    waveOf("production"),
  ),
  "clusters/all/web.yaml": kustomization("web"),
  "apps/web/web.yaml": configMap("web", "1"),
};

/** The hub of the test that runs. */
export let underTest: HubUnderTest;
/** The fleet repo that it follows. */
export let repo: TestRepository;
/** The spokes that joined it; they stop when the test ends. */
export let spokes: FakeSpoke[];

/** A hub without a commit, made anew for each test of a file. */
export function useHub(): void {
  beforeEach(async () => {
    underTest = new HubUnderTest();
    repo = createTestRepository(underTest.repo);
    spokes = [];
    await underTest.init();
  });

  afterEach(async () => {
    spokes.forEach((spoke) => spoke.stop());
    await underTest.discard();
  });
}

/** The fleet as the hub shows it. */
export const fleet = () => underTest.client().fleet();

/** Waits until the fleet is as asked for, and gives the view. */
export async function until(
  what: string,
  condition: (view: FleetView) => boolean,
): Promise<FleetView> {
  let view: FleetView | undefined;
  await waitUntil(
    what,
    async () => {
      view = await fleet();
      return condition(view);
    },
    15_000,
  );
  return view ?? (await fleet());
}

/** A cluster in a view. Throws where it is not there. */
export const find = (view: FleetView, name: string): ClusterView => {
  const found = view.clusters.find((one) => one.name === name);
  if (found === undefined) throw new Error(`${name} is not there`);
  return found;
};

/** Joins a cluster with a spoke of the test. */
export async function join(
  name: string,
  options: Partial<FakeSpokeOptions> = {},
): Promise<FakeSpoke> {
  const invitation = await underTest.client().addCluster({ name });
  const spoke = await startFakeSpoke({ join: invitation, ...options });
  spokes.push(spoke);
  return spoke;
}

/** Whether a cluster is confirmed at a commit. */
export const isConfirmedAt =
  (name: string, commit: string) => (view: FleetView) => {
    const { assignment } = find(view, name);
    return assignment?.confirmed === true && assignment.commit === commit;
  };

/** Renames a branch of the fleet repo. */
export const rename = (from: string, to: string) =>
  execFileSync("git", ["-C", underTest.repo, "branch", "-m", from, to]);

/** Whether the hub follows a commit. */
export const isHead = (commit: string) => (view: FleetView) =>
  view.head?.commit === commit;

/** Commits what waits for a person's approval before its first wave. */
export async function rolloutWaits(message: string): Promise<void> {
  const waiting = repo.commit(message, {
    "fleet/rollouts/default.yaml": rollout(
      waveOf("staging", ["approval: manual"]),
      waveOf("production"),
    ),
    "apps/web/web.yaml": configMap("web", message),
  });
  await until("waiting", ({ rollouts }) =>
    rollouts.some(
      ({ phase, revision }) =>
        phase === "Progressing" && revision.commit === waiting,
    ),
  );
}
