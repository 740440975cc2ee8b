import { describe, expect, test } from "@jest/globals";
import {
  IAM_LIMITS,
  policyCharacters,
  RIGHT_GROUPS,
  rolePolicies,
} from "../../../../../agent/contract/rights/policy.js";
import {
  deployPolicyName,
  deployRoleName,
  isPrincipal,
  principalArn,
  trustPolicy,
  trustProblems,
} from "../../../../../agent/contract/rights/trust.js";

const PLACE = { org: "demo", region: "us-east-1", accountId: "123456789012" };
const LARGEST = { org: "a".repeat(32), region: "ap-northeast-1", accountId: "123456789012" };

describe("the role's policies", () => {
  test.each([
    PLACE,
    LARGEST,
    { ...LARGEST, permissionsBoundaryArn: `arn:aws:iam::123456789012:policy/${"b".repeat(512)}` },
    { ...LARGEST, region: "us-gov-west-1" },
  ])("stay within IAM's limits: $org in $region", (place) => {
    const policies = rolePolicies(place);
    for (const policy of policies)
      expect(policyCharacters(policy)).toBeLessThanOrEqual(IAM_LIMITS.managedPolicyCharacters);
    // The half of what a role may have: a company attaches others of its own.
    expect(policies.length).toBeLessThanOrEqual(IAM_LIMITS.policiesOfRole / 2);
    const name = deployPolicyName(deployRoleName(place), policies.length);
    expect(name.length).toBeLessThanOrEqual(64);
  });

  test("hold each statement once, under a Sid that IAM accepts", () => {
    const sids = rolePolicies(PLACE).flatMap(({ Statement }) => Statement.map(({ Sid }) => Sid));
    expect(sids).toEqual(RIGHT_GROUPS.map(({ sid }) => sid));
    expect(new Set(sids).size).toBe(sids.length);
    for (const sid of sids) expect(sid).toMatch(/^[A-Za-z0-9]+$/);
  });

  test("allow no role, and no policy of one, without the permissions boundary where there is one", () => {
    const permissionsBoundaryArn = "arn:aws:iam::123456789012:policy/limit";
    const limited = rolePolicies({ ...PLACE, permissionsBoundaryArn }).flatMap(({ Statement }) => Statement);
    // What can give a role rights that the boundary would not leave, or take the boundary away.
    const raising =
      /^iam:(CreateRole|PutRolePolicy|AttachRolePolicy|PutRolePermissionsBoundary|DeleteRolePermissionsBoundary|CreatePolicyVersion|SetDefaultPolicyVersion)$/;
    const found = limited.filter(({ Action }) => Action.some((action) => raising.test(action)));
    expect(found.map(({ Action, Condition }) => [Action, Condition])).toEqual([
      [
        ["iam:CreateRole", "iam:PutRolePolicy"],
        { StringEquals: { "iam:PermissionsBoundary": permissionsBoundaryArn } },
      ],
    ]);
    const open = rolePolicies(PLACE).flatMap(({ Statement }) => Statement);
    expect(open.find(({ Sid }) => Sid === "IamRoles")).not.toHaveProperty("Condition");
  });

  test("are split where a document would be too large, and fail where a statement is", () => {
    const group = (sid: string, count: number) => ({
      sid,
      on: "",
      actions: Array.from({ length: count }, (_, index) => `s3:Action${index}`),
      resources: () => ["*"],
    });
    expect(rolePolicies(PLACE, [group("A", 300), group("B", 300)])).toHaveLength(2);
    expect(() => rolePolicies(PLACE, [group("C", 600)])).toThrow(/statement C alone is larger/);
  });

  test("fill a document up to the last character that IAM takes", () => {
    const group = (resource: string) => ({
      sid: "A",
      on: "",
      actions: ["s3:Get"],
      resources: () => [resource],
    });
    const [empty] = rolePolicies(PLACE, [group("")]);
    if (empty === undefined) throw new Error("there is no document");
    const left = IAM_LIMITS.managedPolicyCharacters - policyCharacters(empty);
    const [full] = rolePolicies(PLACE, [group("a".repeat(left))]);
    expect(full && policyCharacters(full)).toBe(6_144);
    expect(() => rolePolicies(PLACE, [group("a".repeat(left + 1))])).toThrow(/alone is larger/);
  });

  test("allow nothing that changes or reads another org's things", () => {
    const looks = /^[a-z0-9]+:(?:Describe|List|Get)/;
    // Of these, AWS has no narrower resource and no tag.
    const free = new Set(["ec2:RunInstances", "iam:CreateServiceLinkedRole"]);
    const notRestricted = rolePolicies(PLACE)
      .flatMap(({ Statement }) => Statement)
      .filter(
        ({ Resource, Condition }) => Resource.includes("*") && !/muster:org/.test(JSON.stringify(Condition)),
      )
      .flatMap(({ Action }) => Action)
      .filter((action) => !looks.test(action) && !free.has(action));
    expect(notRestricted).toEqual(["logs:CreateLogDelivery", "logs:DeleteLogDelivery"]);
    expect(JSON.stringify(rolePolicies(PLACE))).not.toMatch(/"[a-z0-9]+:\*"|"Action":"\*"/);
  });

  test("name China's and the government's partitions", () => {
    const passedTo = (region: string) =>
      rolePolicies({ ...PLACE, region })
        .flatMap(({ Statement }) => Statement)
        .find(({ Sid }) => Sid === "IamPassToNodes")?.Condition;
    expect(["us-east-1", "cn-north-1"].map(passedTo)).toEqual(
      ["ec2.amazonaws.com", "ec2.amazonaws.com.cn"].map((service) => ({
        StringEquals: { "iam:PassedToService": service },
      })),
    );
    expect(JSON.stringify(rolePolicies({ ...PLACE, region: "cn-north-1" }))).toMatch(
      /arn:aws-cn:dynamodb:cn-north-1:123456789012:table\/muster-demo-registry/,
    );
    expect(JSON.stringify(rolePolicies({ ...PLACE, region: "us-gov-west-1" }))).toContain("arn:aws-us-gov:");
  });
});

