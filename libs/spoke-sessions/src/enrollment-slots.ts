import { isIPv6 } from "node:net";
import { KeyedSlots } from "./keyed-slots.ts";
import { type SessionLimits } from "./limits.ts";

/** The enrolments that run: nobody has proved anything yet who takes a slot, so that no address may take them all. */
export class EnrollmentSlots {
  readonly #all: KeyedSlots;
  readonly #ofAddress: KeyedSlots;

  constructor(
    limits: Pick<SessionLimits, "enrollments" | "enrollmentsPerAddress">,
  ) {
    this.#all = new KeyedSlots(limits.enrollments);
    this.#ofAddress = new KeyedSlots(limits.enrollmentsPerAddress);
  }

  /** Takes a slot for a peer, `address:port`; the result gives it back. Undefined where none is free for it. */
  take(peer: string): (() => void) | undefined {
    const giveOwn = this.#ofAddress.take(shareOf(peer));
    if (giveOwn === undefined) return undefined;
    const giveAny = this.#all.take("");
    if (giveAny === undefined) {
      giveOwn();
      return undefined;
    }
    return () => {
      giveOwn();
      giveAny();
    };
  }
}

/** Whose share a peer counts against: its IPv4 address, or the /64 that its IPv6 address is of, all of which one machine may have. */
export function shareOf(peer: string): string {
  const address = peer.replace(/:\d+$/, "");
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [plain = ""] = address.split("%");
  return isIPv6(plain) ? networkOf(plain) : address;
}

/** The first 64 bits of an IPv6 address. */
function networkOf(address: string): string {
  const [head = "", tail] = address.toLowerCase().split("::");
  const groups = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  // A dotted end stands for two groups.
  const written =
    groups.length + after.length + (address.includes(".") ? 1 : 0);
  const zeros = Array.from({ length: 8 - written }, () => "0");
  const all = tail === undefined ? groups : [...groups, ...zeros, ...after];
  const network = all.slice(0, 4).map((group) => parseInt(group, 16));
  return `${network.map((group) => group.toString(16)).join(":")}::/64`;
}
