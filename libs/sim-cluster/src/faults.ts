/** What goes wrong, and for which requests; absent fields match all. */
export interface Fault {
  /** Close the connection, never answer, or answer with a status. */
  readonly kind: "refuse" | "hang" | "status";
  /** For `status`: the HTTP code, such as 429, 500 or 503. */
  readonly code?: number;
  readonly verb?: string;
  /** Plural name of the resource. */
  readonly resource?: string;
  readonly namespace?: string;
  readonly user?: string;
  /** How often it strikes before it is spent; default: until removed. */
  readonly times?: number;
}

/** What a fault is matched against. */
export interface FaultSubject {
  readonly verb: string;
  readonly resource: string;
  readonly namespace: string;
  readonly user: string;
}

interface Armed {
  readonly fault: Fault;
  left: number;
}

/** At most this many faults at once; more is a mistake of the test. */
const maxFaults = 64;

/** The faults that are set, in the order in which they strike. */
export class FaultList {
  readonly #armed: Armed[] = [];

  /** Sets a fault; the returned function takes it away. */
  add(fault: Fault): () => void {
    if (this.#armed.length >= maxFaults)
      throw new Error(`more than ${maxFaults} faults are set`);
    const armed = { fault, left: fault.times ?? Infinity };
    this.#armed.push(armed);
    return () => {
      const index = this.#armed.indexOf(armed);
      if (index >= 0) this.#armed.splice(index, 1);
    };
  }

  /** The fault that strikes this request, counted as used. */
  strike(subject: FaultSubject): Fault | undefined {
    const armed = this.#armed.find(
      ({ fault, left }) => left > 0 && matches(fault, subject),
    );
    if (armed === undefined) return undefined;
    armed.left -= 1;
    return armed.fault;
  }
}

function matches(fault: Fault, subject: FaultSubject): boolean {
  return (["verb", "resource", "namespace", "user"] as const).every(
    (key) => fault[key] === undefined || fault[key] === subject[key],
  );
}
