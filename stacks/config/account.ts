import { type Static, Type } from "@sinclair/typebox";
import { closed, Region } from "./fields.js";

const ACCOUNT_ID_PATTERN = "^[0-9]{12}$";
const ROLE_ARN = "^arn:aws[a-z-]*:iam::[0-9]{12}:role/[\\w+=,.@/-]{1,576}$";
const POLICY_ARN = "^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[\\w+=,.@/-]{1,576}$";
/** What STS accepts. @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export const EXTERNAL_ID_PATTERN = "^[\\w+=,.@:/-]{2,1224}$";

/** `account` of muster.yaml: the AWS account that the org is in, and the role through which it is worked on. */
export const AccountSettings = Type.Object(
  {
    id: Type.Optional(
      Type.String({
        pattern: ACCOUNT_ID_PATTERN,
        description:
          "the account's id, 12 digits in quotes: credentials of another account are refused; default: the role's account, if there is a role",
        examples: ["123456789012"],
      }),
    ),
    roleArn: Type.Optional(
      Type.String({
        pattern: ROLE_ARN,
        description:
          "the ARN of the role that cdktf and the commands assume; default: the credentials are used as they are",
        examples: ["arn:aws:iam::123456789012:role/muster-account/muster-deploy-demo-us-east-1"],
      }),
    ),
    externalId: Type.Optional(
      Type.String({
        pattern: EXTERNAL_ID_PATTERN,
        description:
          "needed with roleArn: the external id that the role's trust policy asks for; `muster account trust` makes one; 2-1224 letters, digits and _+=,.@:/-",
        examples: ["muster-2f0c1b8e-5d1c-4a53-9b0e-0d6c1f7a9b11"],
      }),
    ),
    permissionsBoundaryArn: Type.Optional(
      Type.String({
        pattern: POLICY_ARN,
        description:
          "the ARN of a policy that limits the role and each role that it makes, whatever their own policies allow; default: none",
        examples: ["arn:aws:iam::123456789012:policy/limit"],
      }),
    ),
    region: Type.Optional(
      Region("the region whose STS gives the role's sessions; default: the org's region"),
    ),
  },
  { description: "the AWS account that the org is in, and the role that leads to it", ...closed },
);
export type AccountSettings = Static<typeof AccountSettings>;

/** The account of an ARN that has one. Pure. */
export const accountOfArn = (arn: string): string => arn.split(":")[4] ?? "";
