import { describe, expect, it } from "vitest";
import { EnrollmentSlots, shareOf } from "./enrollment-slots.ts";

const limits = { enrollments: 5, enrollmentsPerAddress: 2 };

describe("the slots for enrolments", () => {
  it("leave others theirs where one address has filled its own", () => {
    const slots = new EnrollmentSlots(limits);
    const [first] = [slots.take("192.0.2.1:1"), slots.take("192.0.2.1:2")];
    expect(slots.take("192.0.2.1:3")).toBeUndefined();
    expect(slots.take("192.0.2.2:1")).toBeDefined();
    first?.();
    expect(slots.take("192.0.2.1:3")).toBeDefined();
    expect(slots.take("192.0.2.1:4")).toBeUndefined();
  });

  it("are bounded over all, and a refusal takes nothing of a share", () => {
    const slots = new EnrollmentSlots(limits);
    const [first] = [1, 2, 3, 4, 5].map((n) => slots.take(`192.0.2.${n}:1`));
    for (let i = 0; i < 3; i += 1) {
      expect(slots.take("192.0.2.6:1")).toBeUndefined();
    }
    first?.();
    expect(slots.take("192.0.2.6:1")).toBeDefined();
  });

  it.each([
    ["192.0.2.1:443", "192.0.2.1"],
    ["::ffff:192.0.2.1:443", "192.0.2.1"],
    ["2001:db8:0:1:aaaa:bbbb:cccc:dddd:443", "2001:db8:0:1::/64"],
    ["2001:db8:0:1::7:443", "2001:db8:0:1::/64"],
    ["2001:DB8::1:443", "2001:db8:0:0::/64"],
    ["fe80::1%eth0:443", "fe80:0:0:0::/64"],
    ["::1:443", "0:0:0:0::/64"],
    ["64:ff9b::192.0.2.1:443", "64:ff9b:0:0::/64"],
    ["/run/hub.sock", "/run/hub.sock"],
    ["unknown", "unknown"],
  ])("count %s against %s", (peer, share) => {
    expect(shareOf(peer)).toBe(share);
  });
});
