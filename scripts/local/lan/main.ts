import { once } from "node:events";
import type { Server } from "node:net";
import { parseArgs } from "node:util";
import { EC2Client } from "@aws-sdk/client-ec2";
import { IAMClient } from "@aws-sdk/client-iam";
import { STSClient } from "@aws-sdk/client-sts";
import { BASE_IMAGE_ID } from "../emulator/images.js";
import { ENDPOINT_ADDRESS, METADATA_ADDRESS, PROXY_ADDRESS, PROXY_PORT } from "../hosts/system/lan.js";
import { createMetadataSource } from "./aws/source.js";
import { createMetadataServer } from "./metadata-server.js";
import { readNotice } from "./notices.js";
import { createRelay } from "./relay.js";
import { LAN_READY_LINE } from "./start.js";

// Runs inside the LAN's network namespace (see start.ts): the metadata service, the way out to the AWS
// endpoint, and that of builders to this machine's mirrors.
// Ends when its stdin ends, because its parent is gone then.

async function listen(server: Server, host: string, port = 80): Promise<void> {
  server.listen(port, host);
  await once(server, "listening");
}

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      "gateway-socket": { type: "string" },
      "proxy-socket": { type: "string" },
      region: { type: "string" },
      notices: { type: "string" },
    },
  });
  const socket = values["gateway-socket"];
  const proxy = values["proxy-socket"];
  const { region, notices } = values;
  if (!socket || !proxy || !region || !notices)
    throw new Error(
      "Usage: lan/main.ts --gateway-socket PATH --proxy-socket PATH --region REGION --notices FOLDER",
    );
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
  // Nodes of clusters reach nothing outside: only what boots a plain Debian does.
  const isBuilder = async (address: string) => (await source.instanceAt(address))?.imageId === BASE_IMAGE_ID;
  await listen(createRelay(proxy, isBuilder), PROXY_ADDRESS, PROXY_PORT);
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
