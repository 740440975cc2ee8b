import { randomUUID } from "node:crypto";
import { type Command, Option } from "commander";
import { EXIT, failure, refusal, unusable } from "../core/exit.js";
import {
  bucketProblem,
  type NewFile,
  type NewProject,
  orgNameProblem,
  projectFiles,
  regionProblem,
} from "../core/new-project.js";
import { PIPELINES, type PipelineKind, pipelineProblem } from "../core/pipeline-example.js";
import { type MachineContext, onMachine, orgCommand, type Session } from "./context.js";

/** So often is a person asked for a value, until it can be used. */
const TRIES = 3;

interface Options {
  readonly org?: string;
  readonly region?: string;
  readonly pipeline?: PipelineKind;
  readonly stateBucket?: string;
  readonly unchecked?: boolean;
}

/** Why a value can't be used; null: it can. */
type Check = (value: string) => string | null | Promise<string | null>;

/** `muster init` */
export function addInit(parent: Command, session: Session): void {
  const command = orgCommand(parent, "init", {
    summary: "writes muster.yaml, cdktf.json and an example of a pipeline for a new org",
    more: [
      "It asks for what the options leave open. It looks in AWS whether the org's name is free in the account and region, and changes",
      "nothing there. It never writes over a file: if the folder has one of them, nothing is written.",
    ].join("\n"),
    example:
      "muster init --org demo --region us-east-1 --pipeline github --state-bucket acme-terraform-state",
  })
    .argument("[folder]", "where to write them; it is made if it is not there", ".")
    .addOption(
      new Option(
        "--pipeline <kind>",
        "the example to write: GitHub Actions, GitLab CI, a shell script, or none",
      ).choices(PIPELINES),
    )
    .option(
      "--state-bucket <bucket>",
      "an existing S3 bucket for Terraform's state; without one, and with --pipeline none: local files",
    )
    .option("--unchecked", "do not look in AWS whether the org's name is free");
  onMachine<Options>(command, session, async (context, options, folder = ".") => {
    const { world, out } = context;
    const project = await describeProject(options, context);
    const files = projectFiles(project, randomUUID());
    await checkFiles(files, folder, context);
    const there = await world.makeFiles(folder, files).catch((error: Error) => {
      throw failure(`Could not write to ${folder}: ${error.message}. Nothing was left there.`);
    });
    if (there.length > 0) {
      throw refusal(
        `${folder === "." ? "This folder" : folder} already has ${there.join(", ")}. Nothing was written. Give another folder (muster init FOLDER), or change what is there by hand.`,
      );
    }
    const paths = files.map(({ path }) => path);
    await out.print(paths.map((path) => `wrote ${folder === "." ? path : `${folder}/${path}`}`));
    await out.document({ folder, files: paths, ...project });
    out.say(
      "Next: put Muster's sources into the folder `muster` beside them (docs/guides/orgs.md), then run `muster doctor`: it says what this machine lacks.",
    );
    return EXIT.done;
  });
}

/** From the options, and from the person where there is one. Throws with every problem of the options. */
async function describeProject(options: Options, context: MachineContext): Promise<NewProject> {
  const { env, canAsk } = context.world;
  const region = options.region ?? (canAsk ? undefined : regionOf(env));
  const given = { ...options, region };
  const missing = canAsk ? [] : missingOptions(given);
  const problems = [
    ...(missing.length > 0 ? [`there is no terminal to ask at: give ${missing.join(", ")} too`] : []),
    ...wrongOptions(given),
  ];
  if (problems.length > 0) throw unusable(problems);
  return ask(given, context);
}

type Given = Omit<Options, "region"> & { readonly region: string | undefined };

const regionOf = (env: MachineContext["world"]["env"]): string | undefined =>
  env["AWS_REGION"] || env["AWS_DEFAULT_REGION"] || undefined;

