import { type BundleSpec } from "@wheelhouse/assignment";
import { describe, expect, it, vi } from "vitest";
import { configMap } from "./objects.ts";
import {
  isSimulated,
  tools,
  useCluster,
  whenApplied,
  whenQuiet,
  whenReady,
  within,
} from "./test-cluster.ts";
import { type TestBundle, type TestEngine, passing } from "./test-engine.ts";

const zero = "Kustomization/flux-system/zero";
const one = "Kustomization/flux-system/one";
const two = "Kustomization/flux-system/two";
const maps = "/api/v1/namespaces/default/configmaps";

/** What is Ready once a ConfigMap is there that no bundle has. */
const checking = (name: string) => ({
  wait: false,
  healthChecks: [
    { apiVersion: "v1", kind: "ConfigMap", namespace: "default", name },
  ],
});

const first = (
  version: string,
  dependsOn: BundleSpec["dependsOn"] = [],
): TestBundle => ({
  ...{ name: one, dependsOn, ...checking("n1-check") },
  objects: [configMap("n1", { version })],
});
const second: TestBundle = {
  name: two,
  dependsOn: [{ bundle: one }],
  objects: [configMap("n1-after")],
};

describe.skipIf(tools === null && !isSimulated)("a new digest", () => {
  const cluster = useCluster();

  /** An engine whose look at the health check of `one` is held from a moment on; by the time that it is let go, what is checked has gone for good. */
  async function startHeld() {
    let isHeld = false;
    let isAsked = false;
    let answer: (() => void) | undefined;
    const engine = await cluster.startEngine({
      between: (port) => ({
        ...passing(port),
        get: async (kind, id, options) => {
          if (id.name !== "n1-check" || !isHeld) {
            return port.get(kind, id, options);
          }
          isAsked = true;
          if (answer === undefined) {
            await new Promise<void>((resolve) => (answer = resolve));
          }
          return undefined;
        },
      }),
    });
    if ((await cluster.get(`${maps}/n1-check`)) === undefined) {
      await cluster.send("POST", maps, configMap("n1-check"));
    }
    await engine.assign([first("1")], { seq: 1 });
    await whenReady(engine, one);
    await whenQuiet(engine);
    return {
      engine,
      hold: () => (isHeld = true),
      answer: () => answer?.(),
      whenAsked: () => vi.waitFor(() => expect(isAsked).toBe(true), within),
    };
  }

  /** `one` is applied, and not judged yet: whoever asks now must not see the old green. */
  async function expectWaiting(engine: TestEngine, answer: () => void) {
    engine.reconcileNow(two);
    await vi.waitFor(
      () => expect(engine.report(two)?.message).toContain(`waits for ${one}`),
      within,
    );
    answer();
    await whenQuiet(engine);
    await whenApplied(engine, one);
    expect(await cluster.get(`${maps}/n1-after`)).toBeUndefined();
    expect(engine.report(two)?.applied).not.toBe(engine.report(two)?.digest);
  }

  it("is not Ready by the health of the one before, for what depends on it (S2)", async () => {
    const { engine, hold, answer, whenAsked } = await startHeld();
    hold();
    await engine.assign([first("2"), second], { seq: 2 });
    await whenAsked();
    await expectWaiting(engine, answer);
  });

  it("is not Ready by the health of the one before that was looked at while it waited itself (S2)", async () => {
    const { engine, hold, answer, whenAsked } = await startHeld();
    const zeroth = { name: zero, ...checking("n0-check"), objects: [] };
    const waiting = first("2", [{ bundle: zero }]);
    await engine.assign([zeroth, waiting, second], { seq: 2 });
    await vi.waitFor(
      () =>
        expect(engine.report(one)).toMatchObject({
          ...{ ready: false, status: "Current" },
          message: `waits for ${zero}`,
        }),
      within,
    );
    await whenQuiet(engine);
    hold();
    await cluster.send("POST", maps, configMap("n0-check"));
    engine.reconcileNow(zero);
    await whenAsked();
    await expectWaiting(engine, answer);
  });
});
