import { describe, expect, it } from "vitest";
import { formatRoute, home, parseRoute } from "./route.ts";

const parse = (address: string) => {
  const { pathname, search } = new URL(address, "http://hub.example");
  return parseRoute(pathname, search);
};

describe("a route", () => {
  it("is the fleet at the bare address", () => {
    expect(parse("/")).toEqual(home);
    expect(formatRoute(home)).toBe("/");
  });

  it("survives being written and read, whatever it holds", () => {
    const route = {
      ...home,
      view: "drift" as const,
      filter: "env=prod & degraded?",
      cluster: "prod-eu-1",
      bundle: "Kustomization/flux-system/(root)",
      group: "region",
      sort: "worst" as const,
      rollout: "default",
    };
    expect(parse(formatRoute(route))).toEqual(route);
  });

  it("never writes a login code into an address", () => {
    const route = parse("/login?code=secret");
    expect(route).toMatchObject({ view: "login", code: "secret" });
    expect(formatRoute(route)).toBe("/login");
  });

  it("says that it does not know a path", () => {
    expect(parse("/nothing/here").view).toBe("unknown");
  });

  it("forgives a slash at the end and a sort that does not exist", () => {
    expect(parse("/rollout/").view).toBe("rollout");
    expect(parse("/?sort=best").sort).toBe("name");
  });
});
