import { paginateQuery } from "@aws-sdk/lib-dynamodb";
import { withoutKeys } from "../../../agent/aws/table.js";
import { clusterPk, jobSk, PARTITION_KEY, SORT_KEY } from "../../../agent/contract/keys.js";
import type { JobUsageItem, UsageItem } from "../../../agent/contract/usage.js";
import { type UsingJob, usageQuery } from "../../../agent/contract/usage-report.js";
import type { UsageRecords } from "../core/ports.js";
import type { OrgTable } from "./table.js";

const OF_A_JOB = [
  "id",
  "submittedBy",
  "claimedAt",
  "endedAt",
  "usage",
] as const satisfies readonly (keyof UsingJob)[];

/** The org's usage in its registry. */
export const registryUsage = ({ client, TableName, aborting, call }: OrgTable): UsageRecords => ({
  ofMonth: (month) =>
    call(`list the usage of ${month}`, async () => {
      const records: (UsageItem | JobUsageItem)[] = [];
      for await (const { Items = [] } of paginateQuery(
        { client },
        { TableName, ...usageQuery(month) },
        aborting,
      ))
        records.push(...Items.map((item) => withoutKeys<UsageItem | JobUsageItem>(item)));
      return {
        clusters: records.flatMap((one) => ("jobId" in one ? [] : [one])),
        jobs: records.flatMap((one) => ("jobId" in one ? [one] : [])),
      };
    }),
  ofJobs: (clusterUuid) =>
    call(`list the jobs of cluster ${clusterUuid}`, async () => {
      const query = {
        TableName,
        KeyConditionExpression: "#pk = :pk AND begins_with(#sk, :jobs)",
        ProjectionExpression: OF_A_JOB.map((name) => `#${name}`).join(", "),
        ExpressionAttributeNames: {
          ...{ "#pk": PARTITION_KEY, "#sk": SORT_KEY },
          ...Object.fromEntries(OF_A_JOB.map((name) => [`#${name}`, name])),
        },
        ExpressionAttributeValues: { ":pk": clusterPk(clusterUuid), ":jobs": jobSk("") },
      };
      const jobs: UsingJob[] = [];
      for await (const { Items = [] } of paginateQuery({ client }, query, aborting))
        jobs.push(...(Items as UsingJob[]));
      return jobs;
    }),
});
