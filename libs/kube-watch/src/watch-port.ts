import {
  type GroupVersionKind,
  type KubeObject,
} from "@wheelhouse/kube-object";

/** One event of a watch. `bookmark` carries a resourceVersion only; `error` ends the watch. */
export type WatchEvent =
  | {
      readonly kind: "added" | "modified" | "deleted";
      readonly object: KubeObject;
    }
  | { readonly kind: "bookmark"; readonly resourceVersion: string }
  | {
      readonly kind: "error";
      /** The status code, such as 410. */
      readonly code: number;
      readonly message: string;
    };

/** One page of a list. */
export interface ListPage {
  readonly items: readonly KubeObject[];
  readonly resourceVersion: string;
  /** Present where there is more. */
  readonly continueToken?: string;
}

/** Lists and watches what a label selector selects, in all namespaces. Throws `KubeError` (of `kube-apply`) on refusal. */
export interface WatchPort {
  list(
    kind: GroupVersionKind,
    options: {
      readonly labelSelector: string;
      readonly limit: number;
      readonly continueToken?: string;
      readonly signal: AbortSignal;
    },
  ): Promise<ListPage>;
  watch(
    kind: GroupVersionKind,
    options: {
      readonly labelSelector: string;
      readonly resourceVersion: string;
      /** The server ends the watch after this long: 240 to 300 seconds. */
      readonly timeoutSeconds: number;
      readonly signal: AbortSignal;
    },
  ): AsyncIterable<WatchEvent>;
}
