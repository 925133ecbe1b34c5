import { describe, expect, it } from "vitest";
import {
  builtinApiVersions,
  isBuiltinClusterScoped,
} from "./kubernetes-kinds.ts";

describe("what Kubernetes serves by itself", () => {
  it("is named as a cluster's capabilities are", () => {
    for (const name of ["v1", "v1/Pod", "apps/v1", "apps/v1/Deployment"]) {
      expect(builtinApiVersions).toContain(name);
    }
    expect(new Set(builtinApiVersions).size).toBe(builtinApiVersions.length);
  });

  it.each([
    ["", "Namespace", true],
    ["", "ConfigMap", false],
    ["rbac.authorization.k8s.io", "ClusterRole", true],
    ["rbac.authorization.k8s.io", "Role", false],
    ["apiregistration.k8s.io", "APIService", true],
    ["monitoring.coreos.com", "ServiceMonitor", undefined],
  ])("has a scope: %s/%s", (group, kind, scope) => {
    expect(isBuiltinClusterScoped({ group, kind })).toBe(scope);
  });
});
