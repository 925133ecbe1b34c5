import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { type Digest, digestOf, isDigest } from "@wheelhouse/assignment";
import {
  type JsonObject,
  type KubeObject,
  canonicalJson,
  isJsonList,
  isJsonObject,
  spokeNamespace,
} from "@wheelhouse/kube-object";

/** An artifact's bytes and the digest that names them. */
export interface StoredArtifact {
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

/** What one Secret holds: many artifacts, or one part of a large one. */
export type PackIndex =
  | {
      readonly kind: "whole";
      readonly members: readonly {
        readonly digest: Digest;
        readonly offset: number;
        readonly bytes: number;
      }[];
    }
  | {
      readonly kind: "part";
      readonly digest: Digest;
      readonly part: number;
      readonly parts: number;
    };

/** Compressed bytes in one Secret; base64 and the index keep it well below 1 MiB. */
export const maxPackBytes = 512 * 1024;

/** Artifacts are gathered up to this size before compression; manifests shrink by five or more. */
const maxMemberBytes = 2 * 1024 * 1024;

/** Label of every Secret that holds artifacts. */
export const packLabel = "fleet.wheelhouse.dev/state";

/** Makes the Secrets that hold these artifacts. Equal artifacts make equal Secrets, by name too. */
export function planPacks(
  artifacts: readonly StoredArtifact[],
): readonly KubeObject[] {
  return gather(artifacts).flatMap((group) => {
    const whole = gzipSync(Buffer.concat(group.map(({ bytes }) => bytes)));
    if (whole.length <= maxPackBytes) return [wholePack(group, whole)];
    const [only, ...others] = group;
    if (only !== undefined && others.length === 0) return parts(only, whole);
    const middle = Math.ceil(group.length / 2);
    return [
      ...planPacks(group.slice(0, middle)),
      ...planPacks(group.slice(middle)),
    ];
  });
}

function gather(artifacts: readonly StoredArtifact[]): StoredArtifact[][] {
  const groups: StoredArtifact[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const artifact of artifacts) {
    if (size + artifact.bytes.length > maxMemberBytes) {
      groups.push([]);
      size = 0;
    }
    groups.at(-1)?.push(artifact);
    size += artifact.bytes.length;
  }
  return groups;
}

function wholePack(
  group: readonly StoredArtifact[],
  packed: Uint8Array,
): KubeObject {
  let offset = 0;
  const members = group.map(({ digest, bytes }) => {
    const member = { digest, offset, bytes: bytes.length };
    offset += bytes.length;
    return member;
  });
  return packSecret({ kind: "whole", members }, packed);
}

function parts(artifact: StoredArtifact, packed: Uint8Array): KubeObject[] {
  const count = Math.ceil(packed.length / maxPackBytes);
  return Array.from({ length: count }, (_, part) =>
    packSecret(
      { kind: "part", digest: artifact.digest, part, parts: count },
      packed.subarray(part * maxPackBytes, (part + 1) * maxPackBytes),
    ),
  );
}

function packSecret(index: PackIndex, packed: Uint8Array): KubeObject {
  const text = canonicalJson(index as unknown as JsonObject);
  const name = createHash("sha256").update(text).digest("hex").slice(0, 20);
  return {
    apiVersion: "v1",
    kind: "Secret",
    type: `${packLabel}.artifacts`.replace("/", "-"),
    immutable: true,
    metadata: {
      name: `wheelhouse-artifacts-${name}`,
      namespace: spokeNamespace,
      labels: {
        [packLabel]: "artifacts",
        "app.kubernetes.io/managed-by": "wheelhouse",
      },
    },
    data: {
      index: Buffer.from(text).toString("base64"),
      pack: Buffer.from(packed).toString("base64"),
    },
  };
}

/** Reads what a Secret holds; undefined where it is no pack of ours. */
export function parsePackIndex(secret: KubeObject): PackIndex | undefined {
  const value = parseIndexText(readData(secret, "index"));
  if (!isJsonObject(value)) return undefined;
  const { digest, part, parts: count, members } = value;
  if (value["kind"] === "part") {
    return isDigest(digest) &&
      typeof part === "number" &&
      typeof count === "number"
      ? { kind: "part", digest, part, parts: count }
      : undefined;
  }
  if (!isJsonList(members)) return undefined;
  return {
    kind: "whole",
    members: members.flatMap((member) =>
      isJsonObject(member) &&
      isDigest(member["digest"]) &&
      typeof member["offset"] === "number" &&
      typeof member["bytes"] === "number"
        ? [
            {
              digest: member["digest"],
              offset: member["offset"],
              bytes: member["bytes"],
            },
          ]
        : [],
    ),
  };
}

/**
 * The bytes of artifacts from the Secrets that hold them, each Secret unpacked
 * once. One of which a part is missing, or whose bytes do not have the digest,
 * is left out: it is fetched anew.
 */
export function unpackArtifacts(
  digests: Iterable<Digest>,
  secrets: readonly KubeObject[],
): ReadonlyMap<Digest, Uint8Array> {
  const wanted = new Set(digests);
  const found = new Map<Digest, Uint8Array>();
  const keep = (digest: Digest, bytes: Uint8Array | undefined): void => {
    if (bytes === undefined || !wanted.has(digest)) return;
    if (digestOf(bytes) === digest) found.set(digest, bytes);
  };
  const slicesOf = new Map<Digest, Map<number, Uint8Array>>();
  for (const secret of secrets) {
    const index = parsePackIndex(secret);
    const packed = readData(secret, "pack");
    if (index === undefined || packed === undefined) continue;
    if (index.kind === "part") {
      const slices = slicesOf.get(index.digest) ?? new Map();
      slicesOf.set(index.digest, slices.set(index.part, packed));
      continue;
    }
    const whole = tryUnpack(packed);
    for (const { digest, offset, bytes } of index.members) {
      keep(digest, whole?.subarray(offset, offset + bytes));
    }
  }
  for (const [digest, slices] of slicesOf) {
    const ordered = [...slices].sort(([a], [b]) => a - b);
    keep(digest, tryUnpack(Buffer.concat(ordered.map(([, slice]) => slice))));
  }
  return found;
}

function tryUnpack(packed: Uint8Array): Uint8Array | undefined {
  try {
    return gunzipSync(packed);
  } catch {
    // Damaged bytes are as good as missing ones: the digest decides.
    return undefined;
  }
}

function readData(secret: KubeObject, key: string): Buffer | undefined {
  const data = secret["data"];
  const text = isJsonObject(data) ? data[key] : undefined;
  return typeof text === "string" ? Buffer.from(text, "base64") : undefined;
}

function parseIndexText(bytes: Buffer | undefined): unknown {
  try {
    return JSON.parse(bytes?.toString("utf8") ?? "");
  } catch {
    return undefined;
  }
}
