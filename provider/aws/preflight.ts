import type { EC2Client, RunInstancesCommandInput } from "@aws-sdk/client-ec2";
import type { IAMClient } from "@aws-sdk/client-iam";
import type { KMSClient } from "@aws-sdk/client-kms";
import type { ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import type { CallTable, MakeCall } from "../../agent/contract/preflight/calls.js";
import { observePreflight } from "../../agent/contract/preflight/observe.js";
import type { Preflight } from "../client/ports.js";
import { callAws } from "./errors.js";
import type { AwsScope } from "./scope.js";
import type { PreflightSdk } from "./sdk/parts.js";

/** The clients of the services that a preflight asks. */
export interface PreflightClients {
  readonly ec2: EC2Client;
  readonly iam: IAMClient;
  readonly kms: KMSClient;
  readonly quotas: ServiceQuotasClient;
}

/** The account, looked at within the time that is given: what has no answer then is in the facts as unknown. */
export function awsPreflight(
  sdk: PreflightSdk,
  clients: PreflightClients,
  scope: AwsScope,
  caller: () => Promise<string | null>,
): Preflight {
  return {
    observe(ask, patienceMs) {
      const abortSignal = AbortSignal.any([scope.signal, AbortSignal.timeout(patienceMs)]);
      const table = callTable(sdk, clients, { abortSignal });
      const make = ((name, input) => table[name](input as never)) as MakeCall;
      const doing = `look whether the account has what org ${ask.org} asks for`;
      return callAws({ ...scope, doing }, async () => {
        const facts = await observePreflight(ask, make, caller, new Date());
        // An interruption ends all calls, each of which would be unchecked.
        scope.signal.throwIfAborted();
        return facts;
      });
    },
  };
}

function callTable(
  sdk: PreflightSdk,
  { ec2, iam, kms, quotas }: PreflightClients,
  options: { readonly abortSignal: AbortSignal },
): CallTable {
  return {
    "ec2:DescribeInstanceTypes": (input) => ec2.send(new sdk.DescribeInstanceTypesCommand(input), options),
    "ec2:DescribeInstanceTypeOfferings": (input) =>
      ec2.send(new sdk.DescribeInstanceTypeOfferingsCommand(input), options),
    "ec2:DescribeInstances": (input) => ec2.send(new sdk.DescribeInstancesCommand(input), options),
    "ec2:DescribeAddresses": (input) => ec2.send(new sdk.DescribeAddressesCommand(input), options),
    "ec2:DescribeVpcs": (input) => ec2.send(new sdk.DescribeVpcsCommand(input), options),
    "ec2:DescribeSubnets": (input) => ec2.send(new sdk.DescribeSubnetsCommand(input), options),
    "ec2:DescribeAvailabilityZones": (input) =>
      ec2.send(new sdk.DescribeAvailabilityZonesCommand(input), options),
    "ec2:DescribeImages": (input) => ec2.send(new sdk.DescribeImagesCommand(input), options),
    "ec2:DescribeSnapshots": (input) => ec2.send(new sdk.DescribeSnapshotsCommand(input), options),
    "ec2:GetEbsDefaultKmsKeyId": (input) => ec2.send(new sdk.GetEbsDefaultKmsKeyIdCommand(input), options),
    // The SDK lists the types that it knew when it was made.
    "ec2:RunInstances": (input) =>
      ec2.send(new sdk.RunInstancesCommand(input as RunInstancesCommandInput), options),
    "servicequotas:GetServiceQuota": (input) => quotas.send(new sdk.GetServiceQuotaCommand(input), options),
    "servicequotas:GetAWSDefaultServiceQuota": (input) =>
      quotas.send(new sdk.GetAWSDefaultServiceQuotaCommand(input), options),
    "kms:DescribeKey": (input) => kms.send(new sdk.DescribeKeyCommand(input), options),
    "kms:GetKeyPolicy": (input) => kms.send(new sdk.GetKeyPolicyCommand(input), options),
    "kms:ListGrants": (input) => kms.send(new sdk.ListGrantsCommand(input), options),
    "iam:SimulatePrincipalPolicy": (input) =>
      iam.send(new sdk.SimulatePrincipalPolicyCommand(input), options),
  };
}
