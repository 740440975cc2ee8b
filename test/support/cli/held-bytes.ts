import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What is held in memory now, without what is only not collected yet. */
export const heldBytes = (() => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  return () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
})();
