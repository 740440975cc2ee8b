import type { Command } from "commander";
import { type PreflightCheck, SKIPPED_CHECKS_VARIABLE } from "../../../agent/contract/preflight-checks.js";
import {
  type Argv,
  CDKTF_ENV,
  planCalls,
  readStacks,
  STOP_MS,
  SYNTH,
  type SynthesisedStack,
} from "../core/cdktf.js";
import { EXIT, failure } from "../core/exit.js";
import { readProject } from "../core/project.js";
import { type ReadPlan, readPlan, type StackPlan } from "../core/terraform-plan.js";
import { renderPlanMarkdown, renderPlans, renderVerdict } from "../render/plan.js";
import { type OrgContext, onOrg, orgCommand, type Session } from "./context.js";
import { skipOption } from "./skip-option.js";
import { untilStopped } from "./until-stopped.js";

interface Options {
  readonly markdown?: boolean;
  readonly expectNone?: boolean;
  readonly skip: readonly PreflightCheck[];
}

const MANIFEST = "cdktf.out/manifest.json";
/** Of a thousand stacks, with what cdktf says of each, it is smaller. */
const MAX_MANIFEST_BYTES = 67_108_864;

/** `muster plan` */
export function addPlan(parent: Command, session: Session): void {
  const command = orgCommand(parent, "plan", {
    summary: "plans every stack of muster.yaml, for a person, for a comment, or to find drift",
    more: [
      "Run it in the project's folder: it runs `cdktf synth`, then Terraform's plan of each stack. It changes nothing and takes no lock. What reads",
      "from a stack that is not deployed yet can't be planned, and is `waiting`. No sensitive value is shown. Exit status: 1 if a plan fails.",
    ].join("\n"),
    example: "muster plan --markdown >plan.md",
  })
    .option("--markdown", "print Markdown for a comment: 65,536 characters at most")
    .addOption(skipOption())
    .option("--expect-none", "exit status 1 also where something is to change: for a drift check");
  onOrg<Options>(command, session, async (context, { markdown = false, expectNone = false, skip }) => {
    readProject(context);
    const { out, world } = context;
    const plans = await untilStopped(context, null, (stop) => planAll(context, skip, stop));
    if (markdown && !out.json) world.stdout.write(renderPlanMarkdown(plans));
    else await out.print(renderPlans(plans));
    await out.document({ stacks: plans });
    for (const plan of plans) out.say(renderVerdict(plan));
    const isGood = ({ result }: StackPlan) => (expectNone ? result === "unchanged" : result !== "failed");
    if (plans.every(isGood)) return EXIT.done;
    if (expectNone)
      out.say(
        "What AWS has and what muster.yaml declares are not the same, or could not be compared: see above. A deploy makes them the same.",
      );
    return EXIT.failed;
  });
}

async function planAll(
  context: OrgContext,
  skip: readonly PreflightCheck[],
  stop: AbortSignal,
): Promise<readonly StackPlan[]> {
  const { world, out } = context;
  const skipped = [...skip, world.env[SKIPPED_CHECKS_VARIABLE] ?? []].flat().join(",");
  const exitCode = await runShown(SYNTH, "synth", context, stop, { [SKIPPED_CHECKS_VARIABLE]: skipped });
  if (exitCode !== 0) throw failure(`cdktf ended with exit status ${exitCode}: its lines are above.`);
  const stacks = readStacks(Buffer.from(world.readFile(MANIFEST, MAX_MANIFEST_BYTES)).toString("utf8"));
  const plans: StackPlan[] = [];
  const missing = new Set<string>();
  for (const stack of stacks) {
    const [before] = stack.dependencies.filter((name) => missing.has(name));
    if (before === undefined) {
      const { plan, isDeployed } = await planOne(stack, context, stop);
      if (!isDeployed) missing.add(stack.name);
      plans.push(plan);
    } else {
      missing.add(stack.name);
      out.say(`${stack.name}: is planned once ${before} is deployed`);
      plans.push(notPlanned(stack, "waiting", `it is planned once ${before} is deployed`));
    }
  }
  return plans;
}

const notPlanned = ({ name }: SynthesisedStack, result: "waiting" | "failed", why: string): StackPlan => ({
  stack: name,
  result,
  why,
  changes: [],
  outputs: [],
  drifted: [],
});

/** The plan is a file beside the stack's configuration, in cdktf.out. */
async function planOne(stack: SynthesisedStack, context: OrgContext, stop: AbortSignal): Promise<ReadPlan> {
  const { init, plan, show } = planCalls(
    stack.folder,
    context.world.env["TERRAFORM_BINARY_NAME"] ?? "terraform",
  );
  for (const [name, argv] of Object.entries({ init, plan }) as [string, Argv][]) {
    const exitCode = await runShown(argv, stack.name, context, stop);
    if (exitCode !== 0) {
      const why = `terraform ${name} ended with exit status ${exitCode}: its lines are in the log`;
      // It may be there: what reads from it is tried too.
      return { plan: notPlanned(stack, "failed", why), isDeployed: true };
    }
  }
  const lines: string[] = [];
  const exitCode = await run(show, context, stop, (line) => lines.push(line));
  if (exitCode !== 0)
    throw failure(`${show.join(" ")} ended with exit status ${exitCode}: ${lines.join("\n")}`);
  return readPlan(stack.name, lines.find((line) => line.startsWith("{")) ?? "");
}

const runShown = (
  argv: Argv,
  name: string,
  context: OrgContext,
  stop: AbortSignal,
  env: Readonly<Record<string, string>> = {},
): Promise<number> => run(argv, context, stop, (line) => context.out.say(`${name} | ${line}`), env);

async function run(
  argv: Argv,
  { world }: OrgContext,
  stop: AbortSignal,
  onLine: (line: string) => void,
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  const exitCode = await world.programs.follow(argv, {
    ...{ env: { ...CDKTF_ENV, ...env }, onLine, stop, graceMs: STOP_MS },
  });
  stop.throwIfAborted();
  return exitCode;
}
