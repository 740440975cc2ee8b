import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DynamoDBDocumentClient, GetCommand, paginateQuery } from "@aws-sdk/lib-dynamodb";
import { createJobSubmissions } from "../../agent/aws/job-submissions.js";
import { CLUSTER_STATUSES } from "../../agent/contract/cluster-state.js";
import { definitionKey } from "../../agent/contract/job-definition.js";
import { isJobEnded } from "../../agent/contract/job-state.js";
import { tableName } from "../../agent/contract/names.js";
import {
  type ClusterItem,
  clusterPk,
  type JobDefinitionItem,
  type JobItem,
  jobSk,
  PARTITION_KEY,
  SORT_KEY,
  STATUS_INDEX,
} from "../../agent/contract/registry.js";
import { waitFor } from "../system/wait.js";

/** Who hears how a wait goes on, and who may end it. */
export interface Watch {
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** A cluster as anyone with access to the org's registry sees it: no route into the VPC is needed. */
export interface ClusterAccess {
  /** The cluster of that name, or null. A REMOVED one does not count. */
  find(name: string): Promise<ClusterItem | null>;
  /** Submits a new job; the same one twice is one job. */
  submit(job: JobItem): Promise<void>;
  /** The definition of that name, as muster_job keeps it; null = there is none. */
  findDefinition(clusterUuid: string, name: string): Promise<JobDefinitionItem | null>;
  /** Waits until the job has ended and its log is delivered. */
  waitForJob(clusterUuid: string, jobId: string, timeoutSeconds: number, watch: Watch): Promise<JobItem>;
  /** The bytes of a delivered log. */
  readLog(uri: string): Promise<Buffer>;
}

/** Endpoint, region and credentials come from the environment, as everywhere in the SDK. */
export function openCluster(org: string, region: string): ClusterAccess {
  const table = DynamoDBDocumentClient.from(new DynamoDBClient({ region }));
  const s3 = new S3Client({ region, forcePathStyle: true });
  const TableName = tableName(org);

  async function read(Key: Record<string, string>): Promise<Record<string, unknown> | undefined> {
    const { Item } = await table.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
    return Item;
  }

  async function getJob(clusterUuid: string, jobId: string): Promise<JobItem> {
    const Item = await read({ [PARTITION_KEY]: clusterPk(clusterUuid), [SORT_KEY]: jobSk(jobId) });
    if (Item === undefined) throw new Error(`job ${jobId} is not in ${TableName}: was the cluster removed?`);
    return Item as JobItem;
  }

  return {
    async find(name) {
      for (const status of CLUSTER_STATUSES.filter((candidate) => candidate !== "REMOVED")) {
        const pages = paginateQuery(
          { client: table },
          {
            TableName,
            IndexName: STATUS_INDEX.name,
            KeyConditionExpression: "#status = :status",
            ExpressionAttributeNames: { "#status": STATUS_INDEX.hashKey },
            ExpressionAttributeValues: { ":status": status },
          },
        );
        for await (const page of pages) {
          const found = (page.Items as ClusterItem[] | undefined)?.find((item) => item.name === name);
          if (found) return found;
        }
      }
      return null;
    },

    async submit(job) {
      await createJobSubmissions({ client: table, TableName, clusterUuid: job.clusterUuid }).submit(job);
    },

    async findDefinition(clusterUuid, name) {
      return ((await read(definitionKey(clusterUuid, name))) as JobDefinitionItem | undefined) ?? null;
    },

    waitForJob: (clusterUuid, jobId, timeoutSeconds, watch) =>
      waitFor({
        what: `job ${jobId} to end`,
        timeoutSeconds,
        look: () => getJob(clusterUuid, jobId),
        isDone: (job) => isJobEnded(job.status),
        describe: (job) => `job ${job.id}: ${job.status}, ${job.phase}`,
        ...watch,
      }),

    async readLog(uri) {
      const { hostname, pathname } = new URL(uri);
      const reply = await s3.send(
        new GetObjectCommand({ Bucket: hostname, Key: decodeURIComponent(pathname.slice(1)) }),
      );
      return Buffer.from((await reply.Body?.transformToByteArray()) ?? []);
    },
  };
}
