import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { tableName } from "../../agent/contract/names.js";
import { clusterPk, type JobItem, jobSk, PARTITION_KEY, SORT_KEY } from "../../agent/contract/registry.js";
import type { Jobs } from "../resources/ports.js";
import { callAws } from "./errors.js";
import type { Place } from "./place.js";
import type { OrgSdk } from "./sdk/parts.js";

/** A cluster's jobs in the registry. */
export function awsJobs(sdk: OrgSdk, dynamo: DynamoDBDocumentClient, place: Place): Jobs {
  const TableName = tableName(place.org);
  return {
    list: (uuid) =>
      callAws({ doing: `list the jobs of cluster ${uuid} in table ${TableName}`, ...place }, async () => {
        const query = {
          TableName,
          ConsistentRead: true,
          KeyConditionExpression: "#pk = :pk AND begins_with(#sk, :jobs)",
          ExpressionAttributeNames: { "#pk": PARTITION_KEY, "#sk": SORT_KEY },
          ExpressionAttributeValues: { ":pk": clusterPk(uuid), ":jobs": jobSk("") },
        };
        const pages = sdk.paginateQuery({ client: dynamo }, query, { abortSignal: place.signal });
        const jobs: JobItem[] = [];
        // The registry is written by this version's contract only, so the items' shape is known.
        for await (const { Items = [] } of pages) jobs.push(...(Items as JobItem[]));
        return jobs;
      }),
  };
}
