/**
 * Every place at which a test may end a spoke, in the order in which an
 * assignment passes them. A crash at any of them must lose nothing.
 */
export const failpointNames = [
  "artifacts.beforeWrite",
  "artifacts.afterWrite",
  "assignment.beforeWrite",
  "assignment.afterWrite",
  "inventory.beforeWrite",
  "inventory.afterWrite",
  "namespace.afterEnsure",
  "object.beforeApply",
  "object.afterApply",
  "stage.afterApply",
  "applied.beforeRecord",
  "applied.afterRecord",
  "prune.beforeDelete",
  "prune.afterDelete",
  "prune.beforeForget",
] as const;

/** The name of one failpoint. */
export type FailpointName = (typeof failpointNames)[number];

/** Passes a failpoint; what a test makes of it may end the process or throw. */
export type Failpoint = (name: FailpointName) => void;

/** Passes every failpoint: what a spoke runs with. */
export const noFailpoint: Failpoint = () => undefined;

/** Whether a text names a failpoint. */
export function isFailpointName(text: string): text is FailpointName {
  return (failpointNames as readonly string[]).includes(text);
}
