import { failure, refusal, unusable } from "../core/exit.js";
import { bucketProblem, type NewProject, orgNameProblem, regionProblem } from "../core/new-project.js";
import { PIPELINES, type PipelineKind, pipelineProblem } from "../core/pipeline-example.js";
import { packageSpecProblem } from "../core/project-package.js";
import type { MachineContext } from "./context.js";

/** So often is a person asked for a value, until it can be used. */
const TRIES = 3;

/** What `muster init` is given. */
export interface InitOptions {
  readonly org?: string;
  readonly region?: string;
  readonly pipeline?: PipelineKind;
  readonly stateBucket?: string;
  readonly package?: string;
  readonly unchecked?: boolean;
}

/** Why a value can't be used; null: it can. */
type Check = (value: string) => string | null | Promise<string | null>;

/** From the options, and from the person where there is one. Throws with every problem of the options. */
export async function describeProject(options: InitOptions, context: MachineContext): Promise<NewProject> {
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

type Given = Omit<InitOptions, "region"> & { readonly region: string | undefined };

const regionOf = (env: MachineContext["world"]["env"]): string | undefined =>
  env["AWS_REGION"] || env["AWS_DEFAULT_REGION"] || undefined;

const missingOptions = ({ org, region, pipeline = "none", stateBucket }: Given): readonly string[] => [
  ...(org === undefined ? ["--org"] : []),
  ...(region === undefined ? ["--region"] : []),
  ...(stateBucket === undefined && pipeline !== "none" ? ["--state-bucket"] : []),
];

const wrongOptions = ({ org, region, stateBucket, package: spec }: Given): readonly string[] =>
  [
    org === undefined ? null : orgNameProblem(org),
    region === undefined ? null : regionProblem(region),
    stateBucket === undefined ? null : bucketProblem(stateBucket),
    spec === undefined ? null : packageSpecProblem(spec),
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
    (!world.canAsk ? "none" : null) ??
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
