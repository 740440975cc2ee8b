import { questionsOn, type SimulationQuestion } from "../rights/questions.js";
import type { ClusterAsk, PreflightAsk } from "./ask.js";
import {
  type DryRunAnswer,
  dryRunKey,
  type PreflightFacts,
  type SimulatedRight,
  type Unknown,
} from "./facts.js";
import { type Found, problem, unchecked, unproven, warning, within } from "./finding.js";
import { dryRunsOf } from "./place.js";

/** What a deploy does beside what Muster's own provider does: the calls whose absence ends it half-way. */
const OF_CLUSTER = [
  "autoscaling:CreateAutoScalingGroup",
  "autoscaling:UpdateAutoScalingGroup",
  "ec2:CreateLaunchTemplate",
  "ec2:CreatePlacementGroup",
  "ec2:CreateSecurityGroup",
  "ec2:CreateTags",
  "ec2:RunInstances",
  "elasticfilesystem:CreateAccessPoint",
  "iam:CreateInstanceProfile",
  "iam:CreateRole",
  "iam:PassRole",
  "iam:PutRolePolicy",
  "ssm:PutParameter",
] as const;
const OF_NETWORK = [
  "dynamodb:CreateTable",
  "ec2:AllocateAddress",
  "ec2:CreateInternetGateway",
  "ec2:CreateNatGateway",
  "ec2:CreateSubnet",
  "ec2:CreateVpc",
  "ec2:CreateVpcEndpoint",
  "elasticfilesystem:CreateFileSystem",
  "kms:CreateKey",
  "s3:CreateBucket",
] as const;

/** What is asked of IAM's simulation: each action on the org's own resources, under the conditions of the account table. Pure. */
export const rightsAsked = (ask: PreflightAsk, accountId: string): readonly SimulationQuestion[] =>
  questionsOn(actionsOf(ask), { org: ask.org, region: ask.region, accountId });

/** The actions whose right is simulated, without repetition. Pure. */
const actionsOf = ({ clusters, network }: Pick<PreflightAsk, "clusters" | "network">): readonly string[] => [
  ...(clusters.length > 0 ? OF_CLUSTER : []),
  ...(network === null ? [] : OF_NETWORK),
];

/**
 * The rights of the credentials, as IAM's simulation sees them: all that are missing at once. It is a simulation: with service
 * control policies in play it proves nothing either way, and is then never green. The dry run decides. Pure.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html
 */
export function checkRights(ask: PreflightAsk, { rights }: PreflightFacts): readonly Found[] {
  const actions = actionsOf(ask);
  if (actions.length === 0) return [];
  const resource = "rights of the credentials";
  const all = `${actions.length} actions`;
  return within(
    rights,
    (unknown) => unchecked("rights", resource, all, unknown),
    (results) => {
      const names = (some: readonly SimulatedRight[]) =>
        [...new Set(some.map(({ action }) => action))].join(", ");
      const denied = results.filter(({ decision }) => decision !== "allowed");
      if (results.some(({ isUnderOrganization }) => isUnderOrganization)) {
        const said = denied.length === 0 ? "simulated as allowed" : `simulated as denied: ${names(denied)}`;
        const next =
          "The account is under service control policies, of which a simulation does not see all: the dry run decides.";
        return [unproven(resource, all, said, next)];
      }
      const explicit = denied.filter((one) => one.decision === "explicitDeny" && !one.lacksContext);
      const others = denied.filter((one) => !explicit.includes(one));
      return [
        ...(explicit.length === 0
          ? []
          : [
              problem(resource, names(explicit), "denied by a policy", "Change the policy that denies them."),
            ]),
        ...(others.length === 0
          ? []
          : [
              warning(
                resource,
                names(others),
                "not allowed on the org's resources",
                "Allow them as `muster account policy` does, unless a policy allows them under conditions of its own.",
              ),
            ]),
      ];
    },
  );
}

const WOULD_WORK = "DryRunOperation";
const REFUSED = /^(UnauthorizedOperation|AccessDenied(Exception)?|Client\.UnauthorizedOperation)$/;

/**
 * RunInstances, tried without starting anything: EC2 looks at rights, type, zone and image itself. An answer is asked for once:
 * Unsupported stays Unsupported. Pure.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
 */
export function checkDryRuns(
  ask: PreflightAsk,
  { images, subnets, dryRuns }: PreflightFacts,
): readonly Found[] {
  if (ask.clusters.length === 0) return [];
  const untried = (unknown: Unknown) => [unchecked("dry-run", "RunInstances", "a dry run", unknown)];
  if ("unknown" in images) return untried(images.unknown);
  if ("unknown" in subnets) return untried(subnets.unknown);
  const runsOf = (clusters: readonly ClusterAsk[]) =>
    dryRunsOf(clusters, ask.org, images.value, subnets.value).map((run) => ({ run, key: dryRunKey(run) }));
  const isGood = ({ key }: { readonly key: string }) => {
    const answer = dryRuns.get(key);
    return answer !== undefined && "value" in answer && answer.value.code === WOULD_WORK;
  };
  // Auto Scaling takes another of a cluster's types or subnets where one can't be started.
  const hopeless = new Set(
    ask.clusters
      .map((cluster) => runsOf([cluster]))
      .filter((runs) => !runs.some(isGood))
      .flatMap((runs) => runs.map(({ key }) => key)),
  );
  return runsOf(ask.clusters).flatMap(({ run, key }) => {
    const resource = `RunInstances of ${run.instanceType} in ${run.subnetId} with ${run.imageId}`;
    const missing = { unknown: { why: "it was not asked", right: null } };
    return within(
      dryRuns.get(key) ?? missing,
      (unknown) => unchecked("dry-run", resource, "a dry run", unknown),
      (answer) => answered(hopeless.has(key) ? problem : warning, resource, answer),
    );
  });
}

function answered(is: typeof problem, resource: string, { code, message }: DryRunAnswer): readonly Found[] {
  if (code === WOULD_WORK) return [];
  const next = REFUSED.test(code)
    ? 'Allow ec2:RunInstances to the credentials; where only Auto Scaling may have it, skip the check "dry-run".'
    : "Correct what EC2 names: a launch would fail in the same way each time.";
  // EC2 adds an encoded message of several hundred characters.
  const said = message.replace(/\s*Encoded authorization failure message:.*$/s, "");
  return [is(resource, WOULD_WORK, `${code}: ${said}`, next)];
}
