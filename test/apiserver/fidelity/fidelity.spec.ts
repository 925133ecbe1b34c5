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
import { committedFacts, readFacts, writeFacts } from "./facts-source.ts";
import { createNormaliser } from "./normalise.ts";
import { Recorder } from "./recorder.ts";
import { type Sequence } from "./sequence.ts";
import { allSequences } from "./sequences/all-sequences.ts";

const tools = inject("tools");

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

    for (const [suite, sequences] of Object.entries(allSequences))
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

    it("every difference that sequences are said to show was seen", () => {
      const stale = knownDifferences.filter(
        ({ covers }, index) => covers !== undefined && !used.has(index),
      );
      expect(stale).toEqual([]);
    });

    it("the committed facts are those of the real server", async () => {
      const [, real] = sides;
      if (real === undefined) throw new Error("no real server");
      const derived = await readFacts(real);
      if (process.env["FIDELITY_WRITE"] === "1") await writeFacts(derived);
      expect(await committedFacts()).toEqual(derived);
    });

    it("a watch from before the history is told to list anew", async () => {
      const path = "/api/v1/namespaces/default/secrets";
      const lines: unknown[] = [];
      for (const side of sides) {
        const body = { metadata: { generateName: "tick-" } };
        const { body: made } = await send(side, { method: "POST", path, body });
        await send(side, { method: "POST", path, body });
        const { resourceVersion } = (
          made as { metadata: { resourceVersion: string } }
        ).metadata;
        if (side.name === "simulated") cluster.compact();
        else {
          // A server that comes back has no history in memory.
          await plane.stop("kube-apiserver");
          await plane.startAgain("kube-apiserver");
        }
        const watched = await send(side, {
          method: "GET",
          path: `${path}?watch=true&resourceVersion=${Number(resourceVersion) - 1}&timeoutSeconds=5`,
          lines: 1,
        });
        lines.push(createNormaliser().normalise(watched));
      }
      expect(lines[0]).toEqual(lines[1]);
      expect(JSON.stringify(lines[0])).toContain("410");
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