describe("the trust policy", () => {
  const CI = "arn:aws:iam::210987654321:role/ci";
  const trusted = JSON.stringify(trustPolicy(CI, "x-1"));

  test("lets that principal in with the external id alone", () => {
    expect(trustProblems(trusted, CI, "x-1")).toEqual([]);
  });

  test.each([
    [
      "another external id",
      JSON.stringify(trustPolicy(CI, "x-2")),
      /without this external id.*may not assume/,
    ],
    ["another principal", JSON.stringify(trustPolicy(`${CI}-2`, "x-1")), /role\/ci may not assume it/],
    [
      "a second statement without an external id",
      JSON.stringify({
        Statement: [
          ...trustPolicy(CI, "x-1").Statement,
          { Effect: "Allow", Principal: { AWS: ["*"] }, Action: "sts:AssumeRole" },
        ],
      }),
      /^\* may assume it without this external id$/,
    ],
    ["no JSON", "nonsense", /can't be read/],
    ["an empty one", "{}", /may not assume it/],
  ])("is wrong with %s", (_what, policy, message) => {
    expect(trustProblems(policy, CI, "x-1").join("; ")).toMatch(message);
  });

  test.each([
    ["210987654321", true],
    [CI, true],
    ["arn:aws:iam::210987654321:root", true],
    ["*", false],
    ["arn:aws:sts::210987654321:assumed-role/ci/session", false],
  ])("takes the principal %s: %s", (principal, isOne) => {
    expect(isPrincipal(principal)).toBe(isOne);
  });

  test("an account's id stands for the account", () => {
    expect(principalArn("210987654321", "us-gov-west-1")).toBe("arn:aws-us-gov:iam::210987654321:root");
    expect(principalArn(CI, "us-east-1")).toBe(CI);
  });
});
