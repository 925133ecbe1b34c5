import { type LiveValues } from "../live-values.ts";
import { type SopsMetadata } from "./sops-metadata.ts";

/** A document's data key, or why none of the keys at hand gives it. */
export type DataKeyResult =
  | { readonly ok: true; readonly dataKey: Uint8Array }
  | { readonly ok: false; readonly message: string };

const dataKeyBytes = 32;

/** Unwraps a document's data key with the private keys of a Secret: `*.agekey` and `*.asc`. The libraries are loaded where a document needs them, and never before. */
export async function unwrapDataKey(
  { age, pgp }: SopsMetadata,
  keys: LiveValues,
): Promise<DataKeyResult> {
  const ageKeys = keysNamed(keys, ".agekey");
  const pgpKeys = keysNamed(keys, ".asc");
  if (age.length === 0 && pgp.length === 0) {
    return failed(
      "it is encrypted for neither age nor PGP; other key services are not built yet",
    );
  }
  const dataKey = (await byAge(age, ageKeys)) ?? (await byPgp(pgp, pgpKeys));
  if (dataKey?.length === dataKeyBytes) return { ok: true, dataKey };
  const kinds = [
    ...(age.length > 0
      ? [`${ageKeys.length} *.agekey for ${age.length} age recipients`]
      : []),
    ...(pgp.length > 0
      ? [`${pgpKeys.length} *.asc for ${pgp.length} PGP keys`]
      : []),
  ];
  return failed(`none of its keys fits: ${kinds.join(", ")}`);
}

function failed(message: string): DataKeyResult {
  return { ok: false, message };
}

function keysNamed(keys: LiveValues, ending: string): readonly string[] {
  return Object.entries(keys).flatMap(([name, text]) =>
    name.endsWith(ending) ? [text] : [],
  );
}

async function byAge(
  wrapped: readonly string[],
  files: readonly string[],
): Promise<Uint8Array | undefined> {
  const identities = files
    .flatMap((file) => file.split("\n"))
    .map((line) => line.trim())
    .filter((line) => line.startsWith("AGE-SECRET-KEY-"));
  if (wrapped.length === 0 || identities.length === 0) return undefined;
  const { Decrypter, armor } = await import("age-encryption");
  for (const text of wrapped) {
    const key = await attempt(() => {
      const decrypter = new Decrypter();
      for (const identity of identities) decrypter.addIdentity(identity);
      return decrypter.decrypt(armor.decode(text));
    });
    if (key !== undefined) return key;
  }
  return undefined;
}

async function byPgp(
  wrapped: readonly string[],
  files: readonly string[],
): Promise<Uint8Array | undefined> {
  if (wrapped.length === 0 || files.length === 0) return undefined;
  const { decrypt, readMessage, readPrivateKeys } = await import("openpgp");
  for (const armoredKeys of files) {
    for (const armoredMessage of wrapped) {
      const key = await attempt(async () => {
        const decryptionKeys = await readPrivateKeys({ armoredKeys });
        const message = await readMessage({ armoredMessage });
        const opened = await decrypt({
          message,
          decryptionKeys,
          format: "binary",
        });
        return opened.data as Uint8Array;
      });
      if (key !== undefined) return key;
    }
  }
  return undefined;
}

/** A key that does not fit, or is none, is passed over; what the libraries say of it is not shown, since it may quote the key. */
async function attempt(
  open: () => Promise<Uint8Array>,
): Promise<Uint8Array | undefined> {
  try {
    return await open();
  } catch {
    return undefined;
  }
}
