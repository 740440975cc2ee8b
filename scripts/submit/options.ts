import { parseArgs } from "node:util";
import { NAME_PATTERN } from "../../agent/contract/names.js";

/** One job to run. */
export interface SubmitOptions {
  readonly org: string;
  readonly cluster: string;
  readonly region: string;
  /** As typed, relative to where it was typed. */
  readonly file: string;
  /** The script's own arguments. */
  readonly args: readonly string[];
  readonly json: boolean;
}

export const HELP = `./scripts/job --org ORG --cluster CLUSTER [--region REGION] [--json] FILE [ARG ...]

Runs FILE as \`mpiexec -n <every core> python FILE ARG ...\` on the cluster, follows it to its end and prints its log.
Endpoint and credentials come from the environment, as for any AWS program; REGION too, from AWS_REGION. It needs to read
and write the org's registry table and to read its log bucket: no route to the nodes.
With --json the last line of stdout is the job as the registry has it.
Exit status: 0 FINISHED, 1 FAILED or CANCELLED (or it can't be told), 2 unusable arguments.`;

const SPEC = {
  org: { type: "string" },
  cluster: { type: "string" },
  region: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/** The options, a call for help, or every problem. What follows FILE is the script's, whatever it looks like. */
export function parseSubmit(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): SubmitOptions | { readonly problems: readonly string[] } | "help" {
  const fileAt = positionOfFile(argv);
  const own = argv.slice(0, fileAt);
  const { values, tokens } = parseArgs({ args: [...own], options: SPEC, strict: false, tokens: true });
  if (values.help) return "help";
  const [file = "", ...args] = argv.slice(fileAt);
  const region = values.region ?? environment["AWS_REGION"];
  const problems = tokens.flatMap((token) =>
    token.kind === "option" && !(token.name in SPEC) ? [`unknown option ${token.rawName}`] : [],
  );
  for (const name of ["org", "cluster"] as const) {
    if (!new RegExp(NAME_PATTERN).test(String(values[name] ?? ""))) {
      problems.push(`--${name} is "${String(values[name] ?? "")}": give the ${name}'s name`);
    }
  }
  if (typeof region !== "string" || region === "") {
    problems.push("the region is missing: give --region, or set AWS_REGION");
  }
  if (file === "") problems.push("the Python file is missing");
  if (problems.length > 0) return { problems };
  return {
    org: String(values.org),
    cluster: String(values.cluster),
    region: String(region),
    file,
    args,
    json: values.json === true,
  };
}

/** Where the first word is that is neither an option of ours nor one's value. */
function positionOfFile(argv: readonly string[]): number {
  const { tokens } = parseArgs({
    args: [...argv],
    options: SPEC,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  return tokens.find((token) => token.kind === "positional")?.index ?? argv.length;
}
