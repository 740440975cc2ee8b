import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { expect, test } from "@jest/globals";
import { requestHandler } from "../../../../agent/aws/request-handler.js";

test("a call that AWS does not answer ends, although nobody gave it a signal", async () => {
  let asked = 0;
  const server = createServer(() => {
    asked += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const client = new DynamoDBClient({
    ...{ region: "us-east-1", endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    ...{ maxAttempts: 2, credentials: { accessKeyId: "a", secretAccessKey: "b" } },
    requestHandler: requestHandler({ connectionTimeout: 2_000, requestTimeout: 50 }),
  });
  try {
    await expect(client.send(new ListTablesCommand({}))).rejects.toMatchObject({ name: "TimeoutError" });
    expect(asked).toBe(2);
  } finally {
    client.destroy();
    server.closeAllConnections();
    server.close();
  }
});
