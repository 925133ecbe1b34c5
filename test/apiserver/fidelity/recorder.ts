import { execFile } from "node:child_process";
import {
  type ApiSide,
  send,
  type SideAnswer,
  type SideRequest,
} from "./api-side.ts";
import { createNormaliser, type Normaliser } from "./normalise.ts";

/** One step of a sequence as it went on one side. */
export interface Step {
  readonly call: string;
  readonly result: unknown;
}

const pollMs = 20;
const waitMs = 20_000;

/** Makes a sequence's requests on one side, and writes down what came back. */
export class Recorder {
  readonly steps: Step[] = [];
  readonly namespace: string;
  readonly #side: ApiSide;
  readonly #kubectl: string;
  readonly #normaliser: Normaliser;

  constructor(
    side: ApiSide,
    namespace: string,
    kubectl: string,
    keepStatus: boolean,
  ) {
    this.#side = side;
    this.namespace = namespace;
    this.#kubectl = kubectl;
    this.#normaliser = createNormaliser(keepStatus);
  }

  /** The path of a namespaced resource's collection, or of one object. */
  path(api: string, plural: string, name = ""): string {
    const root = api.includes("/") ? `/apis/${api}` : `/api/${api}`;
    return `${root}/namespaces/${this.namespace}/${plural}${name === "" ? "" : `/${name}`}`;
  }

  /** Sends without writing down: for preparing and waiting. */
  quiet(request: SideRequest): Promise<SideAnswer> {
    return send(this.#side, request);
  }

  async send(call: string, request: SideRequest): Promise<SideAnswer> {
    const answer = await send(this.#side, request);
    this.note(call, {
      code: answer.code,
      ...(answer.warnings.length > 0 ? { warnings: answer.warnings } : {}),
      body: answer.body,
    });
    return answer;
  }

  /** Writes something down. */
  note(call: string, result: unknown): void {
    this.steps.push({ call, result: this.#normaliser.normalise(result) });
  }

  get(path: string, accept?: string): Promise<SideAnswer> {
    return this.send(`GET ${path}`, {
      method: "GET",
      path,
      ...(accept === undefined ? {} : { accept }),
    });
  }

  create(path: string, body: unknown): Promise<SideAnswer> {
    return this.send(`POST ${path}`, { method: "POST", path, body });
  }

  replace(path: string, body: unknown): Promise<SideAnswer> {
    return this.send(`PUT ${path}`, { method: "PUT", path, body });
  }

  remove(path: string, options?: unknown): Promise<SideAnswer> {
    return this.send(`DELETE ${path}`, {
      method: "DELETE",
      path,
      ...(options === undefined ? {} : { body: options }),
    });
  }

  /** Server-side apply as a field manager. */
  apply(
    path: string,
    body: unknown,
    manager: string,
    query = "",
  ): Promise<SideAnswer> {
    return this.send(`APPLY ${path} as ${manager} ${query}`, {
      method: "PATCH",
      path: `${path}?fieldManager=${manager}${query}`,
      body,
      contentType: "application/apply-patch+yaml",
    });
  }

  patch(
    path: string,
    kind: "merge" | "json" | "strategic-merge",
    body: unknown,
  ): Promise<SideAnswer> {
    return this.send(`PATCH ${kind} ${path}`, {
      method: "PATCH",
      path,
      body,
      contentType: `application/${kind}-patch+json`,
    });
  }

  /** Waits for a condition without writing down what was seen meanwhile. */
  async until(
    path: string,
    isDone: (answer: SideAnswer) => boolean,
  ): Promise<void> {
    const deadline = Date.now() + waitMs;
    for (;;) {
      const answer = await this.quiet({ method: "GET", path });
      if (isDone(answer)) return;
      if (Date.now() > deadline)
        throw new Error(
          `${this.#side.name}: ${path} did not get there: ${JSON.stringify(answer.body)}`,
        );
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }

  untilGone(path: string): Promise<void> {
    return this.until(path, ({ code }) => code === 404);
  }

  /** Runs kubectl, and writes down its output and exit code; ages, ports and generated names are replaced. */
  async kubectl(args: readonly string[], input = ""): Promise<void> {
    const result = await new Promise<Record<string, unknown>>((resolve) => {
      const child = execFile(
        this.#kubectl,
        [...args],
        {
          env: { ...process.env, KUBECONFIG: this.#side.kubeconfigPath },
          timeout: 20_000,
        },
        (error, stdout, stderr) => {
          resolve({
            exit: error === null ? 0 : (error.code ?? 1),
            stdout: tidy(stdout),
            stderr: tidy(stderr),
          });
        },
      );
      child.stdin?.end(input);
    });
    this.steps.push({ call: `kubectl ${args.join(" ")}`, result });
  }
}

function tidy(text: string): string {
  return text
    .replaceAll(/\b\d+(?:s|m|h)(?:\d+s)?(?=\s|$|\))/g, "<age>")
    .replaceAll(/10\.96\.\d+\.\d+/g, "<address>")
    .replaceAll(/:3\d{4}\//g, ":<port>/")
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, "<time>")
    .replaceAll(/(CreationTimestamp:\s+).*/g, "$1<time>")
    .replaceAll(/uid: \S+/g, "uid: <uid>")
    .replaceAll(/resourceVersion: \S+/g, "resourceVersion: <version>")
    .replaceAll(/[ \t]+/g, " ")
    .replaceAll(/ +$/gm, "");
}
