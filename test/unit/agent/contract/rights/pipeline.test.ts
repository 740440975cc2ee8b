import { describe, expect, test } from "@jest/globals";
import {
  identityProvider,
  identityProviderArn,
  type PipelineIdentity,
  pipelineProblems,
  pipelineRoleName,
  pipelineTrustPolicy,
} from "../../../../../agent/contract/rights/pipeline.js";
import { PLAN_GROUPS, pipelinePolicies } from "../../../../../agent/contract/rights/pipeline-policy.js";
import {
  IAM_LIMITS,
  policyCharacters,
  RIGHT_GROUPS,
  rolePolicies,
} from "../../../../../agent/contract/rights/policy.js";
import { deployPolicyName } from "../../../../../agent/contract/rights/trust.js";

const PLACE = { org: "demo", region: "us-east-1", accountId: "123456789012" };
const LARGEST = { org: "a".repeat(32), region: "ap-northeast-1", accountId: "123456789012" };
const STATE = { bucket: "acme-terraform-state", prefix: "muster" };
const GITHUB: PipelineIdentity = { issuer: "github", repository: "acme/clusters" };
const GITLAB: PipelineIdentity = { issuer: "gitlab", repository: "acme/hpc/clusters" };
const PROVIDER = "arn:aws:iam::123456789012:oidc-provider/x";

describe("the identity provider", () => {
  test.each([
    [GITHUB, "token.actions.githubusercontent.com", "sts.amazonaws.com"],
    [GITLAB, "gitlab.com", "https://gitlab.com"],
    [{ ...GITLAB, host: "git.acme.example" }, "git.acme.example", "https://git.acme.example"],
  ])("of %j", (pipeline, host, audience) => {
    expect(identityProvider(pipeline)).toEqual({ url: `https://${host}`, audience });
    expect(identityProviderArn(pipeline, { ...PLACE, region: "us-gov-west-1" })).toBe(
      `arn:aws-us-gov:iam::123456789012:oidc-provider/${host}`,
    );
  });
});

describe("the trust policy of a pipeline's role", () => {
  const conditionOf = (pipeline: PipelineIdentity, purpose: "deploy" | "plan") => {
    const [statement, ...others] = pipelineTrustPolicy(pipeline, purpose, PROVIDER).Statement;
    expect(others).toEqual([]);
    expect(statement).toMatchObject({
      Principal: { Federated: PROVIDER },
      Action: "sts:AssumeRoleWithWebIdentity",
    });
    return statement?.Condition;
  };
  const github = (sub: string) => ({
    StringEquals: {
      "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
      "token.actions.githubusercontent.com:sub": sub,
    },
  });
  const gitlab = { "gitlab.com:aud": "https://gitlab.com" };
  const branches = "project_path:acme/hpc/clusters:ref_type:branch:ref:";

  test.each([
    [GITHUB, "deploy", github("repo:acme/clusters:environment:muster")],
    [{ ...GITHUB, environment: "prod" }, "deploy", github("repo:acme/clusters:environment:prod")],
    [GITHUB, "plan", github("repo:acme/clusters:pull_request")],
    [GITLAB, "deploy", { StringEquals: { ...gitlab, "gitlab.com:sub": `${branches}main` } }],
    [
      { ...GITLAB, branch: "stable" },
      "deploy",
      { StringEquals: { ...gitlab, "gitlab.com:sub": `${branches}stable` } },
    ],
    [GITLAB, "plan", { StringEquals: gitlab, StringLike: { "gitlab.com:sub": `${branches}*` } }],
  ] as const)("%j, to %s", (pipeline, purpose, condition) => {
    expect(conditionOf(pipeline, purpose)).toEqual(condition);
  });
});

