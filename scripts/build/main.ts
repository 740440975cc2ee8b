import { resolve } from "node:path";
import { Argument } from "commander";
import { developersCommand, runToEnd } from "../system/command-line.js";
import { buildAll, PROGRAM_NAMES } from "./build-all.js";

const programs = new Argument("[program...]", "which to build")
  .choices([...PROGRAM_NAMES])
  .default(PROGRAM_NAMES, "all");

runToEnd(
  developersCommand("npm run build --", "Bundles the programs, each into one file below dist/.")
    .addArgument(programs)
    // stderr: another command may start this one, and print what was asked of it.
    .action((names) => buildAll(resolve(import.meta.dirname, "../.."), console.error, names)),
);
