import { IamOpenidConnectProvider } from "@cdktf/provider-aws/lib/iam-openid-connect-provider/index.js";
import { Construct } from "constructs";
import {
  identityProvider,
  identityProviderArn,
  type PipelineIdentity,
  type PipelinePurpose,
  pipelineProblems,
  pipelineRoleName,
  pipelineTrustPolicy,
} from "../../agent/contract/rights/pipeline.js";
import { pipelinePolicies } from "../../agent/contract/rights/pipeline-policy.js";
import type { StateSettings } from "../config/state.js";
import { type AccountRoleProps, accountIdProblems } from "./account-role.js";
import { roleWithPolicies } from "./role-with-policies.js";

/** A pipeline whose jobs get roles for their tokens, and what IAM needs for that. */
export interface PipelineSettings extends PipelineIdentity {
  /**
   * Whether the account has the identity provider already, of another stack or made by hand: an account has one of each address at most. It must
   * know the audience: `sts.amazonaws.com` for GitHub, `https://HOST` for GitLab.
   * @default false: it is made here, and goes with this stack
   */
  readonly hasIdentityProvider?: boolean;
  /**
   * The SHA-1 thumbprints of a GitLab's certificate authority, where that is none that AWS trusts.
   * @default none
   */
  readonly thumbprints?: readonly string[];
}

export interface PipelineRolesProps
  extends Pick<AccountRoleProps, "orgName" | "region" | "accountId" | "permissionsBoundaryArn" | "tags"> {
  readonly pipeline: PipelineSettings;
  /** Where the org's state is: a bucket. The roles may read it; the one that deploys may write it. */
  readonly state: StateSettings;
}

/**
 * The two roles of an org's pipeline, which no key leads to: the job's own token is exchanged for a role (OIDC). The one deploys, and has the rights
 * that Muster needs and no more. The other plans what is proposed: it looks, and sees no secret and no job's log.
 */
export class PipelineRoles extends Construct {
  readonly deployRoleArn: string;
  readonly planRoleArn: string;

  constructor(scope: Construct, id: string, props: PipelineRolesProps) {
    super(scope, id);
    const { orgName: org, region, accountId, pipeline, permissionsBoundaryArn } = props;
    const state = refuseProblems(props);
    const place = {
      ...{ org, region, accountId },
      ...(permissionsBoundaryArn === undefined ? {} : { permissionsBoundaryArn }),
    };
    const providerArn = pipeline.hasIdentityProvider
      ? identityProviderArn(pipeline, place)
      : this.makeIdentityProvider(pipeline, props.tags);
    const make = (purpose: PipelinePurpose, does: string): string =>
      roleWithPolicies(new Construct(this, purpose), {
        name: pipelineRoleName(purpose, place),
        description: `${does} the Muster org ${org} in ${region} from the pipeline of ${pipeline.repository}`,
        trustPolicy: pipelineTrustPolicy(pipeline, purpose, providerArn),
        policies: pipelinePolicies(purpose, place, state),
        permissionsBoundaryArn,
        tags: props.tags,
      }).arn;
    this.deployRoleArn = make("deploy", "Deploys");
    this.planRoleArn = make("plan", "Plans");
  }

  private makeIdentityProvider(pipeline: PipelineSettings, tags: PipelineRolesProps["tags"]): string {
    const { url, audience } = identityProvider(pipeline);
    const { thumbprints } = pipeline;
    return new IamOpenidConnectProvider(this, "identity-provider", {
      ...{ url, clientIdList: [audience], tags: { ...tags } },
      ...(thumbprints === undefined ? {} : { thumbprintList: [...thumbprints] }),
    }).arn;
  }
}

function refuseProblems({ accountId, pipeline, state }: PipelineRolesProps): StateSettings & { type: "s3" } {
  const problems = [
    ...accountIdProblems(accountId),
    ...pipelineProblems(pipeline).map((problem) => `pipeline.${problem}`),
    ...(pipeline.hasIdentityProvider && pipeline.thumbprints !== undefined
      ? ["pipeline.thumbprints are given; allowed: only for an identity provider that is made here"]
      : []),
    ...(pipeline.thumbprints ?? [])
      .filter((one) => !/^[0-9a-f]{40}$/i.test(one))
      .map((one) => `pipeline.thumbprints has "${one}"; allowed: 40 hexadecimal digits`),
    ...(state.type === "s3"
      ? []
      : ['state is in files; allowed: a bucket (type "s3"), which a pipeline needs']),
  ];
  if (problems.length > 0 || state.type !== "s3") throw new Error(problems.join("; "));
  return state;
}
