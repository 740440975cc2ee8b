import type { Runtime } from "../core/runtime.js";
import type { MusterClient } from "../resources/ports.js";
import { VERSION } from "../version.js";
import { callAws } from "./errors.js";
import { awsGroups } from "./groups.js";
import { awsInstanceTypes } from "./instance-types.js";
import { awsJobs } from "./jobs.js";
import type { Place } from "./place.js";
import { awsRegistry } from "./registry.js";
import { awsSecrets } from "./secrets.js";

/**
 * The ports, on AWS. Endpoint, credentials, retries and profile come from the environment as the SDK reads them. Throws
 * DiagnosticError when there are no credentials.
 */
export async function connectAws(
  { org, region }: Pick<Place, "org" | "region">,
  { signal }: Runtime,
): Promise<MusterClient> {
  const place: Place = { org, region, signal };
  const settings = {
    region,
    customUserAgent: [["terraform-provider-muster", VERSION] as [string, string]],
    requestHandler: { connectionTimeout: 5000, requestTimeout: 30_000, throwOnRequestTimeout: true },
  };
  const sdk = await import("./sdk.js");
  const dynamo = new sdk.DynamoDBClient(settings);
  await callAws({ doing: "find AWS credentials", ...place }, async () => {
    await dynamo.config.credentials();
  });
  const document = sdk.DynamoDBDocumentClient.from(dynamo);
  const ec2 = new sdk.EC2Client(settings);
  return {
    org,
    region,
    registry: awsRegistry(sdk, document, place),
    jobs: awsJobs(sdk, document, place),
    secrets: awsSecrets(sdk, new sdk.SSMClient(settings), place),
    groups: awsGroups(sdk, new sdk.AutoScalingClient(settings), ec2, place),
    instanceTypes: awsInstanceTypes(sdk, ec2, place),
  };
}
