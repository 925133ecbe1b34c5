import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ControlPlane,
  startControlPlane,
} from "@wheelhouse/control-plane";
import { createSimCluster, type SimCluster } from "@wheelhouse/sim-cluster";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type ApiSide, send } from "./api-side.ts";
import { type Difference, findDifferences } from "./differences.ts";
import { knownDifferences } from "./known-differences.ts";
import { Recorder } from "./recorder.ts";
import { type Sequence } from "./sequence.ts";
import { applySequences } from "./sequences/apply-sequences.ts";
import { definitionSequences } from "./sequences/definition-sequences.ts";
import { deleteSequences } from "./sequences/delete-sequences.ts";
import { kubectlSequences } from "./sequences/kubectl-sequences.ts";
import { readSequences } from "./sequences/read-sequences.ts";
import { writeSequences } from "./sequences/write-sequences.ts";

const tools = inject("tools");
const suites: Readonly<Record<string, readonly Sequence[]>> = {
  apply: applySequences,
  write: writeSequences,
  delete: deleteSequences,
  read: readSequences,
  definition: definitionSequences,
  kubectl: kubectlSequences,
};

describe.skipIf(tools === null)(
  "the simulated cluster against the real API server",
  () => {
    let directory = "";
    let plane: ControlPlane;
    let cluster: SimCluster;
    let sides: readonly ApiSide[] = [];
    const used = new Set<number>();

    beforeAll(async () => {
      if (tools === null) return;
      directory = await mkdtemp(join(tmpdir(), "fidelity-"));
      [plane, cluster] = await Promise.all([
        startControlPlane({
          tools,
          directory: join(directory, "plane"),
          components: { controllerManager: true },
          auditLog: false,
        }),
        createSimCluster({ name: "simulated", readyAfterMs: 20 }),
      ]);
      const kubeconfigPath = join(directory, "simulated.kubeconfig");
      await writeFile(kubeconfigPath, cluster.kubeconfig());
      sides = [
        {
          name: "simulated",
          url: cluster.url,
          caCert: cluster.caCert,
          token: cluster.token(),
          kubeconfigPath,
        },
        {
          name: "real",
          url: plane.url,
          caCert: plane.caCert,
          token: plane.token(),
          kubeconfigPath: plane.kubeconfigPath,
        },
      ];
    });

    afterAll(async () => {
      await cluster?.stop();
      await plane?.stop();
      if (directory !== "")
        await rm(directory, { recursive: true, force: true });
    });

    const runOn = async (
      side: ApiSide,
      wanted: Sequence,
      namespace: string,
    ) => {
      await send(side, {
        method: "POST",
        path: "/api/v1/namespaces",
        body: { metadata: { name: namespace } },
      });
      const recorder = new Recorder(
        side,
        namespace,
        tools?.kubectl ?? "",
        wanted.keepStatus ?? false,
      );
      await wanted.run(recorder);
      return recorder.steps;
    };

    for (const [suite, sequences] of Object.entries(suites))
      describe(suite, () => {
        sequences.forEach((wanted, index) => {
          it(wanted.name, async () => {
            const namespace = `${suite}-${index + 1}`;
            const [simulated = [], real = []] = await Promise.all(
              sides.map((side) => runOn(side, wanted, namespace)),
            );
            const found = findDifferences(wanted.name, simulated, real);
            await report(found);
            expect(found.filter((each) => !isKnown(each, used))).toEqual([]);
          });
        });
      });
  },
);

function isKnown(difference: Difference, used: Set<number>): boolean {
  return knownDifferences.some(({ covers }, index) => {
    if (covers === undefined) return false;
    if (covers.sequence?.test(difference.sequence) === false) return false;
    if (!covers.at.test(difference.at)) return false;
    used.add(index);
    return true;
  });
}

/** `FIDELITY_REPORT=FILE` collects every difference, known or not, one JSON object a line. */
async function report(found: readonly Difference[]): Promise<void> {
  const file = process.env["FIDELITY_REPORT"];
  if (file === undefined || found.length === 0) return;
  await appendFile(
    file,
    found.map((each) => `${JSON.stringify(each)}\n`).join(""),
  );
}
