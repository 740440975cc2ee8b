import { expect, test } from "@jest/globals";
import { sdkLogger } from "../../../../provider/aws/log.js";
import { jsonLog } from "../../../../provider/wire/log.js";

test("a call's line has its request id, and nothing of its input, output or error text", () => {
  const lines: string[] = [];
  const logger = sdkLogger(
    jsonLog(
      (line) => lines.push(line),
      () => new Date(0),
    ),
  );
  const entry = {
    clientName: "SSMClient",
    commandName: "PutParameterCommand",
    input: { Value: "s3cret" },
    output: { Parameter: "s3cret" },
    metadata: { requestId: "r-1", httpStatusCode: 200, attempts: 2 },
  };
  logger.info(entry);
  logger.error({ ...entry, error: new Error("s3cret") });
  expect(lines.join("")).not.toContain("s3cret");
  const call = { client: "SSMClient", command: "PutParameterCommand", request_id: "r-1", attempts: 2 };
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { "@message": "AWS call", "@level": "debug", ...call },
    { "@message": "AWS call failed", "@level": "debug", error: "Error", ...call },
  ]);
});
