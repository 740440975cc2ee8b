import { parseArgs } from "node:util";

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

  --nodes N    nodes in the cluster, 1 to ${MAX_NODES} (default 4)
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
  const { values, tokens } = parseArgs({
    args: [...argv],
    options: SPEC,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const problems: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional")
      problems.push(`unexpected "${token.value}": quickstart takes options only`);
    if (token.kind === "option" && !(token.name in SPEC)) problems.push(`unknown option ${token.rawName}`);
    if (token.kind === "option" && (token.name === "nodes" || token.name === "job") && !token.value) {
      problems.push(`${token.rawName} needs a value`);
    }
  }
  const nodes = typeof values.nodes === "string" ? Number(values.nodes) : 4;
  if (!Number.isInteger(nodes) || nodes < 1 || nodes > MAX_NODES) {
    problems.push(`--nodes is "${String(values.nodes)}": give a whole number from 1 to ${MAX_NODES}`);
  }
  if (values.keep && values.destroy) problems.push("--keep and --destroy exclude each other");
  if (problems.length > 0) return { problems };
  return {
    nodes,
    jobFile: typeof values.job === "string" ? values.job : null,
    keep: values.keep === true,
    destroy: values.destroy === true,
    json: values.json === true,
    help: values.help === true,
  };
}
