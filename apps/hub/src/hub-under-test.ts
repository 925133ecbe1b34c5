import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type RenderPort } from "@wheelhouse/compile";
import { type HubClient, createHubClient } from "@wheelhouse/rest-api";
import { initFleet } from "@wheelhouse/trust";
import { type Hub, startHub } from "./hub.ts";
import { silentLog } from "./log.ts";
import { type HubSettings, keysDirectory, parseSettings } from "./settings.ts";

/** Stands for kustomize where a test is not about it: the files of a directory, one after the other. */
const joiningRenderer: RenderPort = {
  render: ({ files, directory }) => {
    const inside = files.filter(
      ({ path: file }) =>
        (directory === "" || file.startsWith(`${directory}/`)) &&
        !file.endsWith("kustomization.yaml"),
    );
    const texts = inside.map(({ bytes }) => Buffer.from(bytes).toString());
    return Promise.resolve({ ok: true, output: texts.join("---\n") });
  },
};

/** A hub in this process, on a folder of its own, that can be stopped and started again. */
export class HubUnderTest {
  readonly folder = mkdtempSync(path.join(tmpdir(), "hub-"));
  readonly data = path.join(this.folder, "data");
  readonly repo = path.join(this.folder, "repo");
  renders = 0;
  #hub: Hub | null = null;

  async init(): Promise<void> {
    const made = await initFleet({
      directory: keysDirectory(this.data),
      rootFile: path.join(this.folder, "root.json"),
      fleet: "test",
      nowMs: Date.now(),
    });
    if (!made.ok) throw new Error(made.problem);
  }

  /** Lays a page beside the hub as if it had been built: files by path; from the next start on. */
  writePage(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(this.folder, "page", name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }

  async start(args: readonly string[] = []): Promise<void> {
    const started = await startHub({
      settings: this.#settings(args),
      hubVersion: "test",
      pageDirectory: path.join(this.folder, "page"),
      renderer: {
        render: (request, options) => {
          this.renders += 1;
          return joiningRenderer.render(request, options);
        },
      },
      log: silentLog,
    });
    if (!started.ok) throw new Error(started.problem);
    this.#hub = started.hub;
  }

  get hub(): Hub {
    if (this.#hub === null) throw new Error("the hub has not started");
    return this.#hub;
  }

  get adminToken(): string {
    return readFileSync(path.join(this.data, "admin-token"), "utf8").trim();
  }

  client(token = this.adminToken): HubClient {
    return createHubClient({ server: this.hub.url, token });
  }

  async stop(): Promise<void> {
    await this.#hub?.stop();
    this.#hub = null;
  }

  async discard(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #settings(args: readonly string[]): HubSettings {
    const parsed = parseSettings(
      [
        ...["--data", this.data],
        ...["--repo", this.repo],
        ...["--poll", "500ms"],
        ...["--heartbeat", "200ms"],
        ...["--listen", "127.0.0.1:0"],
        ...["--link-listen", "127.0.0.1:0"],
        ...args,
      ],
      {},
    );
    if (!parsed.ok) throw new Error(parsed.problems.join("; "));
    return parsed.settings;
  }
}
