import { ProgramRenderer } from "@wheelhouse/render";
import { type EnsureToolsOptions, ensureTools } from "@wheelhouse/tools";

/** Finds or brings kustomize, and helm with the first chart. Rejects where kustomize cannot be had. */
export async function bringRenderer(
  options: EnsureToolsOptions,
): Promise<ProgramRenderer> {
  const { kustomize } = await ensureTools(["kustomize"], options);
  return new ProgramRenderer({
    kustomize,
    helm: async () => (await ensureTools(["helm"], options)).helm,
  });
}
