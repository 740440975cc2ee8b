import { paginateQuery } from "@aws-sdk/lib-dynamodb";
import { withoutKeys } from "../../../agent/aws/table.js";
import {
  monthOfUsage,
  type UsageRecord,
  type UsingJob,
  usageQuery,
  usingJobsQuery,
} from "../../../agent/contract/usage-report.js";
import type { UsageRecords } from "../core/ports.js";
import { streamed } from "./streamed.js";
import type { OrgTable } from "./table.js";

/** The org's usage in its registry. */
export const registryUsage = ({ client, TableName, aborting, call }: OrgTable): UsageRecords => ({
  ofMonth: (month) =>
    call(`list the usage of ${month}`, async () => {
      const records: UsageRecord[] = [];
      for await (const { Items = [] } of paginateQuery(
        { client },
        { TableName, ...usageQuery(month) },
        aborting,
      ))
        records.push(...Items.map((item) => withoutKeys<UsageRecord>(item)));
      return monthOfUsage(records);
    }),
  ofJobs: (clusterUuid) =>
    streamed(
      call,
      `list the jobs of cluster ${clusterUuid}`,
      (async function* () {
        const query = { TableName, ...usingJobsQuery(clusterUuid) };
        for await (const { Items = [] } of paginateQuery({ client }, query, aborting))
          yield* Items as UsingJob[];
      })(),
    ),
});
