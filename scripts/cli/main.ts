import { runMuster } from "./muster.js";
import { processWorld } from "./system/process-world.js";
import { flushed } from "./system/streams.js";

// The entry point of `muster`, bundled as dist/cli/muster.cjs.

declare const MUSTER_VERSION: string | undefined;
const version = typeof MUSTER_VERSION === "string" ? MUSTER_VERSION : "0.0.0";

runMuster(process.argv.slice(2), processWorld(version), version).then(async (exitCode) => {
  await flushed();
  // Exit explicitly: an AWS call that was abandoned may stay open for minutes.
  process.exit(exitCode);
});
