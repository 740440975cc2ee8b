import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { clusterSecretName } from "../contract/names.js";
import { AgentError, reasonOf } from "../errors.js";
import { requestHandler } from "./request-handler.js";
import { credentials } from "./table.js";

/**
 * The cluster's secret, decrypted. Keep it in memory only.
 * Throws AgentError secret-unavailable after the SDK's own bounded retries.
 */
export async function readClusterSecret(org: string, clusterUuid: string, region: string): Promise<string> {
  const name = clusterSecretName(org, clusterUuid);
  const client = new SSMClient({
    region,
    credentials,
    requestHandler: requestHandler({ connectionTimeout: 2_000, requestTimeout: 5_000 }),
  });
  try {
    const { Parameter } = await client.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
    if (!Parameter?.Value) throw new Error("it is empty");
    return Parameter.Value;
  } catch (error) {
    throw new AgentError("secret-unavailable", `${name} (${reasonOf(error)})`, error);
  } finally {
    client.destroy();
  }
}
