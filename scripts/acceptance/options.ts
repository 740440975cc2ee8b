import { type Command, InvalidArgumentError, Option } from "commander";
import { developersCommand, withStatus } from "../system/command-line.js";
import type { ImageChoice } from "./declaration.js";

/** As typed. */
export interface AcceptanceOptions {
  readonly aws?: true;
  readonly yes?: true;
  readonly region: string;
  readonly org?: string;
  readonly image?: ImageChoice;
  readonly git?: string;
  readonly gitFile: string;
  readonly maxHours: number;
  readonly maxUsd: number;
  readonly prices?: string;
  readonly report: string;
}

/** `run` gives the exit status. */
export function acceptanceCommand(run: (options: AcceptanceOptions) => Promise<number>): Command {
  return developersCommand(
    "npm run acceptance --",
    "Plays the whole product as a person does, and takes everything back: in the local cloud (Linux, root), or in an AWS account.",
  )
    .option(
      "--aws",
      "in the AWS account of this shell's credentials; it says the cost and asks before it makes anything",
    )
    .addOption(new Option("--yes", "with --aws: do not ask").implies({ aws: true }))
    .option("--region <region>", "the AWS region", process.env["AWS_REGION"] ?? "us-east-1")
    .option("--org <name>", "the org that is made; default: acceptance- and four random digits")
    .addOption(
      new Option(
        "--image <image>",
        "`bake` bakes one; an AMI's id; or the family of an image that is there. Default: with --aws bake, else the local cloud's own",
      ).argParser(imageChoice),
    )
    .option(
      "--git <url>",
      "a public repository that a job comes from; default: with --aws mpi4py's own, else none",
    )
    .option("--git-file <path>", "the file in it that runs", "demo/helloworld.py")
    .option("--max-hours <hours>", "ends the steps so that the teardown ends by then", positive, 2)
    .option("--max-usd <usd>", "the same, for what it costs at list prices", positive, 5)
    .option("--prices <file>", "a file with prices instead of AWS's price list (docs/guides/usage.md)")
    .option("--report <folder>", "where report.md, report.json and acceptance.log go", "dist/acceptance")
    .addHelpText(
      "after",
      "\nExit status: 0 all passed, 1 a step failed or something is left, 2 unusable (arguments, credentials, prices), 3 refused (not agreed to, or no terminal to ask at).",
    )
    .action(withStatus(run));
}

function positive(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value > 0 && value <= 1_000) return value;
  throw new InvalidArgumentError("Give a number above 0, to 1000.");
}

function imageChoice(text: string): ImageChoice {
  if (text === "bake") return { kind: "bake" };
  if (/^ami-[0-9a-f]{8,17}$/.test(text)) return { kind: "ami", id: text };
  if (/^[a-z][a-z0-9-]{1,31}$/.test(text) && !text.startsWith("ami-"))
    return { kind: "family", family: text };
  throw new InvalidArgumentError(
    "Give `bake`, an AMI's id such as ami-0123456789abcdef0, or a family such as mpi.",
  );
}
