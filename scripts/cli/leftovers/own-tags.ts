import {
  type CloudWatchClient,
  GetDashboardCommand,
  ListTagsForResourceCommand,
} from "@aws-sdk/client-cloudwatch";
import {
  GetInstanceProfileCommand,
  type IAMClient,
  ListPolicyTagsCommand,
  ListRoleTagsCommand,
} from "@aws-sdk/client-iam";
import { type SSMClient, ListTagsForResourceCommand as SsmTagsCommand } from "@aws-sdk/client-ssm";
import pMap from "p-map";
import { type TagPair, toTags } from "./aws/tags.js";
import type { Candidate } from "./candidate.js";
import { CALLS_AT_ONCE } from "./probe.js";

interface Clients {
  readonly cloudWatch: CloudWatchClient;
  readonly iam: IAMClient;
  readonly ssm: SSMClient;
}

/**
 * The candidates with what else says whose they are, where that takes a call for each: the search finds these by name or path alone.
 * Throws, and names it, where one can't be read: what can't be told is not left out.
 */
export const withOwnTags = (
  candidates: readonly Candidate[],
  clients: Clients,
): Promise<readonly Candidate[]> =>
  pMap(
    candidates,
    async (candidate) => {
      const { kind, id } = candidate;
      try {
        if (kind === "dashboard") return { ...candidate, within: await shownBy(id, candidates, clients) };
        if (candidate.tags !== undefined) return candidate;
        const pairs = await readTags(candidate, clients);
        return pairs === null ? candidate : { ...candidate, tags: toTags(pairs) };
      } catch (error) {
        throw new Error(`Could not read whose ${kind} ${id} is: ${(error as Error).message}`, {
          cause: error,
        });
      }
    },
    CALLS_AT_ONCE,
  );

/** A dashboard has no tags, and the names of two orgs can begin alike: it is of the org whose file system or groups it shows. */
async function shownBy(
  DashboardName: string,
  candidates: readonly Candidate[],
  { cloudWatch }: Clients,
): Promise<readonly string[]> {
  const { DashboardBody = "" } = await cloudWatch.send(new GetDashboardCommand({ DashboardName }));
  return candidates
    .filter(({ kind }) => kind === "file system" || kind === "Auto Scaling group")
    .map(({ id }) => id)
    .filter((id) => DashboardBody.includes(JSON.stringify(id)));
}

/** Null: it is of a kind whose tags came with it, or that has none. */
async function readTags(
  { kind, id, arn }: Candidate,
  { cloudWatch, iam, ssm }: Clients,
): Promise<readonly TagPair[] | null> {
  if (kind === "role") return (await iam.send(new ListRoleTagsCommand({ RoleName: id }))).Tags ?? [];
  if (kind === "policy") return (await iam.send(new ListPolicyTagsCommand({ PolicyArn: arn }))).Tags ?? [];
  if (kind === "instance profile")
    return (
      (await iam.send(new GetInstanceProfileCommand({ InstanceProfileName: id }))).InstanceProfile?.Tags ?? []
    );
  if (kind === "parameter")
    return (await ssm.send(new SsmTagsCommand({ ResourceType: "Parameter", ResourceId: id }))).TagList ?? [];
  if (kind === "alarm")
    return (await cloudWatch.send(new ListTagsForResourceCommand({ ResourceARN: arn }))).Tags ?? [];
  return null;
}
