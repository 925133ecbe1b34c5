import {
  type Template,
  type TemplateDocument,
  type TemplateSource,
  documentIdOf,
} from "@wheelhouse/assignment";
import {
  type CommonMetadata,
  type FluxDecryption,
  type Problem,
} from "@wheelhouse/fleet-model";
import {
  type KubeObject,
  formatObjectId,
  isJsonObject,
  objectIdOf,
  objectKey,
} from "@wheelhouse/kube-object";
import {
  type RenderedDocument,
  type Variables,
  isSubstituteDisabled,
  substituteDocument,
  substituteText,
  variableNames,
} from "@wheelhouse/substitute";
import { type EncryptedTexts, isEncrypted } from "./encrypted-texts.ts";
import { roleOf } from "./flux-kinds.ts";
import { substitutionFault } from "./rendered-objects.ts";

/** A build that only the cluster can finish, as far as the hub knows it. */
export type LateBuild =
  | {
      readonly ok: true;
      /** Every object by its true identity; late values stand in them as expressions, encrypted ones encrypted. */
      readonly objects: readonly KubeObject[];
      /** The template of some of the objects. */
      templateOf(objects: readonly KubeObject[]): Template;
      /** Those in which late values stand. */
      readonly open: readonly KubeObject[];
      /** Whether something in it must be decrypted. */
      readonly isEncrypted: boolean;
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** What a late build is made with. */
export interface LateBuildInput {
  readonly documents: readonly RenderedDocument[];
  readonly sources: readonly TemplateSource[];
  readonly always: boolean;
  readonly commonMetadata: CommonMetadata;
  readonly decryption: FluxDecryption | undefined;
  readonly encrypted: EncryptedTexts;
}

/** Values that no late source can change any more: what comes after the last one. */
export function finalVariables(sources: readonly TemplateSource[]): Variables {
  const isLate = ({ kind }: TemplateSource) => kind === "late";
  const after = sources.slice(sources.findLastIndex(isLate) + 1);
  return Object.assign(
    Object.create(null) as Variables,
    ...after.map((source) => (source.kind === "values" ? source.values : {})),
  ) as Variables;
}

/** Reads a build as far as that can be done without the cluster: identities, and what the hub itself must read, may not wait for late values. */
export function buildLate(input: LateBuildInput): LateBuild {
  const { documents, sources, always, commonMetadata } = input;
  const problems: Problem[] = [];
  const objects: KubeObject[] = [];
  const open: KubeObject[] = [];
  const texts = new Map<string, TemplateDocument>();
  const isSubstituted = sources.length > 0 || always;
  for (const document of documents) {
    const read = isSubstituted
      ? readLate(document, finalVariables(sources))
      : { object: document.object, isOpen: false };
    if ("problem" in read) {
      problems.push(read.problem);
      continue;
    }
    const { object } = read;
    objects.push(object);
    if (read.isOpen) open.push(object);
    const inGit = input.encrypted.find(document.object);
    texts.set(objectKey(objectIdOf(object)), {
      ...documentIdOf(object),
      text: document.text,
      ...(inGit === undefined ? {} : { inGit }),
    });
  }
  problems.push(...encryptedFiles(documents));
  const encrypted = documents.filter(({ object }) =>
    isJsonObject(object["sops"]),
  );
  if (encrypted.length > 0 && input.decryption?.secretName === undefined) {
    problems.push(...encrypted.map(({ object }) => keyless(object)));
  }
  if (problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    objects,
    open,
    isEncrypted: encrypted.length > 0,
    templateOf: (chosen) => ({
      documents: chosen.flatMap(
        (object) => texts.get(objectKey(objectIdOf(object))) ?? [],
      ),
      sources,
      always,
      commonMetadata,
    }),
  };
}

function readLate(
  document: RenderedDocument,
  known: Variables,
):
  | { readonly object: KubeObject; readonly isOpen: boolean }
  | { readonly problem: Problem } {
  const { text, object } = document;
  if (isSubstituteDisabled(object)) return { object, isOpen: false };
  const subject = formatObjectId(objectIdOf(object));
  const isKnown = (name: string) => Object.hasOwn(known, name);
  const open = variableNames(text)?.filter((name) => !isKnown(name));
  if (open === undefined || open.length === 0) {
    const result = substituteDocument(document, known);
    if (result.ok) return { object: result.object, isOpen: false };
    const message = substitutionFault(result);
    return { problem: { reason: "SubstitutionFailed", subject, message } };
  }
  const mustBeRead = ["kustomization", "source"].includes(roleOf(object));
  const [missing] = mustBeRead ? open : openInIdentity(object, known);
  if (missing !== undefined) {
    return { problem: lateInIdentity(subject, missing, mustBeRead) };
  }
  return { object: identified(object, known), isOpen: true };
}

const idFields = ["name", "namespace"] as const;

/** Variables in an object's identity that nothing in Git sets for good. */
function openInIdentity(
  { apiVersion, kind, metadata }: KubeObject,
  known: Variables,
): readonly string[] {
  const texts = [apiVersion, kind, ...idFields.map((one) => metadata[one])];
  return texts.flatMap((text) =>
    typeof text === "string"
      ? (variableNames(text) ?? []).filter(
          (name) => !Object.hasOwn(known, name),
        )
      : [],
  );
}

/** An object whose identity is substituted, and nothing else. */
function identified(object: KubeObject, known: Variables): KubeObject {
  const resolve = (text: string): string => {
    const result = substituteText(text, known);
    return result.ok ? result.text : text;
  };
  const { apiVersion, kind, metadata } = object;
  const { name, namespace } = metadata;
  return {
    ...object,
    apiVersion: resolve(apiVersion),
    kind: resolve(kind),
    metadata: {
      ...metadata,
      name: resolve(name),
      ...(typeof namespace === "string"
        ? { namespace: resolve(namespace) }
        : {}),
    },
  };
}

function lateInIdentity(
  subject: string,
  name: string,
  mustBeRead: boolean,
): Problem {
  return {
    reason: "LateVariableInIdentity",
    subject,
    message: mustBeRead
      ? `\${${name}} may be set in the cluster alone, and the hub must read this object`
      : `\${${name}} stands in its name, kind or namespace, and may be set in the cluster alone`,
    advice:
      "Set it under postBuild.substitute, which wins over every reference",
  };
}

/** Files that a generator put into a Secret: SOPS encrypted them, and not the object. */
function encryptedFiles(
  documents: readonly RenderedDocument[],
): readonly Problem[] {
  return documents.flatMap(({ object }): Problem[] => {
    if (!isEncrypted(object) || isJsonObject(object["sops"])) return [];
    return [
      {
        reason: "NotBuiltYet",
        subject: formatObjectId(objectIdOf(object)),
        message: "encrypted files in generated Secrets are not built yet",
        advice: "Encrypt the Secret itself",
      },
    ];
  });
}

function keyless(object: KubeObject): Problem {
  return {
    reason: "NotBuiltYet",
    subject: formatObjectId(objectIdOf(object)),
    message:
      "is encrypted, and spec.decryption.secretRef names no Secret with a key",
    advice:
      "Name a Secret with *.agekey or *.asc; keys of the controller itself and of cloud services are not built yet",
  };
}
