/** What Node is told for a spoke: V8's four workers would each keep megabytes of their own, and a spoke has no work for them. */
export const spokeNodeArguments = ["--v8-pool-size=1"] as const;
