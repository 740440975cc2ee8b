import type { SimulationQuestion } from "../rights/questions.js";
import { CallFailure, known, unknownBy } from "./answers.js";
import type { MakeCall } from "./calls.js";
import type { DryRun, DryRunAnswer, Known, SimulatedRight } from "./facts.js";

/** What a simulation is about: the role of a session, or the user; null: neither. Pure. */
export function policySourceOf(caller: string): string | null {
  const [, partition, account, kind, name] =
    /^arn:([^:]+):(?:sts|iam)::(\d{12}):(assumed-role|user|role)\/([^/]+)/.exec(caller) ?? [];
  if (name === undefined) return null;
  if (kind === "assumed-role") return `arn:${partition}:iam::${account}:role/${name}`;
  return caller.includes(":sts:") ? null : caller;
}

async function simulate(
  call: MakeCall,
  source: string,
  { actions, resources, context }: SimulationQuestion,
): Promise<readonly SimulatedRight[]> {
  const { EvaluationResults = [] } = await call("iam:SimulatePrincipalPolicy", {
    PolicySourceArn: source,
    ActionNames: [...actions],
    ...(resources.length === 0 ? {} : { ResourceArns: [...resources] }),
    ContextEntries: context.map(({ key, values }) => ({
      ...{ ContextKeyName: key, ContextKeyType: "string" as const, ContextKeyValues: [...values] },
    })),
  });
  return EvaluationResults.map((result) => ({
    action: result.EvalActionName ?? "",
    decision: result.EvalDecision ?? "",
    isUnderOrganization: result.OrganizationsDecisionDetail !== undefined,
    lacksContext: (result.MissingContextValues ?? []).length > 0,
  }));
}

/** The rights of the caller, by IAM's simulation. */
export async function observeRights(
  call: MakeCall,
  caller: string | null,
  questionsOf: (accountId: string) => readonly SimulationQuestion[],
): Promise<Known<readonly SimulatedRight[]>> {
  if (caller === null)
    return { unknown: { why: "STS does not say whose credentials they are", right: null } };
  const source = policySourceOf(caller);
  if (source === null) return { unknown: { why: `${caller} is neither a role nor a user`, right: null } };
  return known(async () => {
    const questions = questionsOf(source.split(":")[4] ?? "*");
    const answers = await Promise.all(questions.map((question) => simulate(call, source, question)));
    return answers.flat();
  });
}

interface Answered {
  readonly $metadata?: { readonly httpStatusCode?: number };
}
const PASSING = /throttl|TooManyRequests|RequestLimitExceeded|Unavailable$|InternalError/i;

/** EC2's answer to a dry run: always an error, and one of these is that it would have worked. */
export async function observeDryRun(call: MakeCall, run: DryRun): Promise<Known<DryRunAnswer>> {
  try {
    const { imageId: ImageId, instanceType: InstanceType, subnetId: SubnetId } = run;
    await call("ec2:RunInstances", {
      DryRun: true,
      MinCount: 1,
      MaxCount: 1,
      ImageId,
      InstanceType,
      SubnetId,
    });
    return { value: { code: "DryRunOperation", message: "" } };
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error;
    const { name, message } = error.cause;
    const status = (error.cause as Answered).$metadata?.httpStatusCode ?? 0;
    const isAnswer = status >= 400 && status < 500 && !PASSING.test(name);
    // DryRunOperation has the status 412.
    if (isAnswer || name === "DryRunOperation") return { value: { code: name, message } };
    return { unknown: unknownBy(error) };
  }
}
