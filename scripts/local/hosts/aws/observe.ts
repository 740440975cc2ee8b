import {
  DescribeInstanceTypesCommand,
  type EC2Client,
  type Instance as Ec2Instance,
  type InstanceTypeInfo,
  paginateDescribeInstances,
} from "@aws-sdk/client-ec2";
import {
  type AccessPointDescription,
  type EFSClient,
  paginateDescribeAccessPoints,
  paginateDescribeFileSystems,
} from "@aws-sdk/client-efs";
import type { AccessPoint, CloudView, Cpu, Instance } from "../view.js";

/** Reads the account. Throws any failure of the service: a view is complete, or there is none. */
export interface CloudObserver {
  observe(): Promise<CloudView>;
}

/** An observer of the clients' account. Each instance type is read once. */
export function createObserver(clients: { readonly ec2: EC2Client; readonly efs: EFSClient }): CloudObserver {
  const cpus = new Map<string, Cpu>();
  return {
    async observe() {
      const [found, stopped, fileSystemIds, accessPoints] = await Promise.all([
        listInstances(clients.ec2, ["pending", "running"]),
        listInstances(clients.ec2, ["stopping", "stopped"]),
        listFileSystemIds(clients.efs),
        listAccessPoints(clients.efs),
      ]);
      await learnTypes(clients.ec2, cpus, found);
      return {
        instances: found.flatMap((instance) => toInstance(instance, cpus)),
        stopped: stopped.flatMap(({ InstanceId }) => InstanceId ?? []),
        fileSystemIds,
        accessPoints,
      };
    },
  };
}

async function listInstances(client: EC2Client, Values: string[]): Promise<Ec2Instance[]> {
  const found: Ec2Instance[] = [];
  const Filters = [{ Name: "instance-state-name", Values }];
  for await (const page of paginateDescribeInstances({ client, pageSize: 1000 }, { Filters })) {
    for (const reservation of page.Reservations ?? []) found.push(...(reservation.Instances ?? []));
  }
  return found;
}

async function listFileSystemIds(client: EFSClient): Promise<string[]> {
  const ids: string[] = [];
  for await (const page of paginateDescribeFileSystems({ client }, {})) {
    for (const { FileSystemId } of page.FileSystems ?? []) if (FileSystemId) ids.push(FileSystemId);
  }
  return ids;
}

async function listAccessPoints(client: EFSClient): Promise<AccessPoint[]> {
  const found: AccessPoint[] = [];
  for await (const page of paginateDescribeAccessPoints({ client }, {})) {
    for (const description of page.AccessPoints ?? []) found.push(...toAccessPoint(description));
  }
  return found;
}

async function learnTypes(
  client: EC2Client,
  cpus: Map<string, Cpu>,
  found: readonly Ec2Instance[],
): Promise<void> {
  const types = new Set(found.flatMap(({ InstanceType }) => (InstanceType ? [InstanceType] : [])));
  const unknown = [...types].filter((type) => !cpus.has(type));
  if (unknown.length === 0) return;
  const { InstanceTypes } = await client.send(new DescribeInstanceTypesCommand({ InstanceTypes: unknown }));
  for (const info of InstanceTypes ?? []) {
    if (info.InstanceType) cpus.set(info.InstanceType, toCpu(info));
  }
}

const toCpu = ({ VCpuInfo }: InstanceTypeInfo): Cpu => ({
  vCpus: VCpuInfo?.DefaultVCpus ?? 1,
  threadsPerCore: VCpuInfo?.DefaultThreadsPerCore ?? 1,
});

function toInstance(instance: Ec2Instance, cpus: ReadonlyMap<string, Cpu>): Instance[] {
  const { InstanceId, PrivateIpAddress, PrivateDnsName, InstanceType, State } = instance;
  if (!InstanceId || !PrivateIpAddress || !PrivateDnsName || !InstanceType) return [];
  const cpu = cpus.get(InstanceType);
  if (cpu === undefined) return [];
  return [
    {
      id: InstanceId,
      isRunning: State?.Name === "running",
      imageId: instance.ImageId ?? "",
      address: PrivateIpAddress,
      privateDnsName: PrivateDnsName,
      type: InstanceType,
      cpu,
    },
  ];
}

function toAccessPoint({
  AccessPointId,
  FileSystemId,
  RootDirectory,
}: AccessPointDescription): AccessPoint[] {
  if (!AccessPointId || !FileSystemId) return [];
  const info = RootDirectory?.CreationInfo;
  const creation =
    info === undefined
      ? null
      : {
          uid: info.OwnerUid ?? 0,
          gid: info.OwnerGid ?? 0,
          mode: Number.parseInt(info.Permissions ?? "755", 8),
        };
  return [{ id: AccessPointId, fileSystemId: FileSystemId, path: RootDirectory?.Path ?? "/", creation }];
}
