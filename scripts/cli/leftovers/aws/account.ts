import {
  type CloudWatchLogsClient,
  ListTagsForResourceCommand,
  type LogGroup,
  paginateDescribeLogGroups,
} from "@aws-sdk/client-cloudwatch-logs";
import {
  type IAMClient,
  paginateListInstanceProfiles,
  paginateListPolicies,
  paginateListRoles,
} from "@aws-sdk/client-iam";
import {
  DescribeKeyCommand,
  type KeyListEntry,
  type KMSClient,
  ListResourceTagsCommand,
  paginateListAliases,
  paginateListKeys,
} from "@aws-sdk/client-kms";
import { paginateGetParametersByPath, type SSMClient } from "@aws-sdk/client-ssm";
import pMap from "p-map";
import type { Candidate } from "../candidate.js";
import { CALLS_AT_ONCE, type LeftoverProbe } from "../probe.js";
import { collectPages, toTags } from "./tags.js";

interface AccountClients {
  readonly iam: IAMClient;
  readonly kms: KMSClient;
  readonly logs: CloudWatchLogsClient;
  readonly ssm: SSMClient;
}

/** Roles, keys, parameters and log groups. */
export function accountProbes({ iam, kms, logs, ssm }: AccountClients, org: string): LeftoverProbe[] {
  const named = (kind: string, id: string | undefined, path = "", arn?: string): Candidate => ({
    kind,
    id: id ?? "",
    // With the path if it is Muster's, else the bare name.
    name: path.startsWith("/muster/") ? `${path}${id}` : (id ?? ""),
    ...(arn === undefined ? {} : { arn }),
    status: "live",
  });
  return [
    {
      what: "roles",
      list: async () =>
        (await collectPages(paginateListRoles({ client: iam }, {}), (page) => page.Roles)).map((role) =>
          named("role", role.RoleName, role.Path),
        ),
    },
    {
      what: "policies",
      list: async () =>
        (
          await collectPages(
            paginateListPolicies({ client: iam }, { Scope: "Local" }),
            (page) => page.Policies,
          )
        ).map((policy) => named("policy", policy.PolicyName, policy.Path, policy.Arn)),
    },
    {
      what: "instance profiles",
      list: async () =>
        (
          await collectPages(
            paginateListInstanceProfiles({ client: iam }, {}),
            (page) => page.InstanceProfiles,
          )
        ).map((profile) => named("instance profile", profile.InstanceProfileName, profile.Path)),
    },
    {
      what: "parameters",
      list: async () =>
        (
          await collectPages(
            paginateGetParametersByPath({ client: ssm }, { Path: `/muster/${org}/`, Recursive: true }),
            (page) => page.Parameters,
          )
        ).map(({ Name }) => named("parameter", Name)),
    },
    { what: "keys", list: () => listKeys(kms) },
    {
      what: "key aliases",
      list: async () =>
        (await collectPages(paginateListAliases({ client: kms }, {}), (page) => page.Aliases)).map(
          ({ AliasName, TargetKeyId }) => ({
            ...named("key alias", AliasName),
            within: TargetKeyId === undefined ? [] : [TargetKeyId],
          }),
        ),
    },
    {
      what: "log groups",
      list: async () => {
        const groups = await collectPages(
          paginateDescribeLogGroups({ client: logs }, {}),
          (page) => page.logGroups,
        );
        const describeGroup = async ({
          logGroupName = "",
          logGroupArn,
          arn,
        }: LogGroup): Promise<Candidate> => {
          const resourceArn = logGroupArn ?? arn?.replace(/:\*$/, "");
          const { tags } = await logs.send(new ListTagsForResourceCommand({ resourceArn }));
          return { kind: "log group", id: logGroupName, tags: { ...tags }, status: "live" };
        };
        return pMap(groups, describeGroup, CALLS_AT_ONCE);
      },
    },
  ];
}

/** The account's own keys; AWS's keys are not ours, and their tags can't be read. */
async function listKeys(kms: KMSClient): Promise<Candidate[]> {
  const keys = await collectPages(paginateListKeys({ client: kms }, {}), (page) => page.Keys);
  const describeKey = async ({ KeyId = "" }: KeyListEntry): Promise<Candidate[]> => {
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }));
    if (KeyMetadata?.KeyManager === "AWS") return [];
    const { Tags } = await kms.send(new ListResourceTagsCommand({ KeyId }));
    const pairs = (Tags ?? []).map(({ TagKey, TagValue }) => ({ Key: TagKey, Value: TagValue }));
    const status = KeyMetadata?.KeyState === "PendingDeletion" ? "pending deletion" : "live";
    return [{ kind: "key", id: KeyId, tags: toTags(pairs), status }];
  };
  return (await pMap(keys, describeKey, CALLS_AT_ONCE)).flat();
}
