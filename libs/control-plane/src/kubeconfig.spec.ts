import { describe, expect, it } from "vitest";
import { formatKubeconfig } from "./kubeconfig.ts";

const input = {
  name: "prod-eu-1",
  url: "https://127.0.0.1:6443",
  caCert: "PEM",
  token: "secret",
};

describe("a kubeconfig", () => {
  it("calls the admin's context like the cluster", () => {
    const text = formatKubeconfig({ ...input, user: "admin" });
    expect(text).toContain('current-context: "prod-eu-1"\n');
    expect(text).toContain('server: "https://127.0.0.1:6443"\n');
    expect(text).toContain("certificate-authority-data: UEVN\n");
    expect(text).toContain('token: "secret"\n');
  });

  it("tells other users' contexts apart", () => {
    const text = formatKubeconfig({ ...input, user: "visitor" });
    expect(text).toContain('current-context: "visitor@prod-eu-1"\n');
  });
});
