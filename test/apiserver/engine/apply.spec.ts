import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ControlPlane,
  startControlPlane,
} from "@wheelhouse/control-plane";
import {
  afterAll,
  afterEach,
  beforeAll,
  describe,
  expect,
  inject,
  it,
  vi,
} from "vitest";
import { configMap } from "./objects.ts";
import { type TestEngine, startEngine } from "./test-engine.ts";

const tools = inject("tools");
const within = { timeout: 20_000, interval: 20 };

describe.skipIf(tools === null)("an engine at a real API server", () => {
  let plane: ControlPlane;
  let folder = "";
  const engines: TestEngine[] = [];

  beforeAll(async () => {
    if (tools === null) return;
    folder = await mkdtemp(join(tmpdir(), "wheelhouse-engine-"));
    plane = await startControlPlane({ tools, directory: folder });
  });
  afterEach(async () => {
    await Promise.all(engines.splice(0).map((engine) => engine.stop()));
  });
  afterAll(async () => {
    await plane?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("applies one bundle and reports it Ready", async () => {
    const engine = await startEngine({ kubeconfig: plane.kubeconfig() });
    engines.push(engine);
    const name = "Kustomization/flux-system/one";
    const started = Date.now();
    await engine.assign([{ name, objects: [configMap("one")] }], { seq: 1 });
    await vi.waitFor(() => {
      expect(engine.report(name)).toMatchObject({ ready: true });
    }, within);
    console.log("ready after", Date.now() - started, engine.log);
  });
});
