export { type ExitCode, exitCodes } from "./exit-codes.ts";
export { spokeNodeArguments } from "./spoke-node-arguments.ts";
