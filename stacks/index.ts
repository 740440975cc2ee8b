/**
 * Muster's stacks and constructs as a library. Constructs set Name tags; all other common tags come from
 * the AWS provider's default_tags, as in OrgStack and ClusterStack.
 */

export type { PipelineIdentity, PipelineIssuer } from "../agent/contract/rights/pipeline.js";
export { AccountStack, type AccountStackProps } from "./account-stack.js";
export { declareStacks } from "./app.js";
export { ClusterStack, type ClusterStackProps } from "./cluster-stack.js";
export type { AccountSettings } from "./config/account.js";
export type { BakedImageSettings } from "./config/baked-image.js";
export type { ClusterInput, NotebookInput } from "./config/cluster.js";
export type { JobDefinitionDeclaration } from "./config/job-definition-files.js";
export {
  type ClusterDeclaration,
  loadMusterConfig,
  type MusterConfig,
  parseMusterConfig,
} from "./config/load.js";
export type { NotebookSettings } from "./config/notebook.js";
export { ConfigError, type Problem } from "./config/problem.js";
export type { ClusterSettings, OrgSettings } from "./config/schema.js";
export type { StateSettings } from "./config/state.js";
export { AccountRole, type AccountRoleProps } from "./constructs/account-role.js";
export { ClusterFolders, type ClusterFoldersProps } from "./constructs/cluster-folders.js";
export { ClusterMonitoring, type ClusterMonitoringProps } from "./constructs/cluster-monitoring.js";
export type { ClusterResources } from "./constructs/cluster-resources.js";
export { ExistingNetwork, type ExistingNetworkProps } from "./constructs/existing-network.js";
export { FileSystemFolder, type FileSystemFolderProps } from "./constructs/file-system-folder.js";
export { FileSystemSecurity, type FileSystemSecurityProps } from "./constructs/file-system-security.js";
export { FlowLogs, type FlowLogsProps } from "./constructs/flow-logs.js";
export { ImageBuilder, type ImageBuilderProps } from "./constructs/image-builder.js";
export { JobDefinition, type JobDefinitionProps } from "./constructs/job-definition.js";
export { LogBucket, type LogBucketProps } from "./constructs/log-bucket.js";
export { MpiCluster, type MpiClusterProps } from "./constructs/mpi-cluster.js";
export { MpiNotebook, type MpiNotebookProps, type NotebookCluster } from "./constructs/mpi-notebook.js";
export { NodeRole, type NodeRoleProps, type RoleIdentity } from "./constructs/node-role.js";
export { NodeSecurity, type NodeSecurityProps } from "./constructs/node-security.js";
export { NodeTemplate, type NodeTemplateProps } from "./constructs/node-template.js";
export { NodeTypes, type NodeTypesProps } from "./constructs/node-types.js";
export { HomeAccess, type HomeAccessProps } from "./constructs/notebook-home-access.js";
export { OrgAccount } from "./constructs/org-account.js";
export { OrgKey, type OrgKeyProps } from "./constructs/org-key.js";
export { OrgNetwork, type OrgNetworkProps } from "./constructs/org-network.js";
export { type OrgParts, type OrgResources, orgResourcesOf } from "./constructs/org-resources.js";
export {
  PipelineRoles,
  type PipelineRolesProps,
  type PipelineSettings,
} from "./constructs/pipeline-roles.js";
export { addProviders, type ProvidersProps } from "./constructs/providers.js";
export { RegistryTable, type RegistryTableProps } from "./constructs/registry-table.js";
export { SharedFileSystem, type SharedFileSystemProps } from "./constructs/shared-file-system.js";
export { WakeSchedule, type WakeScheduleProps } from "./constructs/wake-schedule.js";
export { type WakeTime, wakeTime } from "./constructs/wake-time.js";
export { ImageStack, type ImageStackProps, imageStackName } from "./image-stack.js";
export { NotebookStack, type NotebookStackProps } from "./notebook-stack.js";
export { OrgStack, type OrgStackProps } from "./org-stack.js";
export { placeProvider } from "./packaged/place-provider.js";
