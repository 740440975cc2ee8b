import { endWith, nameProblems, readCommandLine, refuse, regionProblems } from "../system/command-line.js";
import { findLeftovers } from "./find.js";

const HELP = `./scripts/leftovers/check --org ORG [--region REGION] [--json]: what of an org still exists in the account

Region, endpoint and credentials come from the environment, as for any AWS program.
Exit status: 0 nothing is left, 1 something is (or could not be looked at), 2 unusable arguments.`;

async function run(org: string, region: string, json: boolean): Promise<number> {
  const { leftovers, pendingDeletion } = await findLeftovers(org, { region });
  if (json) {
    console.log(JSON.stringify({ leftovers, pendingDeletion }));
  } else {
    for (const { kind, id } of leftovers) console.log(`left: ${kind} ${id}`);
    for (const { kind, id } of pendingDeletion) console.log(`pending deletion: ${kind} ${id}`);
    if (leftovers.length === 0) console.log(`Nothing of org ${org} is left in ${region}.`);
  }
  return leftovers.length === 0 ? 0 : 1;
}

const SPEC = {
  org: { type: "string" },
  region: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

endWith(() => {
  const { values, positionals, problems: optionProblems } = readCommandLine(process.argv.slice(2), SPEC);
  const { org = "", region = process.env["AWS_REGION"] ?? "", json, help } = values;
  if (help) {
    console.log(HELP);
    return 0;
  }
  const problems = [
    ...optionProblems,
    ...positionals.map((word) => `unexpected "${word}"`),
    ...nameProblems("org", org),
    ...regionProblems(region),
  ];
  return problems.length > 0 ? refuse(problems, HELP) : run(org, region, json);
});
