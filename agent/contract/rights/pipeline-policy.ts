import type { PipelinePurpose } from "./pipeline.js";
import { type PolicyDocument, RIGHT_GROUPS, rolePolicies } from "./policy.js";
import { partitionOf, type RightGroup, type RightsPlace } from "./right.js";

/** What a call that changes nothing is named. */
const LOOKS = /^[a-z0-9]+:(?:Describe|Get|List|Query|Simulate)/;
/** Looks that no plan takes, and that show what a proposed change must not see: secrets, jobs' logs, consoles. */
const HIDDEN: readonly string[] = [
  "ec2:GetConsoleOutput",
  "s3:GetObject",
  "ssm:GetParameter",
  "ssm:GetParametersByPath",
];
/** A read of the registry decrypts with the org's key, in the caller's name. */
const DECRYPT = "kms:Decrypt";

/** The rights of the role that plans: those of the deploy role that only look, and none of them shows a secret. */
export const PLAN_GROUPS: readonly RightGroup[] = RIGHT_GROUPS.map((group) => ({
  ...group,
  actions: group.actions.filter(
    (action) => (LOOKS.test(action) && !HIDDEN.includes(action)) || action === DECRYPT,
  ),
})).filter(({ actions }) => actions.length > 0);

/** Where a pipeline keeps Terraform's state. */
export interface StatePlace {
  readonly bucket: string;
  /** Of the keys, without a slash at its end. */
  readonly prefix: string;
}

/** What the state of a deploy is: all but the state of the roles themselves, which the pipeline must not write. */
const STATES = ["org.tfstate", "images/", "clusters/", "notebooks/"] as const;

/** The policies of a pipeline's role, the state's last. Each is within IAM's limit. Pure. */
export function pipelinePolicies(
  purpose: PipelinePurpose,
  place: RightsPlace,
  state: StatePlace,
): readonly PolicyDocument[] {
  const deploys = purpose === "deploy";
  return [...rolePolicies(place, deploys ? RIGHT_GROUPS : PLAN_GROUPS), statePolicy(place, state, deploys)];
}

/** S3 says that an object is not there only to who may list the bucket. */
function statePolicy(
  { org, region }: RightsPlace,
  { bucket, prefix }: StatePlace,
  writes: boolean,
): PolicyDocument {
  const arn = `arn:${partitionOf(region)}:s3:::${bucket}`;
  return {
    Version: "2012-10-17",
    Statement: [
      { Sid: "StateBucket", Effect: "Allow", Action: ["s3:ListBucket"], Resource: [arn] },
      {
        Sid: "State",
        Effect: "Allow",
        Action: ["s3:GetObject", ...(writes ? ["s3:PutObject", "s3:DeleteObject"] : [])],
        Resource: STATES.map((key) => `${arn}/${prefix}/${org}/${key}*`),
      },
    ],
  };
}
