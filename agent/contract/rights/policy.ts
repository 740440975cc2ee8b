import { IAM_RIGHTS, SCALING_RIGHTS } from "./compute.js";
import { EC2_RIGHTS } from "./ec2.js";
import type { RightGroup, RightsPlace } from "./right.js";
import { DYNAMODB_RIGHTS, EFS_RIGHTS, KMS_RIGHTS, OTHER_RIGHTS, S3_RIGHTS } from "./storage.js";

/** Every right of the role that deploys and works on an org: the one table. Order: as the policy has it. */
export const RIGHT_GROUPS: readonly RightGroup[] = [
  ...EC2_RIGHTS,
  ...SCALING_RIGHTS,
  ...IAM_RIGHTS,
  ...S3_RIGHTS,
  ...DYNAMODB_RIGHTS,
  ...EFS_RIGHTS,
  ...KMS_RIGHTS,
  ...OTHER_RIGHTS,
];

/** IAM's limits. White space does not count. @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export const IAM_LIMITS = {
  /** Characters of a customer managed policy. */
  managedPolicyCharacters: 6_144,
  /** Managed policies of a role, by default. */
  policiesOfRole: 10,
} as const;

interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: object;
}

/** A policy in IAM's own words. */
export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Statement[];
}

/**
 * The policy of the role, as one or more managed policies, each within IAM's limit. The same place gives the same documents.
 * Throws where one statement alone is too large. Pure.
 */
export function rolePolicies(
  place: RightsPlace,
  groups: readonly RightGroup[] = RIGHT_GROUPS,
): readonly PolicyDocument[] {
  const documents: Statement[][] = [];
  for (const group of groups) {
    const statement = statementOf(group, place);
    const last = documents.at(-1);
    if (last !== undefined && fits([...last, statement])) last.push(statement);
    else if (fits([statement])) documents.push([statement]);
    else throw new Error(`the statement ${group.sid} alone is larger than a managed policy may be`);
  }
  return documents.map(document);
}

/** As AWS counts a policy. Pure. */
export const policyCharacters = (policy: PolicyDocument): number =>
  JSON.stringify(policy).replace(/\s/g, "").length;

const document = (statements: readonly Statement[]): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: statements,
});

const fits = (statements: readonly Statement[]): boolean =>
  policyCharacters(document(statements)) <= IAM_LIMITS.managedPolicyCharacters;

function statementOf({ sid, actions, resources, condition }: RightGroup, place: RightsPlace): Statement {
  const Condition = condition?.(place);
  return {
    Sid: sid,
    Effect: "Allow",
    Action: [...new Set(actions)].sort(),
    Resource: resources(place),
    ...(Condition === undefined ? {} : { Condition }),
  };
}
