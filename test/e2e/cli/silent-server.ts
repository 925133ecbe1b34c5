import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type AddressInfo, type Socket, createServer } from "node:net";

/** An API server that takes connections and never says a word. */
export interface SilentServer {
  /** Resolves when somebody has connected. */
  readonly asked: Promise<unknown>;
  readonly close: () => void;
}

/** Starts one, and writes a kubeconfig that leads to it. */
export async function startSilentServer(
  kubeconfig: string,
): Promise<SilentServer> {
  const connections: Socket[] = [];
  const server = createServer((socket) => connections.push(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const [name, token] = ["silent", "none"];
  const cluster = { server: `http://127.0.0.1:${port}` };
  const config = {
    "current-context": name,
    clusters: [{ name, cluster }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  };
  writeFileSync(kubeconfig, JSON.stringify(config));
  return {
    asked: once(server, "connection"),
    close: () => {
      for (const socket of connections) socket.destroy();
      server.close();
    },
  };
}
