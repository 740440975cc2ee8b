import type { RunInstancesCommandInput } from "@aws-sdk/client-ec2";
import type { CallTable, MakeCall } from "../../../agent/contract/preflight/calls.js";
import { observePreflight } from "../../../agent/contract/preflight/observe.js";
import type { Account, Opening, Preflight } from "../core/ports.js";
import { callsOf, clientSettings } from "./connection.js";

/** The account, looked at before a deploy. Makes no call, and loads nothing, until it is asked. */
export function accountPreflight(
  opening: Opening,
  env: Readonly<Record<string, string | undefined>>,
  version: string,
  { caller }: Pick<Account, "caller">,
): Preflight {
  return {
    async observe(ask, patienceMs) {
      const clients = await openClients(opening, version);
      const abortSignal = AbortSignal.any([opening.signal, AbortSignal.timeout(patienceMs)]);
      const table = callTable(clients, { abortSignal });
      const make = ((name, input) => table[name](input as never)) as MakeCall;
      const call = callsOf(clients.ec2, "EC2", opening, env);
      return call(`look whether the account has what org ${ask.org} asks for`, async () => {
        const facts = await observePreflight(ask, make, caller, new Date());
        // The time of --timeout is over: each call in progress would be unchecked.
        opening.signal.throwIfAborted();
        return facts;
      });
    },
  };
}

async function openClients(opening: Opening, version: string) {
  const [ec2, iam, kms, quotas] = await Promise.all([
    import("@aws-sdk/client-ec2"),
    import("@aws-sdk/client-iam"),
    import("@aws-sdk/client-kms"),
    import("@aws-sdk/client-service-quotas"),
  ]);
  const settings = clientSettings(opening, version);
  return {
    sdk: { ...ec2, ...iam, ...kms, ...quotas },
    ec2: new ec2.EC2Client(settings),
    iam: new iam.IAMClient(settings),
    kms: new kms.KMSClient(settings),
    quotas: new quotas.ServiceQuotasClient(settings),
  };
}

function callTable(
  { sdk, ec2, iam, kms, quotas }: Awaited<ReturnType<typeof openClients>>,
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