const missingOptions = ({ org, region, pipeline, stateBucket }: Given): readonly string[] => [
  ...(org === undefined ? ["--org"] : []),
  ...(region === undefined ? ["--region"] : []),
  ...(pipeline === undefined ? ["--pipeline"] : []),
  ...(stateBucket === undefined && pipeline !== "none" ? ["--state-bucket"] : []),
];

const wrongOptions = ({ org, region, stateBucket }: Given): readonly string[] =>
  [
    org === undefined ? null : orgNameProblem(org),
    region === undefined ? null : regionProblem(region),
    stateBucket === undefined ? null : bucketProblem(stateBucket),
  ].filter((problem) => problem !== null);

/** What is given is not asked for. The region comes first: an org's name is free, or not, in a region. */
async function ask(given: Given, context: MachineContext): Promise<NewProject> {
  const { world } = context;
  const region =
    given.region ??
    (await askUntil("AWS region", "--region", regionProblem, context, regionOf(world.env) ?? null));
  const isFree: Check = (name) => (given.unchecked ? null : takenProblem(name, region, context));
  if (given.org !== undefined) {
    const problem = await isFree(given.org);
    if (problem !== null) throw refusal(`${problem} Nothing was written.`);
  }
  const org =
    given.org ??
    (await askUntil("Name of the org", "--org", (name) => orgNameProblem(name) ?? isFree(name), context));
  const pipeline =
    given.pipeline ??
    ((await askUntil(
      `Example of a pipeline (${PIPELINES.join(", ")})`,
      "--pipeline",
      pipelineProblem,
      context,
      "none",
    )) as PipelineKind);
  const isAsked = given.stateBucket === undefined && pipeline !== "none";
  const stateBucket = isAsked
    ? await askUntil("Existing S3 bucket for Terraform's state", "--state-bucket", bucketProblem, context)
    : (given.stateBucket ?? null);
  return { org, region, pipeline, stateBucket };
}

/** The answer to a question, or `otherwise` if there is none. Asks again, a few times, after one that can't be used. */
async function askUntil(
  question: string,
  option: string,
  check: Check,
  { world, out, signal }: MachineContext,
  otherwise: string | null = null,
): Promise<string> {
  for (let tried = 0; tried < TRIES; tried++) {
    const answer = await world.ask(`${question}${otherwise === null ? "" : ` [${otherwise}]`}: `);
    signal.throwIfAborted();
    const value = answer.trim() === "" ? otherwise : answer.trim();
    if (value === null) break;
    const problem = await check(value);
    if (problem === null) return value;
    out.say(problem);
  }
  throw unusable([`${question}: there was no answer that can be used. Nothing was written. Give ${option}.`]);
}

/** Whether an org of the name is there already. */
async function takenProblem(
  org: string,
  region: string,
  { open, signal }: MachineContext,
): Promise<string | null> {
  const { account } = await open({ org, region });
  const found = await account.findTraces().catch((error: Error) => {
    signal.throwIfAborted();
    throw failure(
      `${error.message} Whether the org's name is free could not be found out; --unchecked goes without. Nothing was written.`,
    );
  });
  if (found.length === 0) return null;
  const things = found.map(({ kind, id }) => `${kind} ${id}`).join(", ");
  return `There is an org ${org} in ${region} already: ${things}. Choose another name; or, where it is your own, use its muster.yaml.`;
}

/** What is written must be what the stacks take. */
async function checkFiles(
  files: readonly NewFile[],
  folder: string,
  { world }: MachineContext,
): Promise<void> {
  // Loaded late: other commands need only the org's name.
  const { parseMusterConfig } = await import("../../../stacks/config/load.js");
  const text = files.find(({ path }) => path === "muster.yaml")?.text ?? "";
  try {
    parseMusterConfig(text, `${folder}/muster.yaml`, world.readFile);
  } catch (error) {
    throw unusable((error as Error).message.split("\n"));
  }
}
