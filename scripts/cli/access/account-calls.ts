import { DescribeRegionsCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  IAMClient,
  paginateListAttachedRolePolicies,
  paginateSimulatePrincipalPolicy,
  type Role,
} from "@aws-sdk/client-iam";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import pMap from "p-map";
import type { SimulationQuestion } from "../../../agent/contract/rights/questions.js";
import { ACCOUNT_PATH } from "../../../agent/contract/rights/trust.js";
import { type AccountCalls, AccountRefusal, type Caller, type ExistingRole } from "../core/account.js";
import { causeOfRefusal } from "../core/account-problems.js";
import { failure } from "../core/exit.js";
import type { Opening } from "../core/ports.js";
import { runAwsCall } from "./aws-call.js";
import { clientSettings } from "./connection.js";

/** IAM allows few simulations a second. */
const SIMULATED_AT_ONCE = { concurrency: 4 } as const;
/** The shortest that STS gives. */
const SHORTEST_SESSION_SECONDS = 900;

/** Calls in a caller's name. Keys stay in memory, and no error repeats them. Makes no call. */
export function accountCalls(caller: Caller, opening: Opening, version: string): AccountCalls {
  const settings = settingsOf(caller, opening, version);
  const sts = new STSClient({
    ...settings,
    region: caller.by === "role" ? opening.region : (opening.role?.stsRegion ?? opening.region),
  });
  const iam = new IAMClient(settings);
  const { signal } = opening;
  const aborting = { abortSignal: signal };
  const call = <T>(doing: string, run: () => Promise<T>): Promise<T> =>
    keyless(caller, doing, () =>
      runAwsCall(
        { region: opening.region, env: process.env, signal, service: "IAM", endpoint: () => null },
        doing,
        run,
        async (error) => {
          const cause = causeOfRefusal(error);
          if (cause === null) return null;
          throw new AccountRefusal(cause.code, `Could not ${doing}: ${error.message}`, cause.action);
        },
      ),
    );
  const policyOf = async (arn: string): Promise<string> => {
    const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn: arn }), aborting);
    const VersionId = Policy?.DefaultVersionId ?? "v1";
    const got = await iam.send(new GetPolicyVersionCommand({ PolicyArn: arn, VersionId }), aborting);
    return decodeURIComponent(got.PolicyVersion?.Document ?? "");
  };
  return {
    identity: () =>
      call("find the account of the credentials", async () => {
        const { Account = "", Arn = "" } = await sts.send(new GetCallerIdentityCommand({}), aborting);
        return { account: Account, arn: Arn };
      }),
    assume: ({ roleArn, externalId }) =>
      call(`assume the role ${roleArn}`, async () => {
        const command = new AssumeRoleCommand({
          RoleArn: roleArn,
          RoleSessionName: "muster-account-check",
          DurationSeconds: SHORTEST_SESSION_SECONDS,
          ...(externalId === null ? {} : { ExternalId: externalId }),
        });
        await sts.send(command, aborting);
      }),
    simulate: (principalArn, questions) =>
      call("simulate the role's policies", async () => {
        const denied = await pMap(
          questions,
          (question) => deniedOf(iam, principalArn, question, signal),
          SIMULATED_AT_ONCE,
        );
        return denied.flat();
      }),
    isRegionEnabled: (region) =>
      call(`ask whether ${region} is enabled`, async () => {
        const ec2 = new EC2Client(settings);
        const command = new DescribeRegionsCommand({
          Filters: [{ Name: "region-name", Values: [region] }],
        });
        const { Regions = [] } = await ec2.send(command, aborting);
        return Regions.some(({ RegionName }) => RegionName === region);
      }),
    readRole: (name) =>
      call(`read the role ${name}`, () =>
        unlessMissing(async () =>
          existing((await iam.send(new GetRoleCommand({ RoleName: name }), aborting)).Role),
        ),
      ),
    createRole: ({ name, trustPolicy, description, permissionsBoundary }) =>
      call(`make the role ${name}`, async () => {
        const command = new CreateRoleCommand({
          RoleName: name,
          Path: ACCOUNT_PATH,
          AssumeRolePolicyDocument: trustPolicy,
          Description: description,
          ...(permissionsBoundary === null ? {} : { PermissionsBoundary: permissionsBoundary }),
        });
        return existing((await iam.send(command, aborting)).Role);
      }),
    readPolicy: (arn) => call(`read the policy ${arn}`, () => unlessMissing(() => policyOf(arn))),
    createPolicy: (name, policy, description) =>
      call(`make the policy ${name}`, async () => {
        const made = {
          PolicyName: name,
          Path: ACCOUNT_PATH,
          PolicyDocument: policy,
          Description: description,
        };
        await iam.send(new CreatePolicyCommand(made), aborting);
      }),
    attachedPolicies: (roleName) =>
      call(`list the policies of the role ${roleName}`, async () => {
        const arns: string[] = [];
        const pages = paginateListAttachedRolePolicies({ client: iam }, { RoleName: roleName }, aborting);
        for await (const { AttachedPolicies = [] } of pages)
          arns.push(...AttachedPolicies.map(({ PolicyArn = "" }) => PolicyArn));
        return arns;
      }),
    attachPolicy: (roleName, policyArn) =>
      call(`attach the policy ${policyArn}`, async () => {
        await iam.send(new AttachRolePolicyCommand({ RoleName: roleName, PolicyArn: policyArn }), aborting);
      }),
  };
}

