import { describe, expect, test } from "@jest/globals";
import { Testing } from "cdktf";
import { rolePolicies } from "../../../agent/contract/rights/policy.js";
import { trustPolicy } from "../../../agent/contract/rights/trust.js";
import { AccountStack, type AccountStackProps } from "../../../stacks/account-stack.js";
import { parseMusterConfig } from "../../../stacks/config/load.js";
import { synthesise, testApp } from "../../support/stacks/synth.js";

const ROLE = "arn:aws:iam::123456789012:role/muster-account/deploy";
const declare = (account: string) =>
  `org: {name: demo, region: us-east-1}\n${account}\nclusters: [{name: alpha, nodes: 2}]\n`;

describe("account in muster.yaml", () => {
  test("leads both providers of every stack through the role, for an hour at a time, into that account alone", () => {
    const stacks = synthesise(declare(`account: {roleArn: "${ROLE}", externalId: x-1, region: us-west-2}`));
    expect(Object.keys(stacks)).toEqual(["muster_demo", "muster_demo_alpha"]);
    for (const { json } of Object.values(stacks)) {
      const role = { role_arn: ROLE, external_id: "x-1", session_name: "muster-demo", duration: "1h" };
      const common = { allowed_account_ids: ["123456789012"], sts_region: "us-west-2", region: "us-east-1" };
      expect(json.provider["aws"]?.[0]).toMatchObject({ ...common, assume_role: [role] });
      expect(json.provider["muster"]?.[0]).toMatchObject({ ...common, assume_role: role });
    }
  });

  test("without a role keeps other accounts out; without account nothing is set", () => {
    const guarded = synthesise(declare('account: {id: "123456789012"}'))["muster_demo"]?.json.provider;
    const free = synthesise(declare(""))["muster_demo"]?.json.provider;
    for (const name of ["aws", "muster"]) {
      expect(guarded?.[name]?.[0]).toMatchObject({ allowed_account_ids: ["123456789012"] });
      expect(guarded?.[name]?.[0]).not.toHaveProperty("assume_role");
      expect(free?.[name]?.[0]).not.toHaveProperty("allowed_account_ids");
      expect(free?.[name]?.[0]).not.toHaveProperty("assume_role");
    }
  });

  test.each([
    [
      "a role without an external id",
      `{roleArn: "${ROLE}"}`,
      [/account\.externalId: is missing; needed with/],
    ],
    [
      "another account's id",
      `{id: "210987654321", roleArn: "${ROLE}", externalId: x-1}`,
      [/account\.id.*123456789012/],
    ],
    [
      "a region for no role",
      "{region: us-west-2}",
      [/account\.region: got "us-west-2"; allowed: only with roleArn/],
    ],
    ["an id that YAML reads as a number", "{id: 123456789012}", [/account\.id/]],
    [
      "every problem at once",
      "{id: x, roleArn: deploy, externalId: '?', region: here, key: 1}",
      [/account\.id/, /account\.roleArn/, /account\.externalId/, /account\.region/, /account\.key/],
    ],
  ])("refuses %s", (_what, account, messages) => {
    const parse = () => parseMusterConfig(declare(`account: ${account}`), "/project/muster.yaml");
    for (const message of messages) expect(parse).toThrow(message);
  });
});

