import { EC2Client, GetConsoleOutputCommand } from "@aws-sdk/client-ec2";
import { credentials } from "./table.js";

const TIMEOUT_MS = 10_000;

/** One call, with a client of its own. A file of its own, so that it is loaded when a node is lost, and not before. */
export async function getConsole(region: string, InstanceId: string): Promise<string | null> {
  const client = new EC2Client({ region, credentials });
  try {
    const abortSignal = AbortSignal.timeout(TIMEOUT_MS);
    const { Output } = await client.send(new GetConsoleOutputCommand({ InstanceId }), { abortSignal });
    return Output ? Buffer.from(Output, "base64").toString("utf8") : null;
  } finally {
    client.destroy();
  }
}
