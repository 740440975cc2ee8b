import { describe, expect, test } from "@jest/globals";
import { Testing } from "cdktf";
import { rolePolicies } from "../../../agent/contract/rights/policy.js";
import { trustPolicy } from "../../../agent/contract/rights/trust.js";
import { AccountStack } from "../../../stacks/account-stack.js";
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
});
