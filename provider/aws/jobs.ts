import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { placesQuery, type QueuedPlace } from "../../agent/contract/job-admission.js";
import { JOB_STATE_ATTRIBUTES } from "../../agent/contract/job-attributes.js";
import { clusterPk, jobSk, PARTITION_KEY, partitionKeyed, SORT_KEY } from "../../agent/contract/keys.js";
import { tableName } from "../../agent/contract/names.js";
import type { JobItem } from "../../agent/contract/registry.js";
import { jobWrites } from "../../agent/contract/writes/job.js";
import type { Jobs, ListedJob } from "../client/ports.js";
import type { WriteAndNudge } from "./agents.js";
import { callAws } from "./errors.js";
import { createPerformer } from "./perform.js";
import { queryItems } from "./query-items.js";
import type { AwsScope } from "./scope.js";
import type { OrgSdk } from "./sdk/parts.js";

/** What is read of each job of a list. A placeholder for each name: many are reserved words of DynamoDB. */
const LISTED = {
  ProjectionExpression: [...JOB_STATE_ATTRIBUTES.map((name) => `#${name}`), "#request.#command"].join(", "),
  ExpressionAttributeNames: {
    ...{ "#pk": PARTITION_KEY, "#sk": SORT_KEY, "#request": "request", "#command": "command" },
    ...Object.fromEntries(JOB_STATE_ATTRIBUTES.map((name) => [`#${name}`, name])),
  },
};

/** A cluster's jobs in the registry. It is written by this version's contract only, so the items' shape is known. */
export function awsJobs(
  sdk: OrgSdk,
  dynamo: DynamoDBDocumentClient,
  scope: AwsScope,
  thenNudge: WriteAndNudge,
): Jobs {
  const TableName = tableName(scope.org);
  const aborting = { abortSignal: scope.signal };
  const call = <T>(doing: string, run: () => Promise<T>): Promise<T> =>
    callAws({ doing: `${doing} in table ${TableName}`, ...scope }, run);

  const performer = createPerformer(sdk, dynamo, TableName, scope.signal);
  const table = { sdk, dynamo, TableName, signal: scope.signal };

  return {
    list: (uuid) =>
      call(`list the jobs of cluster ${uuid}`, () =>
        queryItems<ListedJob>(table, {
          ConsistentRead: true,
          KeyConditionExpression: "#pk = :pk AND begins_with(#sk, :jobs)",
          ...LISTED,
          ExpressionAttributeValues: { ":pk": clusterPk(uuid), ":jobs": jobSk("") },
        }),
      ),

    read: (uuid, jobId) =>
      call(`read job ${jobId} of cluster ${uuid}`, async () => {
        const get = new sdk.GetCommand({
          TableName,
          Key: partitionKeyed(uuid, jobSk(jobId)),
          ConsistentRead: true,
        });
        return ((await dynamo.send(get, aborting)).Item as JobItem | undefined) ?? null;
      }),

    queue: (uuid) =>
      call(`read the queue of cluster ${uuid}`, async () => {
        const { Items = [] } = await dynamo.send(
          new sdk.QueryCommand({ TableName, ...placesQuery(uuid) }),
          aborting,
        );
        return Items as QueuedPlace[];
      }),

    refuse: (job, why, at) =>
      call(`refuse job ${job.id} of cluster ${job.clusterUuid}`, () =>
        performer.write(jobWrites.refuse(job, why, at)),
      ),

    submit: (job) =>
      call(`submit job ${job.id} to cluster ${job.clusterUuid}`, () =>
        thenNudge(job, () => performer.write(jobWrites.submit(job))),
      ),

    cancelQueued: (job, why, at) =>
      call(`cancel job ${job.id} of cluster ${job.clusterUuid}`, () =>
        performer.write(jobWrites.cancelQueued(job, why, at)),
      ),

    requestCancel: (job) =>
      call(`cancel job ${job.id} of cluster ${job.clusterUuid}`, () =>
        thenNudge(job, () => performer.write(jobWrites.requestCancel(job))),
      ),
  };
}
