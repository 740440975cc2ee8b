import { runMuster } from "./muster.js";
import { processWorld } from "./system/process-world.js";

// The entry point of `muster`, bundled as dist/cli/muster.cjs.

declare const MUSTER_VERSION: string | undefined;
const version = typeof MUSTER_VERSION === "string" ? MUSTER_VERSION : "0.0.0";

/** Resolves when everything written to it has been read, or its reader has left. */
const flushed = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => void stream.write("", () => resolve()));

runMuster(process.argv.slice(2), processWorld(version), version).then(async (exitCode) => {
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  // Exit explicitly: an AWS call that was abandoned may stay open for minutes.
  process.exit(exitCode);
});
