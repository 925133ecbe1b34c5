const subdomain =
  /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Whether a text is a name as Kubernetes gives most objects: at most 253 of a-z, 0-9, - and ., by RFC 1123. */
export function isDnsSubdomain(text: string): boolean {
  return text.length <= 253 && subdomain.test(text);
}

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** Whether a text is a name as Kubernetes gives namespaces: at most 63 of a-z, 0-9 and -, by RFC 1123. */
export function isDnsLabel(text: string): boolean {
  return text.length <= 63 && label.test(text);
}

/** Whether a text can be one segment of a path to an API server, as every name of an object has to: neither empty, `.` nor `..`, and without `/`, `%` and control characters. */
export function isPathSegment(text: string): boolean {
  return (
    text !== "" && text !== "." && text !== ".." && !/[/%\p{Cc}]/u.test(text)
  );
}
