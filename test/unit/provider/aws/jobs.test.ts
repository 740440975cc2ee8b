import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { expect, test } from "@jest/globals";
import { JobItem } from "../../../../agent/contract/registry.js";
import { awsJobs } from "../../../../provider/aws/jobs.js";
import type { OrgSdk } from "../../../../provider/aws/sdk/parts.js";

test("a list of jobs asks for every attribute but what may be long: the request, of which it has the command", async () => {
  let asked: { ProjectionExpression?: string; ExpressionAttributeNames?: Record<string, string> } = {};
  const sdk = {
    async *paginateQuery(_client: unknown, query: typeof asked) {
      asked = query;
      yield { Items: [{ id: "job-1" }] };
    },
  } as unknown as OrgSdk;
  const scope = {
    ...{ org: "acme", region: "us-east-1", signal: new AbortController().signal },
    credentialsRefused: <T>(refusal: T) => refusal,
  };
  const jobs = awsJobs(sdk, {} as DynamoDBDocumentClient, scope, (_job, write) => write());
  expect(await jobs.list("uuid")).toEqual([{ id: "job-1" }]);
  const { ProjectionExpression = "", ExpressionAttributeNames: names = {} } = asked;
  const read = ProjectionExpression.split(", ").map((path) =>
    path
      .split(".")
      .map((name) => names[name])
      .join("."),
  );
  const expected = Object.keys(JobItem.properties).map((name) =>
    name === "request" ? "request.command" : name,
  );
  expect(read.sort()).toEqual(expected.sort());
});
