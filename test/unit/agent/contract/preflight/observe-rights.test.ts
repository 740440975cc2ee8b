import { describe, expect, test } from "@jest/globals";
import { namingCalls } from "../../../../../agent/contract/preflight/answers.js";
import type { MakeCall } from "../../../../../agent/contract/preflight/calls.js";
import { observeDryRun, observeRights } from "../../../../../agent/contract/preflight/observe-rights.js";

const ROLE = "arn:aws:sts::123456789012:assumed-role/deploy/ci";

describe("the rights of the caller", () => {
  const question = (resources: readonly string[]) => ({
    ...{ actions: ["ec2:RunInstances"], resources },
    context: [{ key: "aws:RequestTag/muster:org", values: ["acme"] }],
  });

  /** What IAM is asked of these resources, and what is made of its results. */
  async function asked(resources: readonly string[], EvaluationResults?: readonly object[]) {
    const inputs: unknown[] = [];
    const accounts: string[] = [];
    const call: MakeCall = async (_name, input) => {
      inputs.push(input);
      return { EvaluationResults } as never;
    };
    const rights = await observeRights(call, ROLE, (accountId) => {
      accounts.push(accountId);
      return [question(resources)];
    });
    return { inputs, accounts, rights };
  }

  test("are those of the role behind the session, of its account, on the resources that are named", async () => {
    const { inputs, accounts } = await asked(["arn:aws:ec2:*:*:instance/*"]);
    expect(accounts).toEqual(["123456789012"]);
    expect(inputs).toEqual([
      {
        PolicySourceArn: "arn:aws:iam::123456789012:role/deploy",
        ActionNames: ["ec2:RunInstances"],
        ResourceArns: ["arn:aws:ec2:*:*:instance/*"],
        ContextEntries: [
          {
            ...{ ContextKeyName: "aws:RequestTag/muster:org", ContextKeyType: "string" },
            ContextKeyValues: ["acme"],
          },
        ],
      },
    ]);
  });

  test("are asked on all resources where none is named", async () => {
    expect((await asked([])).inputs[0]).not.toHaveProperty("ResourceArns");
  });

  test("are what IAM's simulation says, and what it does not say is empty", async () => {
    const result = {
      ...{ EvalActionName: "ec2:RunInstances", EvalDecision: "implicitDeny" },
      ...{ OrganizationsDecisionDetail: {}, MissingContextValues: ["aws:SourceIp"] },
    };
    expect((await asked([], [result, {}])).rights).toEqual({
      value: [
        {
          action: "ec2:RunInstances",
          decision: "implicitDeny",
          isUnderOrganization: true,
          lacksContext: true,
        },
        { action: "", decision: "", isUnderOrganization: false, lacksContext: false },
      ],
    });
    expect((await asked([])).rights).toEqual({ value: [] });
  });

  test.each([
    [null, "STS does not say whose credentials they are"],
    ["arn:aws:iam::123456789012:root", "arn:aws:iam::123456789012:root is neither a role nor a user"],
  ])("are not known of %s", async (caller, why) => {
    const none: MakeCall = () => Promise.reject(new Error("nothing is to be asked"));
    expect(await observeRights(none, caller, () => [])).toEqual({ unknown: { why, right: null } });
  });
});

describe("a dry run", () => {
  const run = { imageId: "ami-1", instanceType: "c5.large", subnetId: "subnet-1" };
  const answer = (name: string, status: number | undefined) =>
    observeDryRun(
      namingCalls(() =>
        Promise.reject(Object.assign(new Error("why"), { name, $metadata: { httpStatusCode: status } })),
      ),
      run,
    );

  test.each<[string, number | undefined, boolean]>([
    ["DryRunOperation", 412, true],
    ["DryRunOperation", undefined, true],
    ["Unsupported", 400, true],
    ["Unsupported", 499, true],
    ["Unsupported", 500, false],
    ["Unsupported", 399, false],
    ["Unsupported", undefined, false],
    ["Throttling", 400, false],
    ["RequestLimitExceeded", 400, false],
    ["ServiceUnavailable", 400, false],
  ])("that ends in %s with status %p is an answer: %p", async (name, status, isAnswer) => {
    const found = await answer(name, status);
    if (isAnswer) expect(found).toEqual({ value: { code: name, message: "why" } });
    else expect(found).toMatchObject({ unknown: { right: null } });
  });

  test("that the SDK takes for a success would have worked", async () => {
    const inputs: unknown[] = [];
    const call: MakeCall = async (_name, input) => {
      inputs.push(input);
      return {} as never;
    };
    expect(await observeDryRun(call, run)).toEqual({ value: { code: "DryRunOperation", message: "" } });
    expect(inputs).toEqual([
      {
        ...{ DryRun: true, MinCount: 1, MaxCount: 1 },
        ...{ ImageId: "ami-1", InstanceType: "c5.large", SubnetId: "subnet-1" },
      },
    ]);
  });
});
