import { runMuster } from "./muster.js";
import { processWorld } from "./system/process-world.js";

// What `muster` starts, as one file: dist/cli/muster.cjs.

declare const MUSTER_VERSION: string | undefined;
const version = typeof MUSTER_VERSION === "string" ? MUSTER_VERSION : "0.0.0";

/** Everything that was written to it is out, or has no reader any more. */
const flushed = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => void stream.write("", () => resolve()));

runMuster(process.argv.slice(2), processWorld(version), version).then(async (exitCode) => {
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  // Not left to Node.js: a call to AWS that was given up may hang on for minutes.
  process.exit(exitCode);
});
