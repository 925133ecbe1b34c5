import {
  type GroupVersionKind,
  type JsonObject,
  type KubeObject,
  type ObjectId,
} from "@wheelhouse/kube-object";

/** How one object is applied. */
export interface ApplyOptions {
  /** Ask the server what would happen, and change nothing. */
  readonly dryRun?: boolean;
  /** Take conflicting fields over. Only as `design` D13 permits. */
  readonly force?: boolean;
  /** Fails with `stale` where the live object is another version. */
  readonly resourceVersion?: string;
  /** The service account that the bundle names: `namespace/name`. */
  readonly impersonate?: string;
  readonly signal?: AbortSignal;
}

/** How one object is read. */
export interface GetOptions {
  readonly impersonate?: string;
  /** Whether metadata is enough; a server that cannot leave out the rest sends all of it. */
  readonly metadataOnly?: boolean;
  readonly signal?: AbortSignal;
}

/** How one object is deleted. Both preconditions are always sent. */
export interface DeleteOptions {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly propagation: "Background" | "Foreground" | "Orphan";
  readonly impersonate?: string;
  readonly signal?: AbortSignal;
}

/** What an identity means on this server. */
export interface ServedKind {
  readonly gvk: GroupVersionKind;
  /** The plural in paths, such as `deployments`. */
  readonly resource: string;
  readonly namespaced: boolean;
}

/** Reads and writes single objects as raw JSON. Every method throws `KubeError` where the server refuses. */
export interface ApplyPort {
  /** Server-side apply as the field manager `wheelhouse`; returns the object as it then is (or would be). */
  apply(object: KubeObject, options?: ApplyOptions): Promise<KubeObject>;
  /** A live read, never a cache. Undefined only for a 404 on the object itself: a 403 throws. */
  get(
    kind: GroupVersionKind,
    id: Pick<ObjectId, "namespace" | "name">,
    options?: GetOptions,
  ): Promise<KubeObject | undefined>;
  /** Returns once the server accepted; the object may live on for its finalizers. */
  delete(
    kind: GroupVersionKind,
    id: Pick<ObjectId, "namespace" | "name">,
    options: DeleteOptions,
  ): Promise<void>;
  /** Creates; fails with `alreadyExists`. */
  create(
    object: KubeObject,
    options?: { readonly impersonate?: string; readonly signal?: AbortSignal },
  ): Promise<KubeObject>;
  /** Replaces; the object must carry the resourceVersion that was read, or it fails with `stale`. */
  update(
    object: KubeObject,
    options?: { readonly signal?: AbortSignal },
  ): Promise<KubeObject>;
  /** Lists what a label selector selects in one namespace (all with an empty text). For housekeeping; never evidence for deletion. */
  list(
    kind: GroupVersionKind,
    options: {
      readonly namespace: string;
      readonly labelSelector?: string;
      readonly limit?: number;
      /** Whether metadata is enough; a server that cannot leave out the rest sends all of it. */
      readonly metadataOnly?: boolean;
      readonly impersonate?: string;
      readonly signal?: AbortSignal;
    },
  ): Promise<readonly KubeObject[]>;
  /** Writes what a JSON merge patch says (used for Events and ownership marks of our own). */
  mergePatch(
    kind: GroupVersionKind,
    id: Pick<ObjectId, "namespace" | "name">,
    patch: JsonObject,
    options?: { readonly impersonate?: string; readonly signal?: AbortSignal },
  ): Promise<KubeObject>;
}

/** Knows what the server serves. Discovery that fails in part throws for the parts asked for, never answers "not served". */
export interface DiscoveryPort {
  /** What serves this group, version and kind; undefined where the server, fully asked, does not serve it. */
  find(
    gvk: GroupVersionKind,
    options?: { readonly signal?: AbortSignal },
  ): Promise<ServedKind | undefined>;
  /** A version in which a group's kind is served now, for an object that only an inventory knows. */
  findByKind(
    group: string,
    kind: string,
    options?: {
      readonly signal?: AbortSignal;
      /** Whether a miss must come from an answer that was asked for after this call. False by default. */
      readonly fresh?: boolean;
    },
  ): Promise<ServedKind | undefined>;
  /** Forget what was learned, for instance after a CRD was established. */
  refresh(): void;
  /** The server's version (`v1.36.3`) and `group/version/Kind` of all that is served. */
  capabilities(options?: {
    readonly signal?: AbortSignal;
    /** Whether the answer must have been asked for after this call. False by default. */
    readonly fresh?: boolean;
  }): Promise<{
    readonly kubeVersion: string;
    readonly apiVersions: readonly string[];
    /** `group/version` of which nobody could say what it serves now; absent where there is none. */
    readonly unanswered?: readonly string[];
  }>;
}
