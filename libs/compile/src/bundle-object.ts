import {
  type FluxHelmRelease,
  type FluxKustomization,
} from "@wheelhouse/fleet-model";
import { type FoundBundle } from "./explored-bundle.ts";

/** A bundle's own Flux object, whatever its kind; undefined for one of a kind that is not built. */
export function fluxObjectOf({
  kustomization,
  release,
}: Pick<FoundBundle, "kustomization" | "release">):
  FluxKustomization | FluxHelmRelease | undefined {
  return kustomization ?? release;
}
