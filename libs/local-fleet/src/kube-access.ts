import { request } from "node:https";
import { parse } from "yaml";

/** How a person's tool reaches one API server: what a kubeconfig's current context says. */
export interface KubeAccess {
  readonly server: string;
  readonly ca: Buffer;
  readonly token?: string;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

interface Kubeconfig {
  readonly clusters: readonly {
    readonly cluster: {
      readonly server: string;
      readonly "certificate-authority-data": string;
    };
  }[];
  readonly users: readonly {
    readonly user: {
      readonly token?: string;
      readonly "client-certificate-data"?: string;
      readonly "client-key-data"?: string;
    };
  }[];
}

/** Reads a kubeconfig of ours: one cluster, one user. */
export function kubeAccessOf(kubeconfig: string): KubeAccess {
  const { clusters, users } = parse(kubeconfig) as Kubeconfig;
  const cluster = clusters[0]?.cluster;
  const user = users[0]?.user;
  if (cluster === undefined) throw new Error("kubeconfig: no cluster");
  const decode = (text: string | undefined) =>
    text === undefined ? undefined : Buffer.from(text, "base64");
  const cert = decode(user?.["client-certificate-data"]);
  const key = decode(user?.["client-key-data"]);
  return {
    server: cluster.server,
    ca: Buffer.from(cluster["certificate-authority-data"], "base64"),
    ...(user?.token === undefined ? {} : { token: user.token }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

/** Reads an object, or changes it as `kubectl edit` does when a `patch` is given. */
export function askKube(
  access: KubeAccess,
  path: string,
  patch?: object,
): Promise<unknown> {
  const { server, token, ca, cert, key } = access;
  const query = patch === undefined ? "" : "?fieldManager=kubectl-edit";
  return new Promise((resolve, reject) => {
    const call = request(
      new URL(`${path}${query}`, server),
      {
        method: patch === undefined ? "GET" : "PATCH",
        ca,
        ...(cert === undefined ? {} : { cert }),
        ...(key === undefined ? {} : { key }),
        timeout: 10_000,
        headers: {
          "user-agent": "kubectl-edit",
          "content-type": "application/merge-patch+json",
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", reject);
        answer.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          if ((answer.statusCode ?? 500) < 300) resolve(JSON.parse(text));
          else reject(new Error(`${path}: ${text.slice(0, 300)}`));
        });
      },
    );
    call.on("error", reject);
    call.on("timeout", () => call.destroy(new Error(`${path}: no answer`)));
    call.end(patch === undefined ? undefined : JSON.stringify(patch));
  });
}
