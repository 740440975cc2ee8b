import { partitionOf, type RightsPlace } from "./right.js";

/** The path of roles and policies that lead to an account: not the org's own, so that they stay when the org goes. */
export const ACCOUNT_PATH = "/muster-account/";

/** The names of an org's role and of its policies, which count from 1. Other orgs and regions have others. */
export const deployRoleName = ({ org, region }: Pick<RightsPlace, "org" | "region">): string =>
  `deploy-${org}-${region}`;
export const deployPolicyName = (roleName: string, number: number): string => `${roleName}-${number}`;

/** Who may assume a role: an account's id, which stands for all in it that may, or the ARN of a role or user. */
export const isPrincipal = (text: string): boolean =>
  /^\d{12}$/.test(text) ||
  /^arn:aws[a-z-]*:iam::\d{12}:(?:root|(?:role|user)\/[\w+=,.@/-]{1,576})$/.test(text);

/** The principal's ARN. Pure. */
export const principalArn = (principal: string, region: string): string =>
  principal.startsWith("arn:") ? principal : `arn:${partitionOf(region)}:iam::${principal}:root`;

/**
 * The trust policy of the role: only that principal, and only with the external id. The id is no secret: it keeps a third party that works
 * for several customers from being led into this account by another of them.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
 */
export const trustPolicy = (principal: string, externalId: string) => ({
  Version: "2012-10-17" as const,
  Statement: [
    {
      Sid: "Muster",
      Effect: "Allow" as const,
      Principal: { AWS: principal },
      Action: "sts:AssumeRole",
      Condition: { StringEquals: { "sts:ExternalId": externalId } },
    },
  ],
});

/**
 * What is wrong with a role's trust policy, in words; an empty list: that principal may assume it with the external id, and no one without it. The
 * policy is as IAM gives it, decoded. Pure.
 */
export function trustProblems(policy: string, principal: string, externalId: string): readonly string[] {
  const statements = allowing(policy);
  if (statements === null) return ["its trust policy can't be read"];
  const open = statements.filter((statement) => !asksFor(statement, externalId));
  const names = open.flatMap(principalsOf).join(", ");
  return [
    ...(open.length === 0 ? [] : [`${names || "something"} may assume it without this external id`]),
    ...(statements.some(
      (statement) => asksFor(statement, externalId) && principalsOf(statement).includes(principal),
    )
      ? []
      : [`${principal} may not assume it with this external id`]),
  ];
}

interface TrustStatement {
  readonly Effect?: string;
  readonly Principal?: string | Readonly<Record<string, string | readonly string[]>>;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

function allowing(policy: string): readonly TrustStatement[] | null {
  try {
    const { Statement } = JSON.parse(policy) as { readonly Statement?: TrustStatement | TrustStatement[] };
    return [Statement ?? []].flat().filter(({ Effect }) => Effect === "Allow");
  } catch {
    return null;
  }
}

const principalsOf = ({ Principal = {} }: TrustStatement): readonly string[] =>
  typeof Principal === "string" ? [Principal] : Object.values(Principal).flat();

const asksFor = ({ Condition = {} }: TrustStatement, externalId: string): boolean => {
  const asked = [Condition["StringEquals"]?.["sts:ExternalId"] ?? []].flat();
  return asked.length === 1 && asked[0] === externalId;
};
