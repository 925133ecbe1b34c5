import { digestOf, digestOfJson } from "@wheelhouse/assignment";
import { type KustomizationEdits } from "@wheelhouse/fleet-model";
import {
  type JsonObject,
  type KubeObject,
  canonicalJson,
} from "@wheelhouse/kube-object";
import { type KustomizeRequest } from "./render-request.ts";

const requests = new WeakMap<
  readonly KubeObject[],
  WeakMap<KustomizationEdits, KustomizeRequest>
>();

/** A kustomization of a release's objects and one post-renderer's patches and images; the same again for the same two. */
export function postRenderRequest(
  objects: readonly KubeObject[],
  edits: KustomizationEdits,
): KustomizeRequest {
  const known = requests.get(objects) ?? new WeakMap();
  requests.set(objects, known);
  const request = known.get(edits) ?? createRequest(objects, edits);
  known.set(edits, request);
  return request;
}

function createRequest(
  objects: readonly KubeObject[],
  edits: KustomizationEdits,
): KustomizeRequest {
  const kustomization: JsonObject = {
    apiVersion: "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    resources: ["objects.yaml"],
    patches: edits.patches.map((patch) => ({ ...patch })),
    patchesStrategicMerge: edits.patchesStrategicMerge,
    patchesJson6902: edits.patchesJson6902.map((patch) => ({ ...patch })),
    images: edits.images,
  };
  const bytes = (text: string): Uint8Array => Buffer.from(text);
  const files = [
    { path: "kustomization.yaml", bytes: bytes(canonicalJson(kustomization)) },
    {
      path: "objects.yaml",
      bytes: bytes(objects.map(canonicalJson).join("\n---\n")),
    },
  ];
  const key = digestOfJson({
    program: "kustomize",
    directory: "",
    files: files.map(({ path, bytes: content }) => [path, digestOf(content)]),
  });
  return { key, program: "kustomize", files, directory: "" };
}
