import { type JsonObject } from "@wheelhouse/kube-object";
import {
  type ObjectReading,
  checkKnownFields,
  readMap,
  readText,
  reportField,
} from "./field-reader.ts";

/** How a Kustomization's encrypted objects are decrypted: by SOPS. */
export interface FluxDecryption {
  /** The Secret with the keys, in the Kustomization's namespace; absent where it names none. */
  readonly secretName?: string;
}

/** Reads `spec.decryption`; every provider but `sops` is a problem, as in Flux. */
export function readDecryption(
  reading: ObjectReading,
  spec: JsonObject,
): { readonly decryption?: FluxDecryption } {
  const path = ["spec", "decryption"];
  const decryption = readMap(reading, spec["decryption"], path);
  if (Object.keys(decryption).length === 0) return {};
  checkKnownFields(reading, decryption, path, [
    "provider",
    "secretRef",
    "serviceAccountName",
  ]);
  const at = [...path, "provider"];
  const provider = readText(reading, decryption["provider"], at);
  if (provider !== "sops") {
    reportField(reading, at, "must be sops", {
      reason: "NotBuiltYet",
      advice: "Flux knows no other provider either",
    });
  }
  const from = [...path, "secretRef"];
  const secretRef = readMap(reading, decryption["secretRef"], from);
  checkKnownFields(reading, secretRef, from, ["name"]);
  const secretName = readText(reading, secretRef["name"], [...from, "name"]);
  return { decryption: secretName === undefined ? {} : { secretName } };
}
