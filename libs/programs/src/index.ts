export {
  calledAsIn,
  calledAsVariable,
  writeAsCalled,
  writeHelpAsCalled,
} from "./called-as.ts";
export { type ExitCode, exitCodes } from "./exit-codes.ts";
export { type Signs, type SignStream, isPlain, signsFor } from "./signs.ts";
export { spokeNodeArguments } from "./spoke-node-arguments.ts";
export { type StartedProcess, stopWithStarter } from "./starter.ts";
