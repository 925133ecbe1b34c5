import { type PrincipalView } from "@wheelhouse/rest-api";

/** Why a person may not decide on rollouts and clusters here, or an empty text where they may. */
export function refusalFor(principal: PrincipalView | null): string {
  if (principal === null) return "not logged in yet";
  return principal.role === "viewer"
    ? `${principal.name} is a viewer; an operator may do this`
    : "";
}
