import { Metadata, status } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { linkReasons, readLinkFailure, writeLinkFailure } from "./index.ts";

describe("a failure of the link", () => {
  it.each(linkReasons)("carries %s from side to side", (reason) => {
    const sent = writeLinkFailure(reason, "in words");
    const received = Object.assign(new Error("any text"), sent);
    expect(readLinkFailure(received)).toEqual({
      reason,
      code: status[sent.code],
      details: "in words",
    });
  });

  it("is found through a chain of causes", () => {
    const inner = Object.assign(
      new Error(),
      writeLinkFailure("Revoked", "out"),
    );
    const outer = new Error("outer", {
      cause: new Error("mid", { cause: inner }),
    });
    expect(readLinkFailure(outer).reason).toBe("Revoked");
  });

  it("has no reason where the other side gave none, or one that is not known", () => {
    const metadata = new Metadata();
    metadata.set("wheelhouse-reason", "FromTheFuture");
    const newer = Object.assign(new Error(), {
      code: status.PERMISSION_DENIED,
      details: "no",
      metadata,
    });
    expect(readLinkFailure(newer)).toMatchObject({
      reason: null,
      code: "PERMISSION_DENIED",
    });
    expect(readLinkFailure("broken")).toMatchObject({ reason: null });
  });
});
