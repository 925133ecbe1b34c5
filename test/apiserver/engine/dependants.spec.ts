import { describe, expect, it, vi } from "vitest";
import { configMap } from "./objects.ts";
import {
  isSimulated,
  tools,
  useCluster,
  whenApplied,
  whenQuiet,
  within,
} from "./test-cluster.ts";
import { passing } from "./test-engine.ts";

const one = "Kustomization/flux-system/one";
const two = "Kustomization/flux-system/two";
const maps = "/api/v1/namespaces/default/configmaps";

describe.skipIf(tools === null && !isSimulated)("a new digest", () => {
  const cluster = useCluster();

  it("is not Ready by the health of the one before, for what depends on it (S2)", async () => {
    await cluster.send("POST", maps, configMap("n1-check"));
    let isAsked = false;
    let answer: (() => void) | undefined;
    let isHeld = false;
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
          // By now it is gone: the new digest never becomes Ready.
          return undefined;
        },
      }),
    });
    const first = (version: string) => ({
      name: one,
      wait: false,
      healthChecks: [
        {
          apiVersion: "v1",
          kind: "ConfigMap",
          namespace: "default",
          name: "n1-check",
        },
      ],
      objects: [configMap("n1", { version })],
    });
    const second = {
      name: two,
      dependsOn: [{ bundle: one }],
      objects: [configMap("n1-after")],
    };
    await engine.assign([first("1")], { seq: 1 });
    await whenApplied(engine, one);
    await vi.waitFor(
      () => expect(engine.report(one)?.ready).toBe(true),
      within,
    );
    await whenQuiet(engine);
    isHeld = true;
    await engine.assign([first("2"), second], { seq: 2 });
    await vi.waitFor(() => expect(isAsked).toBe(true), within);
    // Applied, and not judged yet: whoever asks now must not see the old green.
    engine.reconcileNow(two);
    await vi.waitFor(
      () => expect(engine.report(two)?.message).toContain(`waits for ${one}`),
      within,
    );
    answer?.();
    await whenQuiet(engine);
    expect(await cluster.get(`${maps}/n1-after`)).toBeUndefined();
    expect(engine.report(two)?.applied).not.toBe(engine.report(two)?.digest);
  });
});
