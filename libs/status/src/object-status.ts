/** The words of kstatus for one object, in the order in which one outweighs the next when many are summed up. */
export const objectStatuses = [
  "Failed",
  "NotFound",
  "Terminating",
  "Unknown",
  "InProgress",
  "Current",
] as const;

/** What kstatus says of one object. */
export type ObjectStatus = (typeof objectStatuses)[number];

/** An object's status, with the reason in words. */
export interface ObjectHealth {
  readonly status: ObjectStatus;
  /** Lower case, no full stop; such as `1 of 2 replicas available`. */
  readonly message: string;
}
