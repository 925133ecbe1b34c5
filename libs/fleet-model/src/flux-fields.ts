/** What becomes of a field that Flux knows. */
export interface FieldSupport {
  /** `built`: does what it does in Flux. `held`: the bundle is held, by the field's name. `ignored`: changes nothing that is delivered. */
  readonly support: "built" | "held" | "ignored";
  /** One sentence for docs/compatibility.md; what differs from Flux, where something does. */
  readonly note: string;
}

/** A field that does what it does in Flux. */
export const built = (note: string): FieldSupport => ({
  support: "built",
  note,
});
/** A field that holds the bundle. */
export const held = (note: string): FieldSupport => ({ support: "held", note });
/** A field without effect on what is delivered. */
export const ignored = (note: string): FieldSupport => ({
  support: "ignored",
  note,
});

/** Every field of a Flux Kustomization's `spec`, in the order in which real repositories use them. */
export const kustomizationFields = {
  path: built(
    "From the source's root; `..` cannot leave it, absent is the root. May hold variables of the cluster.",
  ),
  interval: built("How often the spoke looks at everything again."),
  prune: built("Deletions pass the spoke's prune gate besides."),
  sourceRef: built(
    "GitRepository, OCIRepository and ExternalArtifact; which sources there are, see below.",
  ),
  dependsOn: built(
    "Ready at this assignment, or by `readyExpr`: see docs/health.md. A target that is not there holds the bundle; a circle holds the cluster.",
  ),
  timeout: built("Without it, the interval."),
  wait: built(
    "All objects of the bundle must be Ready, and the bundles in it; `healthChecks` are then not looked at, as in Flux.",
  ),
  patches: built("Appended to the directory's own."),
  postBuild: built(
    "`substitute`, `substituteFrom` and `substituteStrategy`, on text, exactly as Flux. A ConfigMap or Secret that is not in Git, or is encrypted there, is read by the spoke in its cluster.",
  ),
  targetNamespace: built("The kustomization's `namespace`."),
  healthChecks: built("The objects named must be Ready."),
  healthCheckExprs: built("CEL, evaluated by the spoke: see docs/health.md."),
  retryInterval: built("Without it, the interval."),
  components: built(
    "Appended to the directory's own; `ignoreMissingComponents` is honoured.",
  ),
  ignoreMissingComponents: built(
    "A component that is not there is left out with a warning.",
  ),
  commonMetadata: built("Set on every object after the build."),
  deletionPolicy: built("MirrorPrune, Delete, WaitForTermination and Orphan."),
  images: built("Replaces an entry of the same name, else appended."),
  namePrefix: built("In the place of the directory's own."),
  nameSuffix: built("In the place of the directory's own."),
  patchesStrategicMerge: built("The old form of patches."),
  patchesJson6902: built("The old form of patches."),
  buildMetadata: built("In the place of the directory's own."),
  ignore: built("Rules for drift that is left as it is."),
  suspend: built(
    "The bundle is neither applied nor healed. What leaves Git while it is suspended is not deleted: it is held (`Suspended`).",
  ),
  validation: ignored("Of the old API; without effect in Flux, too."),
  decryption: built(
    "Provider `sops`, by the spoke, with the age and PGP keys of the Secret that `secretRef` names, in the Kustomization's namespace; keys of cloud services, and of a root's own object outside `flux-system`, are not built.",
  ),
  serviceAccountName: built(
    "An account of the Kustomization's namespace: the spoke reads late values, applies, checks and prunes as that account.",
  ),
  force: built(
    "An object with a changed immutable field is deleted and made anew; a field in conflict with another manager is taken, which Flux does with or without it.",
  ),
  kubeConfig: held(
    "Objects for another cluster; the bundle's children are held with it.",
  ),
} as const satisfies Readonly<Record<string, FieldSupport>>;
