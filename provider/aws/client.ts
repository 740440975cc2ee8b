import { pricingRegionOf } from "../../agent/contract/price-list.js";
import type { AwsService, Connection } from "../client/connection.js";
import type { MusterClient } from "../client/ports.js";
import { VERSION } from "../client/version.js";
import type { DiagnosticError } from "../core/diagnostic.js";
import type { Runtime } from "../core/runtime.js";
import { findCaller, refuseWrongAccount } from "./account.js";
import { nudging } from "./agents.js";
import { findCredentials } from "./credentials.js";
import { naming } from "./endpoint.js";
import { awsGroups } from "./groups.js";
import { awsImages } from "./images/images.js";
import { awsInstanceTypes } from "./instance-types.js";
import { awsJobDefinitions } from "./job-definitions.js";
import { awsJobs } from "./jobs.js";
import { lazyPort, once } from "./lazy.js";
import { sdkLogger } from "./log.js";
import { awsNotebooks } from "./notebooks.js";
import { awsPreflight } from "./preflight.js";
import { awsPrices, PRICE_ATTEMPTS } from "./prices.js";
import { awsRegistry } from "./registry.js";
import type { AwsScope } from "./scope.js";
import { awsSecrets } from "./secrets.js";

/**
 * The ports, on AWS. The SDK reads everything that the connection leaves open (endpoints, credentials, retry mode) from the
 * environment. This resolves credentials that are not given directly, and checks the account if there are rules, so that a
 * problem is reported once: it throws that one DiagnosticError. Nothing else is loaded, and no other call made, before a port is
 * used.
 */
export async function connectAws(
  connection: Connection,
  runtime: Runtime,
): Promise<Omit<MusterClient, "settings">> {
  const { org, region } = connection;
  const scope: AwsScope = { org, region, signal: runtime.signal, credentialsRefused: firstOf() };
  const search = { ...scope, ...runtime };
  const searching = settingsFor(connection, runtime);
  const endpoint = (service: AwsService) => endpointFor(connection, service);
  const settings = connection.credentialsAreSet
    ? searching
    : {
        ...searching,
        credentials: await findCredentials(
          { ...searching, region: connection.stsRegion, ...endpoint("sts") },
          connection,
          search,
        ),
      };
  await refuseWrongAccount({ ...settings, ...endpoint("sts") }, connection.accounts, search);

  const orgPorts = once(async () => {
    const sdk = await import("./sdk/org.js");
    const document = sdk.DynamoDBDocumentClient.from(
      naming(new sdk.DynamoDBClient({ ...settings, ...endpoint("dynamodb") })),
    );
    const registry = awsRegistry(sdk, document, scope);
    const secrets = awsSecrets(sdk, naming(new sdk.SSMClient({ ...settings, ...endpoint("ssm") })), scope);
    const thenNudge = nudging({ readLease: registry.readLease, readSecret: secrets.read });
    return {
      ...{ registry, secrets },
      jobs: awsJobs(sdk, document, scope, thenNudge),
      definitions: awsJobDefinitions(sdk, document, scope),
      notebooks: awsNotebooks(sdk, document, scope),
    };
  });
  const computePorts = once(async () => {
    const sdk = await import("./sdk/compute.js");
    const ec2 = naming(new sdk.EC2Client({ ...settings, ...endpoint("ec2") }));
    const autoScaling = naming(new sdk.AutoScalingClient({ ...settings, ...endpoint("autoscaling") }));
    return {
      groups: awsGroups(sdk, autoScaling, ec2, scope),
      instanceTypes: awsInstanceTypes(sdk, ec2, scope),
    };
  });
  const stsSettings = { ...settings, ...endpoint("sts") };
  const caller = once(() => findCaller(stsSettings, runtime.signal));
  const preflight = once(async () => {
    const sdk = await import("./sdk/preflight.js");
    const clients = {
      ec2: naming(new sdk.EC2Client({ ...settings, ...endpoint("ec2") })),
      iam: naming(new sdk.IAMClient({ ...settings, ...endpoint("iam") })),
      kms: naming(new sdk.KMSClient({ ...settings, ...endpoint("kms") })),
      quotas: naming(new sdk.ServiceQuotasClient({ ...settings, ...endpoint("servicequotas") })),
    };
    return awsPreflight(sdk, clients, scope, caller);
  });
  const prices = once(async () => {
    const sdk = await import("./sdk/prices.js");
    const inPricing = { region: pricingRegionOf(region), maxAttempts: PRICE_ATTEMPTS };
    const client = new sdk.PricingClient({ ...settings, ...endpoint("pricing"), ...inPricing });
    return awsPrices(sdk, naming(client), scope);
  });
  const images = once(async () => {
    const sdk = await import("./sdk/images.js");
    const s3 = new sdk.S3Client({ ...settings, ...endpoint("s3"), forcePathStyle: true });
    const inRegion = new Map<string, InstanceType<typeof sdk.EC2Client>>();
    const ec2In = (region: string) => {
      const known =
        inRegion.get(region) ?? naming(new sdk.EC2Client({ ...settings, ...endpoint("ec2"), region }));
      inRegion.set(region, known);
      return known;
    };
    return awsImages(sdk, ec2In, naming(s3), scope);
  });
  return {
    org,
    region,
    caller,
    images: lazyPort(images),
    preflight: lazyPort(preflight),
    prices: lazyPort(prices),
    registry: lazyPort(async () => (await orgPorts()).registry),
    jobs: lazyPort(async () => (await orgPorts()).jobs),
    definitions: lazyPort(async () => (await orgPorts()).definitions),
    notebooks: lazyPort(async () => (await orgPorts()).notebooks),
    secrets: lazyPort(async () => (await orgPorts()).secrets),
    groups: lazyPort(async () => (await computePorts()).groups),
    instanceTypes: lazyPort(async () => (await computePorts()).instanceTypes),
  };
}

/** The options of every SDK client. */
function settingsFor({ region, profile, maxAttempts }: Connection, { log }: Pick<Runtime, "log">) {
  return {
    region,
    ...(profile === null ? {} : { profile }),
    ...(maxAttempts === undefined ? {} : { maxAttempts }),
    logger: sdkLogger(log),
    customUserAgent: [["terraform-provider-muster", VERSION] as [string, string]],
    requestHandler: { connectionTimeout: 5000, requestTimeout: 30_000, throwOnRequestTimeout: true },
  };
}

/** Given values override the environment, which the SDK reads itself. */
function endpointFor({ endpoints }: Connection, service: AwsService): { readonly endpoint?: string } {
  const url = endpoints[service];
  return url === undefined ? {} : { endpoint: url };
}

function firstOf(): (refusal: DiagnosticError) => DiagnosticError {
  let first: DiagnosticError | undefined;
  return (refusal) => {
    first ??= refusal;
    return first;
  };
}
