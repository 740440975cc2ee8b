import { readCommandLine } from "../system/command-line.js";

/** What a person asked quickstart for. Paths are as typed, relative to where they typed them. */
export interface QuickstartOptions {
  readonly nodes: number;
  /** null = the built-in example, whose lines are checked too. */
  readonly jobFile: string | null;
  readonly keep: boolean;
  readonly destroy: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

const MAX_NODES = 64;

export const HELP = `./scripts/quickstart: a cluster from \`cdktf deploy\` to MPI output, and back to nothing, on this machine

  --nodes N    nodes in the cluster, 1 to ${MAX_NODES} (default 4); each takes some 80 MB of memory, and ${MAX_NODES} take
               minutes on two cores; limits of this machine that so many need are raised meanwhile
  --job FILE   the Python file to run with mpiexec, instead of examples/pi.py
               (with a file of your own the exit code is checked, not the lines it prints)
  --keep       leave everything running, and print how to look at it, run more jobs, and destroy it
  --destroy    destroy what --keep left, prove that nothing is left, and stop
  --json       progress on stderr; the last line of stdout is one JSON object
  --help       this text

It needs Linux and root, and no AWS account. Exit status: 0 all as it should be, 1 something was not
(it says what), 2 unusable arguments.`;

const SPEC = {
  nodes: { type: "string" },
  job: { type: "string" },
  keep: { type: "boolean" },
  destroy: { type: "boolean" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/** The options, or every problem with them. */
export function parseOptions(
  argv: readonly string[],
): QuickstartOptions | { readonly problems: readonly string[] } {
  const line = readCommandLine(argv, SPEC);
  const { nodes: nodesText = "4", job = null, ...flags } = line.values;
  const problems = [
    ...line.problems,
    ...line.positionals.map((word) => `unexpected "${word}": quickstart takes options only`),
  ];
  const nodes = Number(nodesText);
  if (!Number.isInteger(nodes) || nodes < 1 || nodes > MAX_NODES) {
    problems.push(`--nodes is "${nodesText}": give a whole number from 1 to ${MAX_NODES}`);
  }
  if (flags.keep && flags.destroy) problems.push("--keep and --destroy exclude each other");
  return problems.length > 0 ? { problems } : { nodes, jobFile: job, ...flags };
}
