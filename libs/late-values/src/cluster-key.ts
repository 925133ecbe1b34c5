import { randomBytes } from "node:crypto";
import { type ApplyPort, KubeError } from "@wheelhouse/kube-apply";
import {
  type KubeObject,
  isJsonObject,
  spokeNamespace,
} from "@wheelhouse/kube-object";

/** The Secret that holds the key of this cluster's fingerprints. */
export const clusterKeyName = "wheelhouse-late-values";

const kind = { group: "", version: "v1", kind: "Secret" };
const id = { namespace: spokeNamespace, name: clusterKeyName };
const keyBytes = 32;

/** Reads the key of this cluster's fingerprints, and makes it where there is none. Throws `KubeError` where the server refuses. */
export async function ensureClusterKey(
  port: Pick<ApplyPort, "get" | "create">,
  signal: AbortSignal,
): Promise<Buffer> {
  const known = keyIn(await port.get(kind, id, { signal }));
  if (known !== undefined) return known;
  const key = randomBytes(keyBytes);
  try {
    await port.create(
      {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { ...id },
        data: { key: key.toString("base64") },
      },
      { signal },
    );
    return key;
  } catch (error) {
    const isThere =
      error instanceof KubeError && error.reason === "alreadyExists";
    if (!isThere) throw error;
  }
  // Another instance was quicker; or what stands there holds no key, which nobody but a person may replace.
  const theirs = keyIn(await port.get(kind, id, { signal }));
  if (theirs !== undefined) return theirs;
  throw new KubeError(
    "invalid",
    `Secret/${spokeNamespace}/${clusterKeyName}: holds no key`,
  );
}

function keyIn(secret: KubeObject | undefined): Buffer | undefined {
  const data = secret?.["data"];
  const text = isJsonObject(data) ? data["key"] : undefined;
  if (typeof text !== "string") return undefined;
  const key = Buffer.from(text, "base64");
  return key.length === keyBytes ? key : undefined;
}
