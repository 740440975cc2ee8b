import { nameProblems, readCommandLine, regionProblems } from "../system/command-line.js";

/** One job to run. */
export interface SubmitOptions {
  readonly org: string;
  readonly cluster: string;
  readonly region: string;
  readonly what: PythonFile | Definition;
  readonly json: boolean;
}

/** A file of this machine. */
interface PythonFile {
  /** As typed, relative to where it was typed. */
  readonly file: string;
  /** The script's own arguments. */
  readonly args: readonly string[];
}

/** A job that is kept with the cluster. */
interface Definition {
  readonly definition: string;
}

export const HELP = `./scripts/job --org ORG --cluster CLUSTER [--region REGION] [--json] FILE [ARG ...]
./scripts/job --org ORG --cluster CLUSTER [--region REGION] [--json] --definition NAME

Runs FILE as \`mpiexec -n <every core> python FILE ARG ...\` on the cluster, follows it to its end and prints its log.
With --definition it runs the job of that name which the cluster keeps (muster_job), as it is now, once more.
Endpoint and credentials come from the environment, as for any AWS program; REGION too, from AWS_REGION. It needs to read
and write the org's registry table and to read its log bucket: no route to the nodes.
With --json the last line of stdout is the job as the registry has it.
Exit status: 0 FINISHED, 1 FAILED or CANCELLED (or it can't be told), 2 unusable arguments.`;

const SPEC = {
  org: { type: "string" },
  cluster: { type: "string" },
  region: { type: "string" },
  definition: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/** The options, a call for help, or every problem. What follows FILE is the script's, whatever it looks like. */
export function parseSubmit(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): SubmitOptions | { readonly problems: readonly string[] } | "help" {
  const fileAt = readCommandLine(argv, SPEC).firstPositional;
  const [file = "", ...args] = argv.slice(fileAt);
  const { values, problems: optionProblems } = readCommandLine(argv.slice(0, fileAt), SPEC);
  const { org = "", cluster = "", region = environment["AWS_REGION"] ?? "", definition, json, help } = values;
  if (help) return "help";
  const problems = [
    ...optionProblems,
    ...nameProblems("org", org),
    ...nameProblems("cluster", cluster),
    ...regionProblems(region),
    ...whatProblems(file, definition),
  ];
  const what = definition === undefined ? { file, args } : { definition };
  return problems.length > 0 ? { problems } : { org, cluster, region, what, json };
}

function whatProblems(file: string, definition: string | undefined): readonly string[] {
  if (definition === undefined) return file === "" ? ["the Python file is missing"] : [];
  const beside = file === "" ? [] : [`${file}: --definition runs what the cluster keeps, and takes no FILE`];
  return [...nameProblems("definition", definition), ...beside];
}
