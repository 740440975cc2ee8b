import { AwsProvider } from "@cdktf/provider-aws/lib/provider/index.js";
import type { TerraformStack } from "cdktf";
import { TAG } from "../../agent/contract/names.js";
import { MusterProvider } from "../../provider/bindings/index.js";
import { type AccountSettings, accountOfArn } from "../config/account.js";

/** The org whose things a stack declares, and where. */
export interface ProvidersProps {
  readonly org: {
    readonly name: string;
    readonly region: string;
    readonly tags: Readonly<Record<string, string>>;
  };
  /** The account, and the role that leads to it; undefined: the credentials are used as they are. */
  readonly account?: AccountSettings | undefined;
  /** On everything of the stack, beside the org's own; these win. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** Gives `stack` its providers, AWS's and Muster's, for the org's region. Once a stack. */
export function addProviders(stack: TerraformStack, { org, account, tags = {} }: ProvidersProps): void {
  const { role, allowed, stsRegion } = throughAccount(org.name, account);
  new AwsProvider(stack, "aws", {
    region: org.region,
    defaultTags: [{ tags: { ...org.tags, [TAG.ORG]: org.name, ...tags } }],
    ...allowed,
    ...stsRegion,
    ...(role === null ? {} : { assumeRole: [role] }),
  });
  new MusterProvider(stack, "muster", {
    org: org.name,
    region: org.region,
    ...allowed,
    ...stsRegion,
    ...(role === null ? {} : { assumeRole: role }),
  });
}

/**
 * What both providers are given of the account. A session lasts an hour, which is the most where the credentials are a role's themselves
 * (role chaining); both providers renew it before it ends.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining
 */
function throughAccount(orgName: string, { id, roleArn, externalId, region }: AccountSettings = {}) {
  const owner = id ?? (roleArn === undefined ? undefined : accountOfArn(roleArn));
  return {
    allowed: owner === undefined ? {} : { allowedAccountIds: [owner] },
    stsRegion: region === undefined ? {} : { stsRegion: region },
    role:
      roleArn === undefined
        ? null
        : {
            roleArn,
            sessionName: `muster-${orgName}`,
            duration: "1h",
            ...(externalId === undefined ? {} : { externalId }),
          },
  };
}
