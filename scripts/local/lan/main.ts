import { once } from "node:events";
import type { Server } from "node:net";
import { parseArgs } from "node:util";
import { EC2Client } from "@aws-sdk/client-ec2";
import { IAMClient } from "@aws-sdk/client-iam";
import { STSClient } from "@aws-sdk/client-sts";
import { ENDPOINT_ADDRESS, METADATA_ADDRESS } from "../hosts/system/lan.js";
import { createMetadataSource } from "./aws/source.js";
import { createMetadataServer } from "./metadata-server.js";
import { readNotice } from "./notices.js";
import { createRelay } from "./relay.js";
import { LAN_READY_LINE } from "./start.js";

// Runs inside the LAN's network namespace (see start.ts): the metadata service, and the way out to the AWS endpoint.
// Ends when its stdin ends, because its parent is gone then.

async function listen(server: Server, host: string): Promise<void> {
  server.listen(80, host);
  await once(server, "listening");
}

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      "gateway-socket": { type: "string" },
      region: { type: "string" },
      notices: { type: "string" },
    },
  });
  const socket = values["gateway-socket"];
  const { region, notices } = values;
  if (!socket || !region || !notices)
    throw new Error("Usage: lan/main.ts --gateway-socket PATH --region REGION --notices FOLDER");
  process.stdin.resume().once("close", () => process.exit(0));
  await listen(createRelay(socket), ENDPOINT_ADDRESS);
  const config = {
    endpoint: `http://${ENDPOINT_ADDRESS}`,
    region,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 3,
  };
  const source = createMetadataSource({
    ec2: new EC2Client(config),
    iam: new IAMClient(config),
    sts: new STSClient(config),
  });
  await listen(
    createMetadataServer({
      ...source,
      noticeAt: (address, path) => readNotice(notices, address, path),
    }),
    METADATA_ADDRESS,
  );
  console.log(LAN_READY_LINE);
}

run().catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
