import type { EC2Client, InstanceTypeInfo } from "@aws-sdk/client-ec2";
import type { InstanceType, InstanceTypes } from "../client/ports.js";
import { callAws } from "./errors.js";
import type { AwsScope } from "./scope.js";
import type { ComputeSdk } from "./sdk/parts.js";

/** EC2's instance types, without those that EC2 does not describe fully. */
export function awsInstanceTypes(sdk: ComputeSdk, ec2: EC2Client, scope: AwsScope): InstanceTypes {
  return {
    list: () =>
      callAws({ doing: `list the instance types of ${scope.region}`, ...scope }, async () => {
        const pages = sdk.paginateDescribeInstanceTypes({ client: ec2 }, {}, { abortSignal: scope.signal });
        const types: InstanceType[] = [];
        for await (const page of pages) types.push(...(page.InstanceTypes ?? []).flatMap(toInstanceType));
        return types;
      }),
  };
}

function toInstanceType(info: InstanceTypeInfo): readonly InstanceType[] {
  const { InstanceType: name, VCpuInfo, MemoryInfo, NetworkInfo, ProcessorInfo } = info;
  const { DefaultVCpus: vcpus, DefaultCores: cores } = VCpuInfo ?? {};
  const memoryMib = MemoryInfo?.SizeInMiB;
  if (name === undefined || vcpus === undefined || cores === undefined || memoryMib === undefined) return [];
  const architectures = [...(ProcessorInfo?.SupportedArchitectures ?? [])].sort();
  return [{ name, vcpus, cores, memoryMib, efa: NetworkInfo?.EfaSupported ?? false, architectures }];
}