function settingsOf(caller: Caller, opening: Opening, version: string) {
  if (caller.by === "role") return clientSettings({ ...opening, role: caller }, version);
  const settings = clientSettings({ ...opening, role: null }, version);
  if (caller.by === "own") return settings;
  const { accessKeyId, secretAccessKey, sessionToken } = caller;
  return {
    ...settings,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === null ? {} : { sessionToken }) },
  };
}

/** As `run`, but no error has a key in it, or a cause that might. */
async function keyless<T>(caller: Caller, doing: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (caller.by !== "keys" || !(error instanceof Error)) throw error;
    const message = withoutKeys(error.message, caller);
    if (error instanceof AccountRefusal) throw new AccountRefusal(error.code, message, error.action);
    throw failure(message === "" ? `Could not ${doing}.` : message);
  }
}

const withoutKeys = (
  text: string,
  { accessKeyId, secretAccessKey, sessionToken }: Caller & { by: "keys" },
): string =>
  [secretAccessKey, sessionToken ?? "", accessKeyId]
    .filter((key) => key !== "")
    .reduce((said, key) => said.replaceAll(key, "***"), text);

async function unlessMissing<T>(run: () => Promise<T>): Promise<T | null> {
  try {
    return await run();
  } catch (error) {
    if ((error as Error).name.startsWith("NoSuchEntity")) return null;
    throw error;
  }
}

const existing = (role: Role | undefined): ExistingRole => ({
  arn: role?.Arn ?? "",
  trustPolicy: decodeURIComponent(role?.AssumeRolePolicyDocument ?? ""),
  createdAt: role?.CreateDate ?? new Date(0),
});

async function deniedOf(
  iam: IAMClient,
  PolicySourceArn: string,
  { actions, resources, context }: SimulationQuestion,
  abortSignal: AbortSignal,
) {
  const input = {
    PolicySourceArn,
    ActionNames: [...actions],
    ...(resources.length === 0 ? {} : { ResourceArns: [...resources] }),
    ContextEntries: context.map(({ key, values }) => ({
      ContextKeyName: key,
      ContextKeyValues: [...values],
      ContextKeyType: values.length > 1 ? ("stringList" as const) : ("string" as const),
    })),
  };
  const denied = [];
  const pages = paginateSimulatePrincipalPolicy({ client: iam }, input, { abortSignal });
  for await (const { EvaluationResults = [] } of pages)
    for (const {
      EvalActionName = "",
      EvalDecision,
      OrganizationsDecisionDetail,
      MissingContextValues = [],
    } of EvaluationResults)
      if (EvalDecision !== "allowed")
        denied.push({
          action: EvalActionName,
          byOrganization: OrganizationsDecisionDetail?.AllowedByOrganizations === false,
          missingKeys: MissingContextValues,
        });
  return denied;
}
