import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { jobRecord, queuedCancel } from "../../agent/contract/job.js";
import { clusterPk, jobSk, PARTITION_KEY, QUEUE_INDEX, SORT_KEY } from "../../agent/contract/keys.js";
import { tableName } from "../../agent/contract/names.js";
import type { JobItem } from "../../agent/contract/registry.js";
import type { Jobs } from "../client/ports.js";
import { callAws, unlessRefused } from "./errors.js";
import type { Place } from "./place.js";
import type { OrgSdk } from "./sdk/parts.js";

const keyOf = (clusterUuid: string, jobId: string) => ({
  [PARTITION_KEY]: clusterPk(clusterUuid),
  [SORT_KEY]: jobSk(jobId),
});

/** A cluster's jobs in the registry. It is written by this version's contract only, so the items' shape is known. */
export function awsJobs(sdk: OrgSdk, dynamo: DynamoDBDocumentClient, place: Place): Jobs {
  const TableName = tableName(place.org);
  const aborting = { abortSignal: place.signal };
  const call = <T>(doing: string, run: () => Promise<T>): Promise<T> =>
    callAws({ doing: `${doing} in table ${TableName}`, ...place }, run);

  /** Sets `values` while the job is `status`. */
  async function update(
    { clusterUuid, id }: JobItem,
    status: JobItem["status"],
    { values, leavesQueue }: { readonly values: Partial<JobItem>; readonly leavesQueue: boolean },
  ): Promise<boolean> {
    const { SET, names, parameters } = assignments(values);
    const command = new sdk.UpdateCommand({
      TableName,
      Key: keyOf(clusterUuid, id),
      UpdateExpression: leavesQueue ? `${SET} REMOVE #queue` : SET,
      ConditionExpression: "#status = :before",
      ExpressionAttributeNames: {
        ...names,
        "#status": "status",
        ...(leavesQueue ? { "#queue": QUEUE_INDEX.hashKey } : {}),
      },
      ExpressionAttributeValues: { ...parameters, ":before": status },
    });
    return (await dynamo.send(command, aborting).catch(unlessRefused)) !== undefined;
  }

  return {
    list: (uuid) =>
      call(`list the jobs of cluster ${uuid}`, async () => {
        const query = {
          TableName,
          ConsistentRead: true,
          KeyConditionExpression: "#pk = :pk AND begins_with(#sk, :jobs)",
          ExpressionAttributeNames: { "#pk": PARTITION_KEY, "#sk": SORT_KEY },
          ExpressionAttributeValues: { ":pk": clusterPk(uuid), ":jobs": jobSk("") },
        };
        const jobs: JobItem[] = [];
        for await (const { Items = [] } of sdk.paginateQuery({ client: dynamo }, query, aborting))
          jobs.push(...(Items as JobItem[]));
        return jobs;
      }),

    read: (uuid, jobId) =>
      call(`read job ${jobId} of cluster ${uuid}`, async () => {
        const get = new sdk.GetCommand({ TableName, Key: keyOf(uuid, jobId), ConsistentRead: true });
        return ((await dynamo.send(get, aborting)).Item as JobItem | undefined) ?? null;
      }),

    submit: (job) =>
      call(`submit job ${job.id} to cluster ${job.clusterUuid}`, async () => {
        const put = new sdk.PutCommand({
          TableName,
          Item: jobRecord(job),
          ConditionExpression: "attribute_not_exists(#pk)",
          ExpressionAttributeNames: { "#pk": PARTITION_KEY },
        });
        return (await dynamo.send(put, aborting).catch(unlessRefused)) !== undefined;
      }),

    cancelQueued: (job, reason, at) =>
      call(`cancel job ${job.id} of cluster ${job.clusterUuid}`, () =>
        update(job, "NEW", { values: queuedCancel(reason, at), leavesQueue: true }),
      ),

    requestCancel: (job) =>
      call(`cancel job ${job.id} of cluster ${job.clusterUuid}`, () =>
        update(job, "INPROGRESS", { values: { cancelRequested: true }, leavesQueue: false }),
      ),
  };
}

/** Each name and value by a placeholder: many attributes are DynamoDB's reserved words. */
function assignments(values: Readonly<Record<string, unknown>>) {
  const entries = Object.entries(values);
  return {
    SET: `SET ${entries.map(([name]) => `#${name} = :${name}`).join(", ")}`,
    names: Object.fromEntries(entries.map(([name]) => [`#${name}`, name])),
    parameters: Object.fromEntries(entries.map(([name, value]) => [`:${name}`, value])),
  };
}
