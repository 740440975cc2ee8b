import {
  type CloudWatchLogsClient,
  ListTagsForResourceCommand,
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
        collectPages(
          paginateListRoles({ client: iam }, {}),
          (page) => page.Roles,
          (role) => named("role", role.RoleName, role.Path),
        ),
    },
    {
      what: "policies",
      list: async () =>
        collectPages(
          paginateListPolicies({ client: iam }, { Scope: "Local" }),
          (page) => page.Policies,
          (policy) => named("policy", policy.PolicyName, policy.Path, policy.Arn),
        ),
    },
    {
      what: "instance profiles",
      list: async () =>
        collectPages(
          paginateListInstanceProfiles({ client: iam }, {}),
          (page) => page.InstanceProfiles,
          (profile) => named("instance profile", profile.InstanceProfileName, profile.Path),
        ),
    },
    {
      what: "parameters",
      list: async () =>
        collectPages(
          paginateGetParametersByPath({ client: ssm }, { Path: `/muster/${org}/`, Recursive: true }),
          (page) => page.Parameters,
          ({ Name }) => named("parameter", Name),
        ),
    },
    { what: "keys", list: () => listKeys(kms) },
    {
      what: "key aliases",
      list: async () =>
        collectPages(
          paginateListAliases({ client: kms }, {}),
          (page) => page.Aliases,
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
          ({ logGroupName = "", logGroupArn, arn }) => ({
            logGroupName,
            resourceArn: logGroupArn ?? arn?.replace(/:\*$/, ""),
          }),
        );
        const describeGroup = async ({
          logGroupName,
          resourceArn,
        }: (typeof groups)[number]): Promise<Candidate> => {
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
  const keys = await collectPages(
    paginateListKeys({ client: kms }, {}),
    (page) => page.Keys,
    ({ KeyId = "" }) => KeyId,
  );
  const describeKey = async (KeyId: string): Promise<Candidate[]> => {
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }));
    if (KeyMetadata?.KeyManager === "AWS") return [];
    const { Tags } = await kms.send(new ListResourceTagsCommand({ KeyId }));
    const pairs = (Tags ?? []).map(({ TagKey, TagValue }) => ({ Key: TagKey, Value: TagValue }));
    const status = KeyMetadata?.KeyState === "PendingDeletion" ? "pending deletion" : "live";
    return [{ kind: "key", id: KeyId, tags: toTags(pairs), status }];
  };
  return (await pMap(keys, describeKey, CALLS_AT_ONCE)).flat();
}
