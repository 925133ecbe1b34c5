declare const WHEELHOUSE_VERSION: string | undefined;

/** The version that the build wrote in, or that of a checkout. */
export const spokeVersion =
  typeof WHEELHOUSE_VERSION === "string" ? WHEELHOUSE_VERSION : "0.0.0-dev";
