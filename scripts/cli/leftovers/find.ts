import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EC2Client, type EC2ClientConfig } from "@aws-sdk/client-ec2";
import { EFSClient } from "@aws-sdk/client-efs";
import { IAMClient } from "@aws-sdk/client-iam";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { SSMClient } from "@aws-sdk/client-ssm";
import pMap from "p-map";
import { accountProbes } from "./aws/account.js";
import { computeProbes } from "./aws/compute.js";
import { imageProbes } from "./aws/images.js";
import { monitoringProbes } from "./aws/monitoring.js";
import { networkProbes } from "./aws/network.js";
import { storageProbes } from "./aws/storage.js";
import { type Candidate, ofOrg } from "./candidate.js";
import { CALLS_AT_ONCE, type LeftoverProbe } from "./probe.js";

interface Leftover {
  readonly kind: string;
  readonly id: string;
}

export interface Leftovers {
  /** Resources that still exist. */
  readonly leftovers: readonly Leftover[];
  /** Keys that are scheduled for deletion; KMS waits some days, and nothing can make it faster. */
  readonly pendingDeletion: readonly Leftover[];
}

/** Client settings for all services, e.g. {region}; endpoint and credentials default to the environment. */
export type ClientSettings = Readonly<{
  region: string;
  endpoint?: string;
  credentials?: EC2ClientConfig["credentials"] & {};
}>;

/** A client of each service that an org has something in. */
export type AwsClients = ReturnType<typeof awsClients>;
export const awsClients = (settings: ClientSettings) => ({
  cloudWatch: new CloudWatchClient(settings),
  dynamo: new DynamoDBClient(settings),
  ec2: new EC2Client(settings),
  efs: new EFSClient(settings),
  iam: new IAMClient(settings),
  kms: new KMSClient(settings),
  logs: new CloudWatchLogsClient(settings),
  s3: new S3Client({ ...settings, forcePathStyle: true }),
  scaling: new AutoScalingClient(settings),
  ssm: new SSMClient(settings),
});

/**
 * Everything of the org that exists in the account and region. Changes nothing. Fails if anything could not be checked,
 * and names it: an empty answer always means that nothing is left.
 */
export async function findLeftovers(org: string, settings: ClientSettings): Promise<Leftovers> {
  const own = await findCandidates(org, awsClients(settings));
  const withStatus = (status: Candidate["status"]): Leftover[] =>
    own.filter((candidate) => candidate.status === status).map(({ kind, id }) => ({ kind, id }));
  return { leftovers: withStatus("live"), pendingDeletion: withStatus("pending deletion") };
}

/** As findLeftovers, with all that is known of each, and those that are gone but still listed. */
export async function findCandidates(org: string, clients: AwsClients): Promise<readonly Candidate[]> {
  const { ec2, scaling, efs, s3, dynamo, cloudWatch } = clients;
  const probes: LeftoverProbe[] = [
    ...networkProbes(ec2),
    ...computeProbes(ec2, scaling),
    ...imageProbes(ec2),
    ...storageProbes(efs, s3, dynamo),
    ...monitoringProbes(cloudWatch),
    ...accountProbes(clients, org),
  ];
  const failures: string[] = [];
  const list = async (probe: LeftoverProbe): Promise<Candidate[]> => {
    try {
      return await probe.list();
    } catch (error) {
      failures.push(`could not list ${probe.what}: ${(error as Error).message}`);
      return [];
    }
  };
  const found = await pMap(probes, list, CALLS_AT_ONCE);
  if (failures.length > 0) throw new Error(`Can't tell what is left: ${failures.join("; ")}`);
  return ofOrg(found.flat(), org);
}
