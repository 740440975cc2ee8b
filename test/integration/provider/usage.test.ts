import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { newJob } from "../../../agent/contract/job.js";
import { PARTITION_KEY, usagePk } from "../../../agent/contract/keys.js";
import { tableName } from "../../../agent/contract/names.js";
import { jobRecord } from "../../support/agent/jobs.js";
import { startEmulator } from "../../support/emulator.js";
import { type Setting, startSetting } from "../../support/provider/setting.js";
import type { Workspace } from "../../support/provider/terraform.js";

const PROVIDER = `
provider "muster" {
  org = "acme"
}
data "muster_usage" "january" {
  month = "2026-01"
}
output "usage" { value = data.muster_usage.january }
`;
const CLUSTER = `
resource "muster_cluster" "demo" {
  name = "demo"
}
output "uuid" { value = muster_cluster.demo.uuid }
`;

let setting: Setting;
let workspace: Workspace;
let dynamo: DynamoDBDocumentClient;
beforeAll(async () => {
  setting = await startSetting(startEmulator);
  workspace = await setting.workspace();
  dynamo = DynamoDBDocumentClient.from(new DynamoDBClient(setting.emulator.client));
});
afterAll(() => setting?.stop());

describe("muster_usage, by real terraform", () => {
  let uuid: string;

  test("has what a cluster has used so far", async () => {
    await workspace.configure(PROVIDER + CLUSTER);
    await workspace.apply();
    uuid = String((await workspace.outputs())["uuid"]);
    const part = { instanceType: "c5.xlarge", nodes: 2, from: "2026-01-01T00:00:00.000Z" };
    const toRecord = [{ ...part, to: "2026-01-01T01:00:00.000Z", endedBecause: "parked" as const }];
    await setting.org.setCluster(uuid, { usage: { open: null, toRecord } });
    const job = {
      ...newJob(uuid, "k", { command: ["e.py"] }, new Date("2026-01-01T00:00:00Z"), { submittedBy: "ada" }),
      ...{ status: "FINISHED" as const, phase: "ended" as const },
      ...{ claimedAt: "2026-01-01T00:10:00.000Z", endedAt: "2026-01-01T00:20:00.000Z" },
      usage: { nodes: 2, silentNodes: 0, peakMemoryBytes: 1, peakMemoryAddress: "10.0.0.1", cpuSeconds: 1 },
    };
    await dynamo.send(new PutCommand({ TableName: tableName("acme"), Item: jobRecord(job) }));
    await workspace.apply();
    expect((await workspace.outputs())["usage"]).toMatchObject({
      minutes: 120,
      rows: [{ key: "demo", uuid, instance_types: ["c5.xlarge"], minutes: 120 }],
    });
  });

  test("has it when the cluster is gone, with a record of each of its jobs", async () => {
    await workspace.configure(PROVIDER);
    await workspace.apply();
    expect((await workspace.outputs())["usage"]).toMatchObject({ rows: [{ uuid, minutes: 120 }] });
    const query = new QueryCommand({
      TableName: tableName("acme"),
      KeyConditionExpression: "#pk = :pk",
      ExpressionAttributeNames: { "#pk": PARTITION_KEY },
      ExpressionAttributeValues: { ":pk": usagePk(uuid) },
    });
    expect((await dynamo.send(query)).Items).toMatchObject([
      { from: "2026-01-01T00:00:00.000Z", nodes: 2, endedBecause: "parked" },
      { month: "2026-01", submittedBy: "ada", nodes: 2, from: "2026-01-01T00:10:00.000Z" },
    ]);
  });
});