describe("the AccountStack", () => {
  const props = {
    orgName: "demo",
    region: "us-east-1",
    accountId: "123456789012",
    principal: "210987654321",
    externalId: "x-1",
    state: { type: "local", folder: "/project/muster-state" },
  } as const;
  const synth = (more: object = {}) =>
    JSON.parse(Testing.synth(new AccountStack(testApp(), "muster_demo_account", { ...props, ...more })));
  const only = (resources: object) => Object.values(resources) as readonly Record<string, string>[];

  test("makes the role with its trust policy, the external id in it, and all its policies", () => {
    const { resource, output, provider } = synth();
    const [role] = only(resource.aws_iam_role);
    expect(role).toMatchObject({ name: "deploy-demo-us-east-1", path: "/muster-account/" });
    expect(JSON.parse(role?.["assume_role_policy"] ?? "")).toEqual(
      trustPolicy("arn:aws:iam::210987654321:root", "x-1"),
    );
    const policies = only(resource.aws_iam_policy).map(({ policy = "" }) => JSON.parse(policy));
    expect(policies).toEqual(rolePolicies({ org: "demo", region: "us-east-1", accountId: "123456789012" }));
    expect(only(resource.aws_iam_role_policy_attachment)).toHaveLength(policies.length);
    expect(role).not.toHaveProperty("permissions_boundary");
    expect(output.role_arn.value).toMatch(/^\$\{aws_iam_role\./);
    expect(provider.aws[0]).toEqual({ region: "us-east-1", allowed_account_ids: ["123456789012"] });
  });

  test("limits it by a permissions boundary where one is given", () => {
    const permissionsBoundaryArn = "arn:aws:iam::123456789012:policy/limit";
    const { resource } = synth({ permissionsBoundaryArn });
    const [role] = only(resource.aws_iam_role);
    expect(role).toMatchObject({ permissions_boundary: permissionsBoundaryArn });
    const policies = only(resource.aws_iam_policy).map(({ policy = "" }) => policy);
    expect(policies.join()).toContain(`"iam:PermissionsBoundary":"${permissionsBoundaryArn}"`);
  });

  test("refuses what can't be, all at once", () => {
    expect(() => synth({ accountId: "1", principal: "*", externalId: "?" })).toThrow(
      /accountId is "1".*principal is "\*".*externalId is "\?"/,
    );
  });

  test("refuses nobody who gets a role, and what belongs to another role", () => {
    expect(() => synth({ principal: undefined, externalId: undefined })).toThrow(
      "there is neither principal nor pipeline",
    );
    const pipeline = { issuer: "github", repository: "acme/clusters" };
    expect(() => synth({ principal: undefined, pipeline })).toThrow(
      'externalId is "x-1"; allowed: only with principal',
    );
  });
});

describe("the AccountStack's roles of a pipeline", () => {
  const state = { type: "s3", bucket: "acme-terraform-state", region: "us-east-1", prefix: "muster" };
  const synth = (pipeline: object, more: object = {}) =>
    JSON.parse(
      Testing.synth(
        new AccountStack(testApp(), "muster_demo_account", {
          ...{ orgName: "demo", region: "us-east-1", accountId: "123456789012", state, pipeline, ...more },
        } as AccountStackProps),
      ),
    );
  const github = { issuer: "github", repository: "acme/clusters" };
  const gitlab = { issuer: "gitlab", repository: "acme/clusters" };
  const rolesOf = (resource: { aws_iam_role: object }) =>
    Object.values(resource.aws_iam_role) as readonly Record<string, string>[];

  test("come with the identity provider, and only they", () => {
    const { resource, output } = synth(github);
    const [[id, provider] = []] = Object.entries(resource.aws_iam_openid_connect_provider);
    expect(provider).toMatchObject({
      url: "https://token.actions.githubusercontent.com",
      client_id_list: ["sts.amazonaws.com"],
    });
    const roles = rolesOf(resource);
    expect(roles.map(({ name }) => name)).toEqual([
      "pipeline-deploy-demo-us-east-1",
      "pipeline-plan-demo-us-east-1",
    ]);
    for (const { assume_role_policy = "" } of roles)
      expect(JSON.parse(assume_role_policy).Statement[0].Principal).toEqual({
        Federated: `\${aws_iam_openid_connect_provider.${id}.arn}`,
      });
    expect(Object.keys(output)).toEqual(["pipeline_deploy_role_arn", "pipeline_plan_role_arn"]);
    expect(Object.keys(resource).sort()).toEqual([
      "aws_iam_openid_connect_provider",
      "aws_iam_policy",
      "aws_iam_role",
      "aws_iam_role_policy_attachment",
    ]);
  });

  test("use the one that the account has already", () => {
    const { resource } = synth({ ...gitlab, host: "git.acme.example", hasIdentityProvider: true });
    expect(resource).not.toHaveProperty("aws_iam_openid_connect_provider");
    for (const { assume_role_policy = "" } of rolesOf(resource))
      expect(JSON.parse(assume_role_policy).Statement[0].Principal).toEqual({
        Federated: "arn:aws:iam::123456789012:oidc-provider/git.acme.example",
      });
  });

  test("trust a certificate authority of the company's by its thumbprint", () => {
    const thumbprint = "0123456789abcdef0123456789ABCDEF01234567";
    const { resource } = synth({ ...gitlab, thumbprints: [thumbprint] });
    const [provider] = Object.values(resource.aws_iam_openid_connect_provider);
    expect(provider).toMatchObject({ url: "https://gitlab.com", thumbprint_list: [thumbprint] });
  });

  test("stand beside the role that leads in from another account, within its boundary", () => {
    const permissionsBoundaryArn = "arn:aws:iam::123456789012:policy/limit";
    const { resource, output } = synth(github, {
      ...{ principal: "210987654321", externalId: "x-1", permissionsBoundaryArn },
    });
    expect(rolesOf(resource).map(({ permissions_boundary }) => permissions_boundary)).toEqual(
      Array(3).fill(permissionsBoundaryArn),
    );
    expect(Object.keys(output).sort()).toEqual([
      "pipeline_deploy_role_arn",
      "pipeline_plan_role_arn",
      "role_arn",
    ]);
  });

  test("refuse what can't be, all at once", () => {
    expect(() =>
      synth(
        { ...github, repository: "acme", branch: "main", hasIdentityProvider: true, thumbprints: ["x"] },
        { accountId: "1", state: { type: "local", folder: "/project" } },
      ),
    ).toThrow(
      /accountId is "1".*pipeline\.repository is "acme".*pipeline\.branch is "main".*only for an identity provider that is made.*thumbprints has "x".*state is in files/,
    );
  });
});
