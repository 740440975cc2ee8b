import { expect, test } from "@jest/globals";
import { renderRequest } from "../../../../scripts/local/gateway/request-log.js";

const operation = { service: "ec2", action: "RunInstances", region: "us-east-1" };
const record = { operation, status: 200, ms: 12, injected: false, errorStart: "" };

test.each([
  ["a success", record, "   200 ec2.RunInstances 12 ms\n"],
  [
    "what the emulator can't",
    { ...record, status: 500, errorStart: "Not\n Implemented " },
    "!! 500 ec2.RunInstances 12 ms\n    Not Implemented\n",
  ],
  [
    "an injected fault",
    { ...record, status: 503, injected: true },
    "   503 ec2.RunInstances 12 ms (injected)\n",
  ],
])("%s in the gateway's log", (_, given, text) => {
  expect(renderRequest(given, new Date("2026-11-23T20:00:00Z"))).toBe(`2026-11-23T20:00:00.000Z ${text}`);
});
