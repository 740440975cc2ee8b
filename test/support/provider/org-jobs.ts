import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
} from "@aws-sdk/lib-dynamodb";
import { attemptOf } from "../../../agent/contract/job-attempt.js";
import { definitionKey } from "../../../agent/contract/job-definition.js";
import { isJobEnded } from "../../../agent/contract/job-state.js";
import { tableName } from "../../../agent/contract/names.js";
import {
  clusterPk,
  type JobDefinitionItem,
  type JobItem,
  jobSk,
  LEASE_SK,
  type LeaseItem,
  PARTITION_KEY,
  QUEUE_INDEX,
  SORT_KEY,
} from "../../../agent/contract/registry.js";
import { attemptWrites } from "../../../agent/contract/writes/attempt.js";
import { renderPut } from "../../../agent/contract/writes/render.js";
import { jobRecord } from "../agent/jobs.js";
import type { TestEmulator } from "../emulator.js";

/** What a test sees and does of one cluster's jobs directly, behind the provider's back. */
export type ClusterJobs = ReturnType<typeof openJobs>;

export function openJobs(emulator: TestEmulator, org: string, clusterUuid: string) {
  const dynamo = DynamoDBDocumentClient.from(new DynamoDBClient(emulator.client));
  const TableName = tableName(org);
  return {
    /** All of them, the oldest first. */
    async list(): Promise<readonly JobItem[]> {
      const { Items = [] } = await dynamo.send(
        new QueryCommand({
          TableName,
          ConsistentRead: true,
          KeyConditionExpression: "pk = :pk AND begins_with(sk, :jobs)",
          ExpressionAttributeValues: { ":pk": clusterPk(clusterUuid), ":jobs": jobSk("") },
        }),
      );
      return (Items as JobItem[]).sort((a, b) => a.submittedAt.localeCompare(b.submittedAt));
    },
    /** What a head writes of a job: only while it is as it was read; and of its attempt. One that has ended leaves the queue. */
    async change(job: JobItem, change: Partial<JobItem>): Promise<void> {
      const next = { ...job, ...change };
      const { [QUEUE_INDEX.hashKey]: queue, ...record } = jobRecord(next);
      const attempt = attemptOf(next);
      const ofJob = {
        TableName,
        Item: { ...record, ...(isJobEnded(next.status) ? {} : { [QUEUE_INDEX.hashKey]: queue }) },
        ConditionExpression: "#status = :status AND #cancelRequested = :cancelRequested",
        ExpressionAttributeNames: { "#status": "status", "#cancelRequested": "cancelRequested" },
        ExpressionAttributeValues: { ":status": job.status, ":cancelRequested": job.cancelRequested },
      };
      const ofAttempt =
        attempt === null ? [] : [{ Put: { TableName, ...renderPut(attemptWrites.record(attempt)) } }];
      await dynamo.send(new TransactWriteCommand({ TransactItems: [{ Put: ofJob }, ...ofAttempt] }));
    },
    /** As it is, without a condition. */
    async put(job: JobItem): Promise<void> {
      await dynamo.send(new PutCommand({ TableName, Item: jobRecord(job) }));
    },
    async remove(job: JobItem): Promise<void> {
      const Key = { [PARTITION_KEY]: clusterPk(clusterUuid), [SORT_KEY]: jobSk(job.id) };
      await dynamo.send(new DeleteCommand({ TableName, Key }));
    },
    async renewLease(lease: Partial<LeaseItem>): Promise<void> {
      const Item = { ...lease, [PARTITION_KEY]: clusterPk(clusterUuid), [SORT_KEY]: LEASE_SK };
      await dynamo.send(new PutCommand({ TableName, Item }));
    },
    async definition(name: string): Promise<JobDefinitionItem | null> {
      const Key = definitionKey(clusterUuid, name);
      const { Item } = await dynamo.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
      return (Item as JobDefinitionItem | undefined) ?? null;
    },
    /** By hand: no new revision, no question. */
    async changeDefinition(name: string, change: Partial<JobDefinitionItem>): Promise<void> {
      const definition = await this.definition(name);
      const Item = { ...definition, ...change, ...definitionKey(clusterUuid, name) };
      await dynamo.send(new PutCommand({ TableName, Item }));
    },
    async deleteDefinition(name: string): Promise<void> {
      await dynamo.send(new DeleteCommand({ TableName, Key: definitionKey(clusterUuid, name) }));
    },
  };
}
