import {
  type CloudWatchClient,
  DeleteAlarmsCommand,
  DeleteDashboardsCommand,
} from "@aws-sdk/client-cloudwatch";
import { type CloudWatchLogsClient, DeleteLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  DeleteInstanceProfileCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetInstanceProfileCommand,
  type IAMClient,
  ListAttachedRolePoliciesCommand,
  ListInstanceProfilesForRoleCommand,
  ListPolicyVersionsCommand,
  ListRolePoliciesCommand,
  RemoveRoleFromInstanceProfileCommand,
} from "@aws-sdk/client-iam";
import { DeleteAliasCommand, type KMSClient, ScheduleKeyDeletionCommand } from "@aws-sdk/client-kms";
import { DeleteParameterCommand, type SSMClient } from "@aws-sdk/client-ssm";
import type { RemovableKind } from "../../core/cleanup.js";
import { GONE, type Remove } from "./removal.js";

/** The least that KMS allows. */
const KEY_DAYS = 7;

interface Clients {
  readonly cloudWatch: CloudWatchClient;
  readonly iam: IAMClient;
  readonly kms: KMSClient;
  readonly logs: CloudWatchLogsClient;
  readonly ssm: SSMClient;
}

/** Roles, keys, parameters, log groups and alarms. */
export function accountRemovals({ cloudWatch, iam, kms, logs, ssm }: Clients) {
  return {
    alarm: async ({ id }) => {
      await cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: [id] }));
      return GONE;
    },
    dashboard: async ({ id }) => {
      await cloudWatch.send(new DeleteDashboardsCommand({ DashboardNames: [id] }));
      return GONE;
    },
    "log group": async ({ id }) => {
      await logs.send(new DeleteLogGroupCommand({ logGroupName: id }));
      return GONE;
    },
    parameter: async ({ id }) => {
      await ssm.send(new DeleteParameterCommand({ Name: id }));
      return GONE;
    },
    "instance profile": async ({ id: InstanceProfileName }) => {
      const { InstanceProfile } = await iam.send(new GetInstanceProfileCommand({ InstanceProfileName }));
      for (const { RoleName } of InstanceProfile?.Roles ?? [])
        await iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName }));
      await iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName }));
      return GONE;
    },
    role: async ({ id }) => {
      await strip(iam, id);
      await iam.send(new DeleteRoleCommand({ RoleName: id }));
      return GONE;
    },
    policy: async ({ arn: PolicyArn }) => {
      const { Versions = [] } = await iam.send(new ListPolicyVersionsCommand({ PolicyArn }));
      for (const { VersionId, IsDefaultVersion } of Versions)
        if (!IsDefaultVersion) await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId }));
      await iam.send(new DeletePolicyCommand({ PolicyArn }));
      return GONE;
    },
    "key alias": async ({ id }) => {
      await kms.send(new DeleteAliasCommand({ AliasName: id }));
      return GONE;
    },
    key: async ({ id }) => {
      await kms.send(new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: KEY_DAYS }));
      return GONE;
    },
  } as const satisfies Partial<Record<RemovableKind, Remove>>;
}

/** A role with policies, or in a profile, can't be deleted. IAM lists at most 10 of the former in one page, and 100 inline ones. */
async function strip(iam: IAMClient, RoleName: string): Promise<void> {
  const { AttachedPolicies = [] } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
  for (const { PolicyArn } of AttachedPolicies)
    await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  for (const PolicyName of PolicyNames) await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
  const { InstanceProfiles = [] } = await iam.send(new ListInstanceProfilesForRoleCommand({ RoleName }));
  for (const { InstanceProfileName } of InstanceProfiles)
    await iam.send(new RemoveRoleFromInstanceProfileCommand({ RoleName, InstanceProfileName }));
}
