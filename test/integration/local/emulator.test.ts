import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { TestEmulator } from "../../support/emulator.js";
import { EMULATORS } from "../../support/emulators.js";

describe.each(EMULATORS)("the fixture of $name", ({ start }) => {
  let emulator: TestEmulator;
  beforeAll(async () => {
    emulator = await start();
  });
  afterAll(() => emulator?.stop());

  test("keeps what was made through the SDK", async () => {
    const tables = new DynamoDBClient(emulator.client);
    await tables.send(
      new CreateTableCommand({
        TableName: "one",
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
        AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
      }),
    );
    expect((await tables.send(new ListTablesCommand({}))).TableNames).toEqual(["one"]);
  });

  test("stop ends the process and may be called twice", async () => {
    const other = await start();
    await other.stop();
    await other.stop();
    await expect(fetch(other.url)).rejects.toThrow();
  });
});
