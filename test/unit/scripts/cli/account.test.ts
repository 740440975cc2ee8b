import { beforeEach, describe, expect, test } from "@jest/globals";
import { type PipelineIdentity, pipelineTrustPolicy } from "../../../../agent/contract/rights/pipeline.js";
import { pipelinePolicies } from "../../../../agent/contract/rights/pipeline-policy.js";
import { rolePolicies } from "../../../../agent/contract/rights/policy.js";
import { simulationQuestions } from "../../../../agent/contract/rights/questions.js";
import { trustPolicy } from "../../../../agent/contract/rights/trust.js";
import { rightsFinding } from "../../../../scripts/cli/core/account-check.js";
import { causeOfRefusal } from "../../../../scripts/cli/core/account-problems.js";
import { setAccount } from "../../../../scripts/cli/core/declared-account.js";
import { FakeAccount } from "../../../support/cli/fake-account.js";
import { FakeWorld } from "../../../support/cli/fake-world.js";

const ROLE_NAME = "deploy-demo-us-east-1";
const ROLE = `arn:aws:iam::123456789012:role/muster-account/${ROLE_NAME}`;
const KEYS = { id: "AKIAQQQQQQQQQQQQQQQQ", secret: "s3cr3tS3cr3tS3cr3tS3cr3t" };
const FILE = "# ours\norg: {name: demo, region: us-east-1} # the org\n";

let world: FakeWorld;
let account: FakeAccount;
beforeEach(() => {
  world = new FakeWorld();
  account = new FakeAccount();
  world.files.set("muster.yaml", Buffer.from(FILE));
  world.accountCalls = (caller) => account.as(caller);
  world.answer = `${KEYS.id}\n${KEYS.secret}\n`;
});
const file = (): string => Buffer.from(world.files.get("muster.yaml") ?? []).toString();
const said = (): string => world.said.join("\n");
const declareRole = (): void => {
  world.files.set("muster.yaml", Buffer.from(`${FILE}account: {roleArn: "${ROLE}", externalId: x-1}\n`));
};

describe("muster account policy", () => {
  test("prints each document, for the account that muster.yaml names", async () => {
    declareRole();
    expect(await world.run("account", "policy", "--json")).toBe(0);
    const { roleName, policies } = JSON.parse(world.out);
    expect(roleName).toBe(ROLE_NAME);
    expect(policies.map(({ document }: { document: unknown }) => document)).toEqual(
      rolePolicies({ org: "demo", region: "us-east-1", accountId: "123456789012" }),
    );
  });

  test("prints one, as IAM takes it", async () => {
    expect(await world.run("account", "policy", "--document", "2", "--account", "210987654321")).toBe(0);
    expect(JSON.parse(world.out)).toEqual(
      rolePolicies({ org: "demo", region: "us-east-1", accountId: "210987654321" })[1],
    );
    expect(said()).toMatch(/^deploy-demo-us-east-1-2: \d+ of 6144 characters\.$/);
  });

  test.each(["0", "9", "x"])("refuses document %s", async (number) => {
    expect(await world.run("account", "policy", "--document", number)).toBe(2);
  });
});