describe("the policies of a pipeline's roles", () => {
  test.each(["deploy", "plan"] as const)("to %s stay within IAM's limits", (purpose) => {
    const policies = pipelinePolicies(purpose, LARGEST, { bucket: "b".repeat(63), prefix: "p".repeat(200) });
    for (const policy of policies)
      expect(policyCharacters(policy)).toBeLessThanOrEqual(IAM_LIMITS.managedPolicyCharacters);
    expect(policies.length).toBeLessThanOrEqual(IAM_LIMITS.policiesOfRole / 2 + 1);
    const name = pipelineRoleName(purpose, LARGEST);
    expect(name.length).toBeLessThanOrEqual(64);
    expect(deployPolicyName(name, 9).length).toBeLessThanOrEqual(128);
  });

  test("to deploy are the deploy role's, and write the state of everything but of the roles themselves", () => {
    const policies = pipelinePolicies("deploy", PLACE, STATE);
    expect(policies.slice(0, -1)).toEqual(rolePolicies(PLACE));
    const [, state] = policies.at(-1)?.Statement ?? [];
    const objects = "arn:aws:s3:::acme-terraform-state/muster/demo";
    expect(state).toMatchObject({
      Action: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
      Resource: ["org.tfstate*", "images/*", "clusters/*", "notebooks/*"].map((key) => `${objects}/${key}`),
    });
  });

  test("to plan allow no change, no secret and no log of a job", () => {
    const [state, ...others] = [...pipelinePolicies("plan", PLACE, STATE)].reverse();
    expect(state?.Statement.flatMap(({ Action }) => Action)).toEqual(["s3:ListBucket", "s3:GetObject"]);
    const actions = others.flatMap(({ Statement }) => Statement.flatMap(({ Action }) => Action));
    const changes = actions.filter(
      (action) => !/^[a-z0-9]+:(?:Describe|Get|List|Query|Simulate)/.test(action),
    );
    expect(new Set(changes)).toEqual(new Set(["kms:Decrypt"]));
    for (const hidden of [/^ssm:GetParameter/, /^s3:GetObject$/, /^ec2:GetConsoleOutput$/])
      expect(actions.filter((action) => hidden.test(action))).toEqual([]);
    // Each on the resources, and under the condition, that the deploy role has it.
    for (const { actions, ...group } of PLAN_GROUPS) {
      const { actions: all = [], ...whole } = RIGHT_GROUPS.find(({ sid }) => sid === group.sid) ?? {};
      expect(group).toEqual(whole);
      expect(all).toEqual(expect.arrayContaining([...actions]));
    }
  });
});

describe("what a person gives", () => {
  test.each([
    GITHUB,
    GITLAB,
    { ...GITHUB, environment: "prod eu" },
    { ...GITLAB, branch: "release/1.0", host: "git.acme.example" },
    { issuer: "github", repository: "a-b/.github" },
  ] as const)("can be %j", (pipeline) => {
    expect(pipelineProblems(pipeline)).toEqual([]);
  });

  test.each([
    [{ ...GITHUB, repository: "acme/*" }, /^repository is "acme\/\*"; allowed: OWNER\/NAME/],
    [{ ...GITHUB, repository: "acme/clusters:ref" }, /^repository is/],
    [{ ...GITHUB, repository: "acme" }, /^repository is "acme"/],
    [{ ...GITLAB, repository: "acme/*" }, /^repository is "acme\/\*"; allowed: GROUP\/NAME/],
    [{ ...GITHUB, environment: "*" }, /^environment is "\*"/],
    [{ ...GITLAB, branch: "*" }, /^branch is "\*"; allowed: one branch/],
    [{ ...GITLAB, host: "https://git" }, /^host is "https:\/\/git"; allowed: a host's name/],
    [
      { ...GITHUB, branch: "main", host: "git.acme.example" },
      /^branch is "main"; allowed: only with the issuer gitlab; host is/,
    ],
    [{ ...GITLAB, environment: "muster" }, /^environment is "muster"; allowed: only with the issuer github$/],
  ] as const)("can't be %j", (pipeline, message) => {
    expect(pipelineProblems(pipeline).join("; ")).toMatch(message);
  });
});
