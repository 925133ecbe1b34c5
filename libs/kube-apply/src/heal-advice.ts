import { type ObjectId } from "@wheelhouse/kube-object";
import { type ObjectOutcome } from "./object-outcome.ts";

/** The server's words about a heal that it refused, and what a person can do, where that is known. */
export function adviseOnHeal(
  { reason, message }: Extract<ObjectOutcome, { readonly kind: "refused" }>,
  id: ObjectId,
): string {
  switch (reason) {
    case "Invalid":
      return `${message}; take out what stands in the way: ${editCommand(id)}`;
    case "Immutable":
      return `${message}; delete it, or set \`force: true\`, and it is made anew`;
    default:
      return message;
  }
}

function editCommand({ group, kind, namespace, name }: ObjectId): string {
  const type = [kind.toLowerCase(), group].filter(Boolean).join(".");
  const place = namespace === "" ? "" : ` -n ${namespace}`;
  return `kubectl edit ${type} ${name}${place}`;
}