describe("muster account trust", () => {
  test("makes the external id once, and keeps it in muster.yaml with its comments", async () => {
    expect(await world.run("account", "trust")).toBe(0);
    const first = JSON.parse(world.out);
    const externalId = first.Statement[0].Condition.StringEquals["sts:ExternalId"];
    expect(externalId).toMatch(/^muster-[0-9a-f-]{36}$/);
    expect(first.Statement[0].Principal).toEqual({ AWS: "arn:aws:iam::210987654321:root" });
    expect(file()).toBe(`${FILE}account:\n  externalId: ${externalId}\n`);
    world.written.length = 0;
    expect(await world.run("account", "trust", "--principal", account.ownArn)).toBe(0);
    expect(JSON.parse(world.out)).toEqual(trustPolicy(account.ownArn, externalId));
  });

  test("needs a principal where the credentials name no account", async () => {
    account.refuses.set("identity", "keys-not-valid");
    expect(await world.run("account", "trust")).toBe(2);
    expect(said()).toMatch(/--principal is missing/);
    expect(file()).toBe(FILE);
  });

  test("refuses where there is no file to keep the external id in", async () => {
    world.files.delete("muster.yaml");
    const argv = ["account", "trust", "--org", "demo", "--principal", "210987654321"];
    expect(await world.run(...argv)).toBe(2);
    expect(said()).toMatch(/muster\.yaml can't be read/);
  });
});

describe("muster account pipeline", () => {
  const S3 = "state: {type: s3, bucket: acme-terraform-state}\nclusters: []\n";
  const written = (): string => Buffer.from(world.files.get("pipeline-roles.cjs") ?? []).toString();
  const run = (...args: string[]) => world.run("account", "pipeline", ...args);
  beforeEach(() => void world.files.set("muster.yaml", Buffer.from(FILE + S3)));

  test("writes the roles as an app of cdktf's, and says which variables the pipeline needs", async () => {
    expect(await run("github", "acme/clusters", "--existing-provider")).toBe(0);
    expect(world.out).toBe("wrote pipeline-roles.cjs\n");
    expect(written()).toContain('accountId: "210987654321"');
    expect(written()).toContain('"hasIdentityProvider": true');
    expect(said()).toContain('npx cdktf deploy --app "node pipeline-roles.cjs" muster_demo_account');
    const arn = "arn:aws:iam::210987654321:role/muster-account/pipeline";
    expect(said()).toContain(`MUSTER_DEPLOY_ROLE_ARN=${arn}-deploy-demo-us-east-1`);
    expect(said()).toContain(`MUSTER_PLAN_ROLE_ARN=${arn}-plan-demo-us-east-1`);
  });

  test("prints what a person needs who makes the roles by hand", async () => {
    expect(
      await run("gitlab", "acme/hpc/clusters", "--host", "git.acme.example", "--branch", "stable", "--json"),
    ).toBe(0);
    const { identityProvider, roles } = JSON.parse(world.out);
    const arn = "arn:aws:iam::210987654321:oidc-provider/git.acme.example";
    expect(identityProvider).toEqual({
      ...{ arn, url: "https://git.acme.example", audience: "https://git.acme.example" },
    });
    const pipeline: PipelineIdentity = {
      ...{
        issuer: "gitlab" as const,
        repository: "acme/hpc/clusters",
        branch: "stable",
        host: "git.acme.example",
      },
    };
    const place = { org: "demo", region: "us-east-1", accountId: "210987654321" };
    const state = { bucket: "acme-terraform-state", prefix: "muster" };
    expect(roles).toEqual(
      (["deploy", "plan"] as const).map((purpose) => ({
        purpose,
        arn: expect.stringContaining(`pipeline-${purpose}-demo`),
        trustPolicy: pipelineTrustPolicy(pipeline, purpose, arn),
        policies: pipelinePolicies(purpose, place, state),
      })),
    );
  });

  test("takes muster.yaml's account before the credentials' own, and --account before both", async () => {
    world.files.set("muster.yaml", Buffer.from(`${FILE}${S3}account: {id: "123456789012"}\n`));
    expect(await run("github", "acme/clusters")).toBe(0);
    expect(written()).toContain('accountId: "123456789012"');
    world.files.delete("pipeline-roles.cjs");
    expect(await run("github", "acme/clusters", "--account", "345678901234")).toBe(0);
    expect(written()).toContain('accountId: "345678901234"');
  });

  test("never writes over a file", async () => {
    world.files.set("pipeline-roles.cjs", Buffer.from("mine"));
    expect(await run("github", "acme/clusters")).toBe(3);
    expect(written()).toBe("mine");
  });

  test.each([
    [["svn", "acme/clusters"], /the issuer is "svn": give github or gitlab/],
    [["github", "acme", "--branch", "main"], /repository is "acme".*[\s\S]*branch is "main"/],
    [["github", "acme/clusters", "--account", "1"], /Give 12 digits/],
  ])("refuses %p", async (args, message) => {
    expect(await run(...args)).toBe(2);
    expect(said()).toMatch(message);
    expect(world.files.has("pipeline-roles.cjs")).toBe(false);
  });

  test("refuses a state in files", async () => {
    world.files.set("muster.yaml", Buffer.from(`${FILE}state: {type: local}\nclusters: []\n`));
    expect(await run("github", "acme/clusters")).toBe(2);
    expect(said()).toMatch(/a pipeline needs a bucket/);
  });
});

describe("muster account connect", () => {
  test("makes role and policies, prints the ARN and writes it, and repeats no key anywhere", async () => {
    expect(await world.run("account", "connect")).toBe(0);
    expect(world.out).toBe(`${ROLE}\n`);
    const [role] = account.roles.values();
    const externalId = /externalId: (muster-\S+)/.exec(file())?.[1] ?? "";
    expect(JSON.parse(role?.trustPolicy ?? "")).toEqual(
      trustPolicy("arn:aws:iam::210987654321:root", externalId),
    );
    const policies = rolePolicies({ org: "demo", region: "us-east-1", accountId: account.id });
    expect([...account.policies.values()].map((text) => JSON.parse(text))).toEqual(policies);
    expect(account.attached.get(ROLE_NAME)).toHaveLength(policies.length);
    expect(file()).toContain(`roleArn: ${ROLE}`);
    expect(file()).toContain('id: "123456789012"');
    expect(file()).toContain(FILE.trimEnd());
    const all = [world.out, said(), file(), JSON.stringify(world.ran), JSON.stringify(world.env)].join("\n");
    expect(all).not.toContain(KEYS.id);
    expect(all).not.toContain(KEYS.secret);
  });

  test("again finds what is right, and completes what an earlier one left", async () => {
    account.refuses.set("attachPolicy", "right-missing");
    expect(await world.run("account", "connect")).toBe(1);
    expect(said()).toMatch(/right-missing/);
    expect(file()).not.toContain("roleArn");
    account.refuses.clear();
    account.changes.length = 0;
    expect(await world.run("account", "connect")).toBe(0);
    expect(account.changes).not.toContain(`role ${ROLE_NAME}`);
    expect(account.changes.filter((change) => change.startsWith("attach"))).toHaveLength(
      account.policies.size,
    );
    account.changes.length = 0;
    expect(await world.run("account", "connect")).toBe(0);
    expect(account.changes).toEqual([]);
    expect(world.said.at(-1)).toMatch(/^The role was there/);
  });

  test("names every right that the keys lack, before anything is made", async () => {
    account.denied = ["iam:CreateRole", "iam:AttachRolePolicy"].map((action) => ({
      action,
      byOrganization: false,
      missingKeys: [],
    }));
    expect(await world.run("account", "connect")).toBe(1);
    expect(said()).toMatch(
      /lack iam:CreateRole, iam:AttachRolePolicy\. Let an administrator.*\(right-missing\)/,
    );
    expect(account.changes).toEqual([]);
  });

  test("goes on where the keys may not simulate, or only an organisation's policy is said to deny", async () => {
    account.refuses.set("simulate", "right-missing");
    expect(await world.run("account", "connect")).toBe(0);
    account.refuses.clear();
    account.denied = [{ action: "iam:CreateRole", byOrganization: true, missingKeys: [] }];
    expect(await world.run("account", "connect", "--role-name", "other")).toBe(0);
  });

  test.each([
    ["the keys are not valid", "identity", "keys-not-valid", /make new ones/],
    ["the account is suspended", "identity", "account-suspended", /AWS Support/],
    [
      "a service control policy denies",
      "createRole",
      "denied-by-organization",
      /administers the AWS organisation/,
    ],
    ["the principal does not exist", "createRole", "principal-unknown", /--principal/],
    ["the account has too many policies", "createPolicy", "limit-reached", /Service Quotas/],
  ] as const)("says that %s, and the next step", async (_what, call, code, next) => {
    const own = account.as({ by: "own" });
    world.accountCalls = (caller) => (caller.by === "own" ? own : account.as(caller));
    account.refuses.set(call, code);
    expect(await world.run("account", "connect", "--principal", account.ownArn)).toBe(1);
    expect(said()).toMatch(next);
    expect(said()).toContain(`(${code})`);
    expect(file()).not.toContain("roleArn");
  });

  test("refuses a role of the name whose trust policy is another, or lets in without the external id", async () => {
    const role = { arn: ROLE, createdAt: new Date(0) };
    account.roles.set(ROLE_NAME, {
      ...role,
      trustPolicy: JSON.stringify(trustPolicy("arn:aws:iam::9:root", "x")),
    });
    expect(await world.run("account", "connect")).toBe(1);
    expect(said()).toMatch(
      /exists: arn:aws:iam::9:root may assume it without this external id;.*\(trust-not-right\)/s,
    );
    expect(account.changes).toEqual([]);
  });

  test("refuses a policy of the name with another content", async () => {
    account.policies.set(`arn:aws:iam::${account.id}:policy/muster-account/${ROLE_NAME}-1`, "{}");
    expect(await world.run("account", "connect")).toBe(1);
    expect(said()).toMatch(/deploy-demo-us-east-1-1.*\(policy-not-right\)/);
    expect(account.changes).toEqual([]);
  });

  test("waits for a young role, and does not for an old one", async () => {
    let waits = 0;
    world.meanwhile = () => {
      waits += 1;
    };
    account.refusalsLeft = 3;
    expect(await world.run("account", "connect", "--json")).toBe(0);
    expect(waits).toBe(3);
    expect(JSON.parse(world.out)).toMatchObject({ isProven: true });
    account.refusalsLeft = 1;
    account.now = () => new Date(0);
    world.written.length = 0;
    expect(await world.run("account", "connect", "--json", "--role-name", "old")).toBe(0);
    expect(waits).toBe(3);
    expect(JSON.parse(world.out)).toMatchObject({ isProven: false });
    expect(said()).toMatch(/could not assume the role.*muster account check/);
  });

  test("does not use a role that is assumed without the external id", async () => {
    account.isOpen = true;
    expect(await world.run("account", "connect")).toBe(1);
    expect(said()).toMatch(/\(open-without-external-id\)/);
    expect(file()).not.toContain("roleArn");
  });

  test("refuses keys of another account than muster.yaml names", async () => {
    world.files.set("muster.yaml", Buffer.from(`${FILE}account: {id: "999999999999"}\n`));
    expect(await world.run("account", "connect")).toBe(1);
    expect(said()).toMatch(
      /keys are of account 123456789012, and muster\.yaml names 999999999999.*\(other-account\)/,
    );
    expect(account.changes).toEqual([]);
  });

  test("says every problem of the keys, without them", async () => {
    world.answer = "akia\nshort\nx\ny\n";
    expect(await world.run("account", "connect")).toBe(2);
    expect(said()).toMatch(/more than three lines/);
    world.answer = `ASIA${"Q".repeat(16)}\n${"a b".repeat(9)}`;
    expect(await world.run("account", "connect")).toBe(2);
    expect(said()).toMatch(/secret access key is not one.*\n.*session token is missing/);
    expect(said()).not.toMatch(/akia|a ba b|ASIAQ/);
  });

  test("asks a person for them, hidden", async () => {
    world.canAsk = true;
    const answers = [KEYS.id, KEYS.secret];
    Object.defineProperty(world, "readSecret", {
      value: async (question: string) => {
        world.questions.push(question);
        return answers.shift() ?? "";
      },
    });
    expect(await world.run("account", "connect")).toBe(0);
    expect(world.questions).toEqual(["Access key id of the account: ", "Its secret access key: "]);
  });
});

describe("muster account check", () => {
  const check = async () => {
    declareRole();
    const exitCode = await world.run("account", "check", "--json");
    const { findings } = JSON.parse(world.out) as {
      findings: { check: string; state: string; code: string }[];
    };
    return { exitCode, findings, states: Object.fromEntries(findings.map((one) => [one.check, one.state])) };
  };

  test("is done where all is right; the rights are never proven by a simulation", async () => {
    const { exitCode, states } = await check();
    expect(exitCode).toBe(0);
    expect(states).toEqual({
      credentials: "ok",
      role: "ok",
      "external id": "ok",
      account: "ok",
      rights: "unproven",
      region: "ok",
    });
  });

  test("fails for a role that is assumed without the external id", async () => {
    account.isOpen = true;
    const { exitCode, findings } = await check();
    expect(exitCode).toBe(1);
    expect(findings.filter(({ state }) => state === "wrong")).toMatchObject([
      { check: "external id", code: "open-without-external-id" },
    ]);
  });

  test.each([
    ["a role that is refused", () => Object.assign(account, { refusalsLeft: 1 }), { role: "wrong" }],
    [
      "a region that is not enabled",
      () => Object.assign(account, { isRegionEnabled: false }),
      { region: "wrong" },
    ],
    [
      "missing rights",
      () =>
        Object.assign(account, {
          denied: [{ action: "ec2:CreateVpc", byOrganization: false, missingKeys: [] }],
        }),
      { rights: "wrong" },
    ],
    [
      "credentials that AWS does not know",
      () => account.refuses.set("identity", "keys-not-valid"),
      { credentials: "wrong" },
    ],
  ])("fails for %s", async (_what, arrange, expected) => {
    arrange();
    const { exitCode, states } = await check();
    expect(exitCode).toBe(1);
    expect(states).toMatchObject(expected);
  });

  test.each(["simulate", "isRegionEnabled"] as const)(
    "without the right to %s says that it is unchecked",
    async (call) => {
      account.refuses.set(call, "right-missing");
      const { exitCode, states } = await check();
      expect(exitCode).toBe(0);
      expect(Object.values(states).filter((state) => state === "unchecked")).toHaveLength(1);
    },
  );

  test("needs an account in muster.yaml", async () => {
    expect(await world.run("account", "check")).toBe(2);
    expect(said()).toMatch(/has no account/);
  });

  test("prints a line for each, with the next step", async () => {
    declareRole();
    account.isRegionEnabled = false;
    expect(await world.run("account", "check")).toBe(1);
    expect(world.out).toMatch(
      /^wrong +region: us-east-1 is not enabled in the account \(region-not-enabled\)\n +Next: Enable it/m,
    );
  });
});

describe("a simulation", () => {
  const place = { org: "demo", region: "us-east-1", accountId: "123456789012" };

  test("asks each action with the tags and resources that the calls will have", () => {
    const questions = simulationQuestions(place);
    const make = questions.find(({ actions }) => actions.includes("ec2:CreateVpc"));
    expect(make?.context).toEqual([{ key: "aws:RequestTag/muster:org", values: ["demo"] }]);
    expect(make?.resources).toContain("arn:aws:ec2:us-east-1:123456789012:vpc/muster");
    expect(JSON.stringify(questions)).not.toContain("*");
  });

  test("that only the organisation's policies deny proves nothing", () => {
    expect(rightsFinding([{ action: "ec2:CreateVpc", byOrganization: true, missingKeys: [] }])).toMatchObject(
      {
        state: "unproven",
        code: "denied-by-organization",
      },
    );
    expect(
      rightsFinding([{ action: "ec2:CreateVpc", byOrganization: false, missingKeys: ["aws:SourceIp"] }]),
    ).toMatchObject({ state: "unproven", message: expect.stringContaining("aws:SourceIp") });
    expect(rightsFinding([])).toMatchObject({ state: "unproven", code: null });
    expect(
      rightsFinding([
        { action: "ec2:B", byOrganization: false, missingKeys: [] },
        { action: "ec2:A", byOrganization: false, missingKeys: [] },
        { action: "ec2:A", byOrganization: false, missingKeys: [] },
      ]),
    ).toMatchObject({ state: "wrong", message: "2 are missing: ec2:A, ec2:B" });
  });
});

describe("the cause of a refusal", () => {
  const user =
    "User: arn:aws:iam::123456789012:user/a is not authorized to perform: iam:CreateRole on resource: r";
  test.each([
    [
      "InvalidClientTokenId",
      "The security token included in the request is invalid.",
      "keys-not-valid",
      null,
    ],
    ["SignatureDoesNotMatch", "The request signature we calculated does not match", "keys-not-valid", null],
    ["ExpiredToken", "expired", "keys-not-valid", null],
    [
      "AccessDenied",
      `${user} because no identity-based policy allows the iam:CreateRole action`,
      "right-missing",
      "iam:CreateRole",
    ],
    [
      "AccessDenied",
      `${user} with an explicit deny in a service control policy`,
      "denied-by-organization",
      "iam:CreateRole",
    ],
    [
      "AccessDenied",
      `${user} because no service control policy allows the iam:CreateRole action`,
      "denied-by-organization",
      "iam:CreateRole",
    ],
    [
      "AccessDenied",
      `${user} because no permissions boundary allows the iam:CreateRole action`,
      "right-missing",
      "iam:CreateRole",
    ],
    ["AccessDenied", "Access denied: this account is suspended", "account-suspended", null],
    ["OptInRequired", "You are not subscribed to this service.", "account-suspended", null],
    ["PendingVerification", "Your request is being verified", "account-suspended", null],
    ["MalformedPolicyDocument", 'Invalid principal in policy: "AWS":"arn:x"', "principal-unknown", null],
    ["LimitExceeded", "Cannot exceed quota for RolesPerAccount: 1000", "limit-reached", null],
  ])("%s: %s", (name, message, code, action) => {
    expect(causeOfRefusal({ name, message })).toEqual({ code, action });
  });

  test.each([
    ["MalformedPolicyDocument", "Syntax errors in policy."],
    ["RequestLimitExceeded", "slow down"],
    ["InternalFailure", "sorry"],
  ])("%s is none of them: %s", (name, message) => {
    expect(causeOfRefusal({ name, message })).toBeNull();
  });
});

describe("account in muster.yaml", () => {
  test.each([
    ["a block", 'account:\n  id: "1" # one\n', 'account:\n  id: "1" # one\n  externalId: x-1\n'],
    ["a line", 'account: {id: "1"} # one\n', 'account: {id: "1", externalId: x-1} # one\n'],
    ["an empty one", "account:\n", "account:\n  externalId: x-1\n"],
  ])("is written into %s, and again changes nothing", (_what, before, after) => {
    const once = setAccount(`org: {name: demo}\n${before}`, { externalId: "x-1" });
    expect(once).toBe(`org: {name: demo}\n${after}`);
    expect(setAccount(once, { externalId: "x-1" })).toBe(once);
  });

  test.each([
    ["no YAML", "org: {"],
    ["no mapping", "- org\n"],
    ["an account that is none", "org: {name: demo}\naccount: here\n"],
  ])("is not written into %s", (_what, text) => {
    expect(() => setAccount(text, { externalId: "x-1" })).toThrow(
      /was not changed.*by hand: account: \{"externalId":"x-1"\}/,
    );
  });
});

test("every command works through the role of the org's muster.yaml, and of no other org's", async () => {
  declareRole();
  await world.run("cluster", "list");
  await world.run("cluster", "list", "--org", "other", "--region", "us-east-1");
  expect(world.openings.map(({ role }) => role)).toEqual([
    { roleArn: ROLE, externalId: "x-1", stsRegion: null },
    null,
  ]);
});
