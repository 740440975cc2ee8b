import { parseArgs } from "node:util";
import { NAME_PATTERN } from "../../agent/contract/names.js";
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

function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      org: { type: "string" },
      region: { type: "string" },
      json: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    console.log(HELP);
    return Promise.resolve(0);
  }
  const region = values.region ?? process.env["AWS_REGION"];
  const problems = [
    ...(new RegExp(NAME_PATTERN).test(values.org ?? "")
      ? []
      : [`--org is "${values.org ?? ""}": give the org's name`]),
    ...(region ? [] : ["the region is missing: give --region, or set AWS_REGION"]),
  ];
  if (problems.length === 0) return run(values.org ?? "", region ?? "", values.json === true);
  console.error(`${problems.join("\n")}\n\n${HELP}`);
  return Promise.resolve(2);
}

Promise.resolve()
  .then(() => main(process.argv.slice(2)))
  .then(
    (status) => {
      process.exitCode = status;
    },
    (error: NodeJS.ErrnoException) => {
      console.error(error.message);
      process.exitCode = error.code?.startsWith("ERR_PARSE_ARGS") ? 2 : 1;
    },
  );
