import { Fn, type TerraformRemoteState } from "cdktf";
import type { FileSystemSecurity } from "./file-system-security.js";
import type { LogBucket } from "./log-bucket.js";
import type { OrgKey } from "./org-key.js";
import type { RegistryTable } from "./registry-table.js";
import type { SharedFileSystem } from "./shared-file-system.js";

/** The org's resources that clusters use. Each value may be a Terraform reference. */
export interface OrgResources {
  /** The private subnet of zone 1 and, where there is one, of zone 2. */
  readonly privateSubnetIds: readonly string[];
  /** Those of the two zones for nodes that ssh reaches from the internet. */
  readonly publicSubnetIds: readonly string[];
  readonly vpcId: string;
  /** Members may reach the file system. */
  readonly fileSystemClientsGroupId: string;
  readonly fileSystemId: string;
  readonly fileSystemArn: string;
  /** Of the folder that clusters share by choice. */
  readonly orgAccessPointId: string;
  readonly orgAccessPointArn: string;
  readonly logBucketName: string;
  readonly logBucketArn: string;
  readonly keyArn: string;
  readonly tableArn: string;
}

/** The constructs that an org is put together from, as in OrgStack. */
export interface OrgParts {
  readonly key: Pick<OrgKey, "arn">;
  /** An OrgNetwork, an ExistingNetwork, or one of your own. */
  readonly network: Pick<OrgResources, "vpcId" | "privateSubnetIds" | "publicSubnetIds">;
  readonly security: Pick<FileSystemSecurity, "clientsGroupId">;
  readonly table: Pick<RegistryTable, "arn">;
  readonly logs: Pick<LogBucket, "bucketName" | "arn">;
  readonly files: Pick<SharedFileSystem, "fileSystemId" | "fileSystemArn" | "orgFolder">;
}

/** What clusters need of an org's constructs. */
export const orgResourcesOf = ({ key, network, security, table, logs, files }: OrgParts): OrgResources => ({
  privateSubnetIds: network.privateSubnetIds,
  publicSubnetIds: network.publicSubnetIds,
  vpcId: network.vpcId,
  fileSystemClientsGroupId: security.clientsGroupId,
  fileSystemId: files.fileSystemId,
  fileSystemArn: files.fileSystemArn,
  orgAccessPointId: files.orgFolder.accessPointId,
  orgAccessPointArn: files.orgFolder.accessPointArn,
  logBucketName: logs.bucketName,
  logBucketArn: logs.arn,
  keyArn: key.arn,
  tableArn: table.arn,
});

/** The OrgStack's outputs, in Terraform's spelling. */
export const outputNames = {
  privateSubnetIds: "private_subnet_ids",
  publicSubnetIds: "public_subnet_ids",
  vpcId: "vpc_id",
  fileSystemClientsGroupId: "file_system_clients_group_id",
  fileSystemId: "file_system_id",
  fileSystemArn: "file_system_arn",
  orgAccessPointId: "org_access_point_id",
  orgAccessPointArn: "org_access_point_arn",
  logBucketName: "log_bucket_name",
  logBucketArn: "log_bucket_arn",
  keyArn: "key_arn",
  tableArn: "registry_table_arn",
} as const satisfies Record<keyof OrgResources, string>;

/**
 * The org's resources from its state. Unlike a search by tag, state gives the same answer at destroy even if somebody removed
 * resources by hand. So an incomplete org never prevents destroying a cluster.
 */
export function orgResourcesFrom(state: TerraformRemoteState): OrgResources {
  const { privateSubnetIds, publicSubnetIds, ...single } = outputNames;
  const pairOf = (output: string): readonly [string, string] => {
    const subnets = state.getList(output);
    return [Fn.element(subnets, 0), Fn.element(subnets, 1)];
  };
  const values = Object.entries(single).map(([key, output]) => [key, state.getString(output)]);
  return {
    ...(Object.fromEntries(values) as Record<keyof typeof single, string>),
    privateSubnetIds: pairOf(privateSubnetIds),
    publicSubnetIds: pairOf(publicSubnetIds),
  };
}
