import { DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { TAG, tableName } from "../../../agent/contract/names.js";
import type { Account, Opening } from "../core/ports.js";
import { callsOf, clientSettings } from "./connection.js";

/** See Account.findTraces. Two calls, at once. */
export async function findOrgTraces(
  opening: Opening,
  env: Readonly<Record<string, string | undefined>>,
  version: string,
): ReturnType<Account["findTraces"]> {
  const { org, signal } = opening;
  const aborting = { abortSignal: signal };
  const dynamo = new DynamoDBClient(clientSettings(opening, version));
  const TableName = tableName(org);
  const { DescribeVpcsCommand, EC2Client } = await import("@aws-sdk/client-ec2");
  const ec2 = new EC2Client(clientSettings(opening, version));
  const [tables, { Vpcs = [] }] = await Promise.all([
    callsOf(
      dynamo,
      "DYNAMODB",
      opening,
      env,
    )(`look for table ${TableName}`, async () => {
      try {
        await dynamo.send(new DescribeTableCommand({ TableName }), aborting);
        return [{ kind: "table", id: TableName }];
      } catch (error) {
        if ((error as Error).name === "ResourceNotFoundException") return [];
        throw error;
      }
    }),
    callsOf(
      ec2,
      "EC2",
      opening,
      env,
    )(`look for VPCs of org ${org}`, () =>
      ec2.send(new DescribeVpcsCommand({ Filters: [{ Name: `tag:${TAG.ORG}`, Values: [org] }] }), aborting),
    ),
  ]);
  return [...tables, ...Vpcs.map(({ VpcId = "" }) => ({ kind: "VPC", id: VpcId }))];
}
