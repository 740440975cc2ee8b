import { existsSync } from "node:fs";
import { type Command, InvalidArgumentError, Option } from "commander";
import { developersCommand, wholeNumber, withStatus } from "../system/command-line.js";

/** Quickstart's options. Paths are as typed, relative to the current folder. */
export interface QuickstartOptions {
  readonly nodes: number;
  /** Undefined: the built-in example, whose lines are checked too. */
  readonly job?: string;
  /** Whether the cluster gets a notebook, which is opened. */
  readonly notebook?: true;
  readonly keep?: true;
  readonly destroy?: true;
  readonly json?: true;
}

const MAX_NODES = 64;

/** `run` gives the exit status. */
export function quickstartCommand(run: (options: QuickstartOptions) => Promise<number>): Command {
  return developersCommand(
    "./scripts/quickstart",
    "A cluster from `cdktf deploy` to MPI output, and back to nothing, on this machine.\nIt needs Linux and root, and no AWS account.",
  )
    .option(
      "--nodes <n>",
      `nodes in the cluster, 1 to ${MAX_NODES}; each takes some 80 MB of memory, and ${MAX_NODES} take minutes on two cores; this machine's limits are raised meanwhile where they are too low`,
      wholeNumber(1, MAX_NODES),
      4,
    )
    .option(
      "--job <file>",
      "the Python file to run with mpiexec, instead of examples/pi.py (of your own file the exit code is checked, not the lines it prints)",
      existingFile,
    )
    .option(
      "--notebook",
      "attach a notebook to the cluster, and open it after the job: its address and a code are printed, and Ctrl-C ends it and goes on to the destroy; with --keep only how to open it is printed",
    )
    .addOption(
      new Option(
        "--keep",
        "leave everything running, and print how to inspect it, run more jobs, and destroy it",
      ).conflicts("destroy"),
    )
    .option("--destroy", "destroy what --keep left, prove that nothing is left, and stop")
    .option("--json", "progress on stderr; the last line of stdout is one JSON object")
    .addHelpText(
      "after",
      "\nExit status: 0 everything passed, 1 something failed (it says what), 2 invalid arguments.",
    )
    .action(withStatus(run));
}

function existingFile(path: string): string {
  if (existsSync(path)) return path;
  throw new InvalidArgumentError("There is no such file.");
}
