import { paginateQuery } from "@aws-sdk/lib-dynamodb";
import { JobListing } from "../contract/http.js";
import { AttemptItem } from "../contract/job-attempt.js";
import { attemptSkPrefix, clusterPk, jobSk, PARTITION_KEY, SORT_KEY } from "../contract/keys.js";
import { schemaProblems } from "../contract/problems.js";
import { byText } from "../contract/text-order.js";
import type { JobRecordsView } from "../http/job-routes.js";
import { type ClusterTable, withoutKeys } from "./table.js";

/** Of more jobs than this, a list shows only some. It is a bound on what one request costs. */
const MAX_LOOKED = 10_000;
const CALL_TIMEOUT_MS = 20_000;
const ATTRIBUTES = Object.keys(JobListing.properties);

/** The port in DynamoDB. Items that are not jobs or attempts are left out: anyone with write access to the table can make them. */
export function createJobsView(table: ClusterTable): JobRecordsView {
  const { client, TableName, clusterUuid } = table;

  const pagesOf = (sortKeyPrefix: string, only: readonly string[] = []) =>
    paginateQuery(
      { client },
      {
        TableName,
        KeyConditionExpression: "#pk = :pk AND begins_with(#sk, :prefix)",
        ExpressionAttributeNames: {
          "#pk": PARTITION_KEY,
          "#sk": SORT_KEY,
          ...Object.fromEntries(only.map((name) => [`#${name}`, name])),
        },
        ExpressionAttributeValues: { ":pk": clusterPk(clusterUuid), ":prefix": sortKeyPrefix },
        ...(only.length === 0 ? {} : { ProjectionExpression: only.map((name) => `#${name}`).join(", ") }),
        ConsistentRead: true,
      },
      { abortSignal: AbortSignal.timeout(CALL_TIMEOUT_MS) },
    );

  return {
    async list({ status, limit }) {
      let latest: JobListing[] = [];
      let looked = 0;
      let isWhole = true;
      for await (const { Items = [] } of pagesOf(jobSk(""), ATTRIBUTES)) {
        const fitting = Items.filter(isListing).filter((job) => status === null || job.status === status);
        const all = [...latest, ...fitting].sort(latestFirst);
        latest = all.slice(0, limit);
        isWhole &&= all.length <= limit;
        looked += Items.length;
        if (looked >= MAX_LOOKED) return { jobs: latest, isWhole: false };
      }
      return { jobs: latest, isWhole };
    },
    async attempts(jobId) {
      const attempts: AttemptItem[] = [];
      for await (const { Items = [] } of pagesOf(attemptSkPrefix(jobId)))
        attempts.push(...Items.map((item) => withoutKeys<AttemptItem>(item)).filter(isAttempt));
      return attempts.sort((a, b) => a.number - b.number);
    },
  };
}

const isListing = (item: unknown): item is JobListing => fits(JobListing, item);
const isAttempt = (item: unknown): item is AttemptItem => fits(AttemptItem, item);
const fits = (schema: Parameters<typeof schemaProblems>[0], item: unknown): boolean =>
  schemaProblems(schema, item).next().done === true;

const latestFirst = (a: JobListing, b: JobListing): number =>
  byText(b.submittedAt, a.submittedAt) || byText(a.id, b.id);
