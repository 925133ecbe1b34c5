import {
  type FailpointName,
  failpointNames,
  isFailpointName,
} from "@wheelhouse/kube-apply";

/** Where a test may end a spoke on its way to an identity, in the order in which it passes them. A crash at any of them must lose nothing. */
export const identityFailpointNames = [
  "key.beforeWrite",
  "key.afterWrite",
  "join.beforeCall",
  "join.afterAnswer",
  "identity.beforeWrite",
  "identity.afterWrite",
  "renewal.beforeWrite",
  "renewal.afterWrite",
] as const;

/** The name of one failpoint of a spoke: of its identity, or of the engine. */
export type SpokeFailpointName =
  FailpointName | (typeof identityFailpointNames)[number];

/** Passes a failpoint; what a test makes of it may end the process. */
export type SpokeFailpoint = (name: SpokeFailpointName) => void;

/** Every failpoint of a spoke. */
export const spokeFailpointNames: readonly SpokeFailpointName[] = [
  ...identityFailpointNames,
  ...failpointNames,
];

/** Whether a text names a failpoint of a spoke. */
export function isSpokeFailpointName(text: string): text is SpokeFailpointName {
  return (
    isFailpointName(text) ||
    (identityFailpointNames as readonly string[]).includes(text)
  );
}
