import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

// A spoke runs in every cluster, and V8's own taste would make each half as
// large again. It counts for what is loaded after: this comes first of all.
setFlagsFromString("--optimize-for-size");
setFlagsFromString("--expose-gc");

/** Collects garbage now, and gives free pages back: some 30 ms. */
export const collectGarbage = runInNewContext("gc") as () => void;
