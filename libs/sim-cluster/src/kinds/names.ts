import { type JsonObject, objectAt, stringAt } from "../json.ts";
import { type Resource } from "../resource.ts";
import { type FieldProblem } from "../status-failure.ts";

const subdomain = {
  pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
  maxLength: 253,
  text: "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
};

const label = {
  pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
  maxLength: 63,
  text: "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
};

const dns1035 = {
  pattern: /^[a-z]([-a-z0-9]*[a-z0-9])?$/,
  maxLength: 63,
  text: "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
};

const path = {
  pattern: /^(?!\.{1,2}$)[^/%]+$/,
  maxLength: 253,
  text: "may not contain '/' or '%'",
};

function ruleOf(resource: Resource) {
  if (resource.group === "rbac.authorization.k8s.io") return path;
  if (resource.type === "core.v1.Service") return dns1035;
  return resource.type === "core.v1.Namespace" ? label : subdomain;
}

/** What is wrong with an object's name. */
export function nameProblems(
  resource: Resource,
  object: JsonObject,
): FieldProblem[] {
  const name = stringAt(objectAt(object, "metadata"), "name");
  if (name === "")
    return [
      {
        kind: "required",
        field: "metadata.name",
        detail: "name or generateName is required",
      },
    ];
  const rule = ruleOf(resource);
  if (name.length <= rule.maxLength && rule.pattern.test(name)) return [];
  const detail =
    name.length > rule.maxLength
      ? `must be no more than ${rule.maxLength} characters`
      : rule.text;
  return [{ kind: "invalid", field: "metadata.name", value: name, detail }];
}
