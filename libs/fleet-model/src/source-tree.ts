/** One entry of a revision's tree. Symlinks are data; submodules do not occur. */
export type TreeEntry =
  | {
      readonly kind: "file";
      readonly path: string;
      /** The blob's object id: equal ids mean equal bytes. */
      readonly oid: string;
      readonly bytes: Uint8Array;
    }
  | {
      readonly kind: "symlink";
      readonly path: string;
      readonly target: string;
    }
  | { readonly kind: "directory"; readonly path: string }
  | {
      /** A file over the size bound, an LFS pointer or a submodule: named, so that who needs it can say so. */
      readonly kind: "unreadable";
      readonly path: string;
      readonly why: string;
    };

/**
 * A revision's files, in memory. Paths are relative to the root, with `/`,
 * without `./` and never with `..`; the root itself is the empty text.
 */
export interface SourceTree {
  /** 40 hex digits, or the digest of a directory that is no repository. */
  readonly commit: string;
  entry(path: string): TreeEntry | undefined;
  /** The entries directly in a directory, sorted bytewise by name; empty where there is none. */
  list(directory: string): readonly TreeEntry[];
}
