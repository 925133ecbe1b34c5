import { describe, expect, it } from "vitest";
import { generateGoMod, linkerFlags } from "./go-build.ts";
import { pinnedModules } from "./pinned-tools.ts";

const upstream = `module k8s.io/kubernetes

go 1.26.0

replace (
	k8s.io/api => ./staging/src/k8s.io/api
	k8s.io/client-go => ./staging/src/k8s.io/client-go
	example.com/fork => example.com/other v1.0.0
)
`;

describe("the module that builds a tool", () => {
  it("takes Kubernetes' staging modules at their published version", () => {
    expect(generateGoMod(pinnedModules.kubernetes, upstream)).toBe(
      [
        "module wheelhouse.invalid/tools",
        "go 1.26.0",
        "require k8s.io/kubernetes v1.36.3",
        "replace k8s.io/api => k8s.io/api v0.36.3",
        "replace k8s.io/client-go => k8s.io/client-go v0.36.3",
        "",
      ].join("\n"),
    );
  });

  it("stamps the version where the program looks for it", () => {
    expect(linkerFlags(pinnedModules.kubernetes)).toContain(
      "-X k8s.io/component-base/version.gitVersion=v1.36.3",
    );
    expect(linkerFlags(pinnedModules.etcd)).toBe("-s -w");
  });
});
