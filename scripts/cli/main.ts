import { runMuster } from "./muster.js";
import { processWorld } from "./system/process-world.js";

// What `muster` starts, as one file: dist/cli/muster.cjs.

declare const MUSTER_VERSION: string | undefined;
const version = typeof MUSTER_VERSION === "string" ? MUSTER_VERSION : "0.0.0";

// The SDK's note that it will want a newer Node.js from 2027 on, at each start.
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";

runMuster(process.argv.slice(2), processWorld(version), version).then((exitCode) => {
  process.exitCode = exitCode;
});
