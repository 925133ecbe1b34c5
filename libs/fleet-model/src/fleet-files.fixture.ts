import { createSourceTree } from "./create-source-tree.ts";
import { parseFleet } from "./parse-fleet.ts";
import { problemReasons } from "./problem-reasons.ts";

/** The first line of every object of ours. */
export const api = "apiVersion: fleet.wheelhouse.dev/v1alpha1\n";

/** A Cluster's text: its spec begins in line 6. */
export const clusterText = (name: string, env: string, more = "") =>
  `${api}kind: Cluster\nmetadata:\n  name: ${name}\n  labels: {env: ${env}}\nspec:\n  path: ./clusters/${env}\n${more}`;

/** A tree of texts by path. */
export const treeOf = (files: Readonly<Record<string, string>>) =>
  createSourceTree(
    "c",
    Object.entries(files).map(([path, text]) => ({
      kind: "file",
      path,
      oid: path,
      bytes: Buffer.from(text),
    })),
  );

/** Two clusters, one of staging and one of production. */
export const base = {
  "fleet/clusters/a.yaml": clusterText("a", "staging"),
  "fleet/clusters/b.yaml": clusterText("b", "production"),
};

/** A Rollout's text, five lines before what its spec holds. */
export const rolloutText = (spec: string) =>
  `${api}kind: Rollout\nmetadata:\n  name: default\nspec:\n${spec}`;

/** What is said of a fleet, a line each: place, subject, reason, message, and advice that is not the reason's own. */
export const problemsOf = (files: Readonly<Record<string, string>>) => {
  const result = parseFleet(treeOf(files));
  return result.ok
    ? []
    : result.problems.map(
        ({ reason, subject, message, location, advice }) =>
          `${location?.file}:${location?.line} ${subject} ${reason}: ${message}${advice === problemReasons[reason].advice ? "" : ` | ${advice}`}`,
      );
};

/** A fleet that nothing is wrong with. */
export const fleetOf = (files: Readonly<Record<string, string>>) => {
  const result = parseFleet(treeOf(files));
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.fleet;
};
