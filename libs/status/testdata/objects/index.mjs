import { deployments } from "./deployments.mjs";
import { replicated } from "./replicated.mjs";
import { runs } from "./runs.mjs";
import { serving } from "./serving.mjs";
import { stored } from "./stored.mjs";
import { wellKnown } from "./well-known.mjs";
import { customResources } from "./widgets.mjs";

/** Every object that kstatus is asked about, with a name that says what it shows. */
export const objects = [
  ...deployments,
  ...replicated,
  ...runs,
  ...serving,
  ...stored,
  ...wellKnown,
  ...customResources,
];
