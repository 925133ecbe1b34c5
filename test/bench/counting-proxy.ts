import { type AddressInfo, type Server, connect, createServer } from "node:net";

/** A TCP proxy on loopback that counts what passes. */
export class CountingProxy {
  /** Both ways together. */
  bytes = 0;
  #target = "";
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static start(): Promise<CountingProxy> {
    const server = createServer();
    const proxy = new CountingProxy(server);
    server.on("connection", (inner) => {
      const [host = "", port = ""] = proxy.#target.split(":");
      const outer = connect(Number(port), host);
      const count = (chunk: Buffer) => (proxy.bytes += chunk.length);
      inner.on("data", count);
      outer.on("data", count);
      inner.pipe(outer).pipe(inner);
      inner.on("error", () => outer.destroy());
      outer.on("error", () => inner.destroy());
      inner.on("close", () => outer.destroy());
      outer.on("close", () => inner.destroy());
    });
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", () => resolve(proxy));
    });
  }

  /** Passes everything on to `host:port`; returns the proxy's own. */
  standFor(target: string): string {
    this.#target = target;
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
  }
}
