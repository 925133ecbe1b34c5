import { type KubeObject } from "@wheelhouse/kube-object";
import { describe, expect, it } from "vitest";
import { LiveOverlay } from "./live-overlay.ts";

const kind = { group: "", version: "v1", kind: "ConfigMap" };
const key = "/ConfigMap/default/a";

const at = (resourceVersion: string): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "a", namespace: "default", resourceVersion },
});

function overlayOver(viewed: KubeObject | undefined, isSynced = true) {
  const state = { viewed, isSynced };
  const overlay = new LiveOverlay({
    get: () => state.viewed,
    isSynced: () => state.isSynced,
  });
  const version = () => {
    const found = overlay.get(kind, key);
    if (found.kind === "unknown") return "unknown";
    return found.object?.metadata["resourceVersion"] ?? "absent";
  };
  return { state, overlay, version };
}

describe("the overlay of our own writes", () => {
  it("covers a view that has not caught up, and gives way once it has", () => {
    const { state, overlay, version } = overlayOver(at("5"));
    overlay.cover(kind, key, at("7"));
    expect(version()).toBe("7");
    state.viewed = at("6");
    expect(version()).toBe("7");
    state.viewed = at("8");
    expect(version()).toBe("8");
    state.viewed = undefined;
    expect(version()).toBe("absent");
  });

  it("shows a created object before the view does", () => {
    const { state, overlay, version } = overlayOver(undefined);
    overlay.cover(kind, key, at("7"));
    expect(version()).toBe("7");
    state.viewed = at("7");
    expect(version()).toBe("7");
    state.viewed = undefined;
    expect(version()).toBe("absent");
  });

  it("does not cover a view that is ahead of it", () => {
    const { overlay, version } = overlayOver(at("9"));
    overlay.cover(kind, key, at("7"));
    expect(version()).toBe("9");
  });

  it("is not believed while the kind is not in view: somebody else may have written since", () => {
    const { state, overlay, version } = overlayOver(undefined, false);
    expect(version()).toBe("unknown");
    overlay.cover(kind, key, at("7"));
    expect(version()).toBe("unknown");
    state.isSynced = true;
    expect(version()).toBe("unknown");
    state.viewed = at("6");
    expect(version()).toBe("7");
    state.viewed = at("8");
    expect(version()).toBe("8");
    state.viewed = undefined;
    expect(version()).toBe("absent");
  });

  it("covers again what was in view before its watch failed", () => {
    const { state, overlay, version } = overlayOver(at("5"));
    overlay.cover(kind, key, at("7"));
    state.isSynced = false;
    expect(version()).toBe("unknown");
    state.isSynced = true;
    expect(version()).toBe("7");
  });

  it("ends with an object that came and went between two looks", () => {
    const { overlay, version } = overlayOver(undefined);
    overlay.cover(kind, key, at("7"));
    overlay.dropped(key, at("6"));
    expect(version()).toBe("7");
    overlay.dropped(key, at("7"));
    expect(version()).toBe("absent");
  });

  it("believes a view whose versions are no numbers", () => {
    const { overlay, version } = overlayOver(at("abc"));
    overlay.cover(kind, key, at("7"));
    expect(version()).toBe("abc");
  });
});
