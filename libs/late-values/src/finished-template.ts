import { createHmac } from "node:crypto";
import {
  type BundleSpec,
  type Template,
  type TemplateDocument,
  draftOf,
  templateIdOf,
} from "@wheelhouse/assignment";
import { parseYaml } from "@wheelhouse/fleet-model";
import {
  type JsonObject,
  type KubeObject,
  canonicalJson,
  formatObjectId,
  isJsonObject,
  isKubeObject,
  objectIdOf,
  objectKey,
} from "@wheelhouse/kube-object";
import {
  type FinishedTemplate,
  type UnfinishedTemplate,
} from "@wheelhouse/reconcile";
import {
  type RenderedDocument,
  type Variables,
  invalidVariableNames,
  isSubstituteDisabled,
  mergeVariables,
  substituteDocument,
  withCommonMetadata,
} from "@wheelhouse/substitute";
import { changedValues } from "./changed-values.ts";
import { type LiveValues } from "./live-values.ts";
import { decryptDocument } from "./sops/decrypted-document.ts";
import { createScrubber } from "./scrubber.ts";

/** All that a template is finished with. */
export interface FinishInput {
  readonly template: Template;
  readonly spec: BundleSpec;
  /** Of each late source in the template's order; null where it is not there. */
  readonly values: readonly (LiveValues | null)[];
  /** What the Secret with decryption keys holds; undefined where there is none. */
  readonly keys: LiveValues | undefined;
  readonly clusterKey: Uint8Array;
}

/** Decrypts and substitutes, document by document and in that order, as Flux does. What is wrong is said without a word of what the values are. */
export async function finishTemplate(
  input: FinishInput,
): Promise<FinishedTemplate | UnfinishedTemplate> {
  const { template, values } = input;
  const variables = variablesOf(template, values);
  if (invalidVariableNames(variables).length > 0) {
    return unfinished(
      "InvalidVariable",
      "substituteFrom: a key is no name of a variable",
    );
  }
  const isSubstituted = Object.keys(variables).length > 0 || template.always;
  const secrets = new Set(values.flatMap((one) => Object.values(one ?? {})));
  const objects: KubeObject[] = [];
  const late = new Set<string>();
  let macNotVerifiable = false;
  for (const document of template.documents) {
    const read = readDocument(document);
    if ("reason" in read) return read;
    const plain = await decryptIfNeeded(read, document, input);
    if ("reason" in plain) return plain;
    macNotVerifiable ||= plain.isMacVerified === false;
    const done = isSubstituted ? substitute(plain, variables, document) : plain;
    if ("reason" in done) return done;
    const isLate = isSubstituted && hasExpressions(plain);
    if (isLate || plain !== read) late.add(objectKey(templateIdOf(document)));
    for (const text of changedValues(read.object, done.object)) {
      secrets.add(text);
    }
    objects.push(done.object);
  }
  const { scrub } = createScrubber(secrets);
  return {
    ok: true,
    objects: withCommonMetadata(objects, template.commonMetadata).objects,
    fingerprint: fingerprintOf(input),
    macNotVerifiable,
    digestOf: (object) =>
      hmacOf(input.clusterKey, canonicalJson(object)).slice(0, 32),
    scrub,
    hasValues: (key) => late.has(key),
  };
}

function variablesOf(
  { sources }: Template,
  values: readonly (LiveValues | null)[],
): Variables {
  const late = [...values];
  return mergeVariables(
    ...sources.map((source) =>
      source.kind === "values" ? source.values : (late.shift() ?? {}),
    ),
  );
}

function readDocument(
  document: TemplateDocument,
): RenderedDocument | UnfinishedTemplate {
  const parsed = parseYaml("template", document.text);
  const [only] = parsed.ok ? parsed.documents : [];
  if (only !== undefined && isKubeObject(only.value)) {
    return { text: document.text, object: only.value };
  }
  return unfinished(
    "BuildFailed",
    `${nameOf(document)}: is no Kubernetes object`,
  );
}

/** A document ready for substitution; whether its MAC was verified, where it had one. */
type PlainDocument = RenderedDocument & { readonly isMacVerified?: boolean };

async function decryptIfNeeded(
  read: RenderedDocument,
  document: TemplateDocument,
  { spec, keys }: FinishInput,
): Promise<PlainDocument | UnfinishedTemplate> {
  const { object } = read;
  if (!isEncrypted(object) || spec.decryption === null) return read;
  const name = nameOf(document);
  if (keys === undefined) {
    const [, namespace] = spec.name.split("/");
    const secret = `Secret/${namespace}/${spec.decryption.secretName}`;
    const message = `${name}: is encrypted, and ${secret} with its key is not in the cluster`;
    return {
      ok: false,
      reason: "DecryptionKeyMissing",
      message,
      isFinal: false,
    };
  }
  const result = await decryptDocument(object, document, keys);
  if (!result.ok) return { ...result, message: `${name}: ${result.message}` };
  const { isMacVerified } = result;
  return { ...result.document, isMacVerified };
}

function isEncrypted(
  object: KubeObject,
): object is KubeObject & { readonly sops: JsonObject } {
  return isJsonObject(object["sops"]);
}

function substitute(
  read: RenderedDocument,
  variables: Variables,
  document: TemplateDocument,
): { readonly object: KubeObject } | UnfinishedTemplate {
  const result = substituteDocument(read, variables);
  const say = (what: string) =>
    unfinished("SubstitutionFailed", `${nameOf(document)}: ${what}`);
  if (!result.ok) {
    switch (result.problem) {
      case "expression":
        return say("an expression is refused");
      case "yaml":
        return say("is no YAML after substitution");
      case "object":
        return say("is no single object after substitution");
    }
  }
  const wanted = objectKey(templateIdOf(document));
  return objectKey(objectIdOf(result.object)) === wanted
    ? result
    : unfinished(
        "LateVariableInIdentity",
        `${nameOf(document)}: a late value changes its name, kind or namespace`,
      );
}

function hasExpressions({ text, object }: RenderedDocument): boolean {
  return text.includes("$") && !isSubstituteDisabled(object);
}

function nameOf(document: TemplateDocument): string {
  return formatObjectId(objectIdOf(draftOf(document)));
}

/** Bound to the bundle, so that nobody can tell that two bundles have the same values. */
function fingerprintOf({ spec, values, clusterKey }: FinishInput): string {
  const content = { bundle: spec.name, values } as unknown as JsonObject;
  return hmacOf(clusterKey, canonicalJson(content));
}

function hmacOf(key: Uint8Array, text: string): string {
  return createHmac("sha256", key).update(text).digest("hex");
}

function unfinished(reason: string, message: string): UnfinishedTemplate {
  return { ok: false, reason, message, isFinal: true };
}
