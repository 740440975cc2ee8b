import type { Connection } from "../connection.js";
import type { Runtime } from "../core/runtime.js";
import type { MusterClient } from "../resources/ports.js";
import { VERSION } from "../version.js";
import { provenCredentials } from "./credentials.js";
import { awsGroups } from "./groups.js";
import { awsInstanceTypes } from "./instance-types.js";
import { awsJobs } from "./jobs.js";
import { sdkLogger } from "./log.js";
import type { Place } from "./place.js";
import { awsRegistry } from "./registry.js";
import { awsSecrets } from "./secrets.js";

/**
 * The ports, on AWS. What the connection leaves open (endpoints, credentials, retry mode) comes from the environment as the
 * SDK reads it. Throws one DiagnosticError when there are no credentials, or none that AWS recognizes.
 */
export async function connectAws(
  connection: Connection,
  { signal, log }: Pick<Runtime, "signal" | "log">,
): Promise<MusterClient> {
  const { org, region, profile, maxAttempts } = connection;
  const place: Place = { org, region, signal };
  const unproven = {
    region,
    ...(profile === null ? {} : { profile }),
    ...(maxAttempts === undefined ? {} : { maxAttempts }),
    logger: sdkLogger(log),
    customUserAgent: [["terraform-provider-muster", VERSION] as [string, string]],
    requestHandler: { connectionTimeout: 5000, requestTimeout: 30_000, throwOnRequestTimeout: true },
  };
  const sdk = await import("./sdk.js");
  const credentials = await provenCredentials(sdk, unproven, connection, { ...place, log });
  const settings = { ...unproven, credentials };
  const dynamo = new sdk.DynamoDBClient(settings);
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
