import {
  type AddressInfo,
  type Server,
  type Socket,
  connect,
  createServer,
} from "node:net";

/** What happens to bytes that pass in one direction. */
export type Fault =
  /** They pass. */
  | { readonly kind: "none" }
  /** They stop, and nobody is told: the connection stays open. */
  | { readonly kind: "stall" }
  /** They vanish, and nobody is told. */
  | { readonly kind: "blackhole" }
  /** They pass this much later. */
  | { readonly kind: "delay"; readonly ms: number }
  /** So many pass, counted from now over all connections; then the connection ends. */
  | { readonly kind: "cutAfter"; readonly bytes: number }
  /** They pass this slowly. */
  | { readonly kind: "slow"; readonly bytesPerSecond: number }
  /** One byte, this many further on, has one bit turned. */
  | { readonly kind: "corruptAt"; readonly offset: number };

/** `up` is from the one who dials to the target. */
export type Direction = "up" | "down";

/** A TCP proxy on loopback that does damage when told to. */
export interface FaultProxy {
  readonly port: number;
  /** Applies to what passes from now on, in one direction. */
  setFault(direction: Direction, fault: Fault): void;
  /** Points new connections somewhere else. */
  setTarget(port: number): void;
  /** Refuses new connections, or takes them again. */
  setRefusing(isRefusing: boolean): void;
  /** Resets every open connection. */
  resetAll(): void;
  /** Bytes that have passed. */
  passed(direction: Direction): number;
  /** Open connections. */
  connections(): number;
  close(): Promise<void>;
}

/** Starts a proxy to a port of this machine. */
export async function startFaultProxy(targetPort: number): Promise<FaultProxy> {
  const proxy = new TcpFaultProxy(targetPort);
  await proxy.listen();
  return proxy;
}

interface Lane {
  fault: Fault;
  /** Bytes since the fault was set. */
  sinceFault: number;
  passed: number;
}

class TcpFaultProxy implements FaultProxy {
  readonly #lanes: Record<Direction, Lane> = {
    up: { fault: { kind: "none" }, sinceFault: 0, passed: 0 },
    down: { fault: { kind: "none" }, sinceFault: 0, passed: 0 },
  };
  readonly #pairs = new Set<Pair>();
  readonly #server: Server;
  #targetPort: number;
  #isRefusing = false;

  constructor(targetPort: number) {
    this.#targetPort = targetPort;
    this.#server = createServer((near) => this.#accept(near));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(0, "127.0.0.1", resolve);
    });
  }

  setFault(direction: Direction, fault: Fault): void {
    const lane = this.#lanes[direction];
    lane.fault = fault;
    lane.sinceFault = 0;
    for (const pair of this.#pairs) pair.resume(direction);
  }

  setTarget(port: number): void {
    this.#targetPort = port;
  }

  setRefusing(isRefusing: boolean): void {
    this.#isRefusing = isRefusing;
  }

  resetAll(): void {
    for (const pair of this.#pairs) pair.reset();
  }

  passed(direction: Direction): number {
    return this.#lanes[direction].passed;
  }

  connections(): number {
    return this.#pairs.size;
  }

  close(): Promise<void> {
    this.resetAll();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #accept(near: Socket): void {
    if (this.#isRefusing) {
      near.resetAndDestroy();
      return;
    }
    const far = connect(this.#targetPort, "127.0.0.1");
    const pair: Pair = new Pair(near, far, this.#lanes, () =>
      this.#pairs.delete(pair),
    );
    this.#pairs.add(pair);
  }
}

/** One connection through the proxy. */
class Pair {
  readonly #near: Socket;
  readonly #far: Socket;
  readonly #lanes: Record<Direction, Lane>;
  #isBroken = false;
  /** What a stall keeps back, by direction, so that it arrives whole when the stall ends. */
  readonly #held: Record<Direction, Buffer[]> = { up: [], down: [] };

  constructor(
    near: Socket,
    far: Socket,
    lanes: Record<Direction, Lane>,
    onClosed: () => void,
  ) {
    this.#near = near;
    this.#far = far;
    this.#lanes = lanes;
    near.setNoDelay(true);
    far.setNoDelay(true);
    near.on("data", (data) => this.#pass("up", data));
    far.on("data", (data) => this.#pass("down", data));
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on("error", () => this.reset());
      one.on("close", () => {
        if (!this.#isBroken) other.destroy();
        onClosed();
      });
    }
  }

  /** Lets go of what was held back; it meets the fault of now. */
  resume(direction: Direction): void {
    const held = this.#held[direction].splice(0);
    for (const data of held) this.#pass(direction, data);
    const source = direction === "up" ? this.#near : this.#far;
    if (this.#lanes[direction].fault.kind !== "stall") source.resume();
  }

  /** Once only, and nothing is destroyed beside it: a reset that meets a destroy leaves the socket open for good. */
  reset(): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    this.#near.resetAndDestroy();
    this.#far.resetAndDestroy();
  }

  /** Not a reset: that would take back bytes that have passed and were not read yet. */
  #end(): void {
    this.#near.destroySoon();
    this.#far.destroySoon();
  }

  #pass(direction: Direction, data: Buffer): void {
    const lane = this.#lanes[direction];
    const { fault } = lane;
    const source = direction === "up" ? this.#near : this.#far;
    const before = lane.sinceFault;
    lane.sinceFault += data.length;
    switch (fault.kind) {
      case "none":
        this.#write(direction, data);
        return;
      case "stall":
        this.#held[direction].push(data);
        source.pause();
        return;
      case "blackhole":
        return;
      case "delay":
        setTimeout(() => this.#write(direction, data), fault.ms);
        return;
      case "cutAfter":
        this.#write(
          direction,
          data.subarray(0, Math.max(0, fault.bytes - before)),
        );
        if (lane.sinceFault >= fault.bytes) this.#end();
        return;
      case "slow":
        source.pause();
        setTimeout(
          () => {
            this.#write(direction, data);
            source.resume();
          },
          (data.length * 1000) / fault.bytesPerSecond,
        );
        return;
      case "corruptAt":
        this.#write(direction, corrupt(data, fault.offset - before));
    }
  }

  #write(direction: Direction, data: Buffer): void {
    const sink = direction === "up" ? this.#far : this.#near;
    if (sink.destroyed || data.length === 0) return;
    this.#lanes[direction].passed += data.length;
    sink.write(data);
  }
}

/** Data with one bit turned at an offset; the same data where the offset lies outside. */
function corrupt(data: Buffer, offset: number): Buffer {
  if (offset < 0 || offset >= data.length) return data;
  const damaged = Buffer.from(data);
  damaged.writeUInt8(damaged.readUInt8(offset) ^ 1, offset);
  return damaged;
}
