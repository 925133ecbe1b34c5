export {
  ClusterLateValues,
  type LateValuesOptions,
} from "./cluster-late-values.ts";
export { type Scrubber, createScrubber } from "./scrubber.ts";
