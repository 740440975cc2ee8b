import type { AgentConfig } from "../../agent/contract/agent-config.js";
import { runtimeOf } from "../config/fleet.js";
import type { NotebookSettings } from "../config/notebook.js";
import type { ClusterSettings } from "../config/schema.js";
import type { ClusterResources } from "./cluster-resources.js";
import { type NodePlace, nodeOptions } from "./node-options.js";
import type { OrgResources } from "./org-resources.js";

/** What surrounds a notebook's node. */
export interface NotebookSurroundings {
  readonly orgName: string;
  readonly org: OrgResources;
  readonly cluster: ClusterResources;
  /** The cluster's. */
  readonly settings: ClusterSettings;
  readonly place: NodePlace;
  /** The name of its Auto Scaling group. */
  readonly group: string;
  readonly homeAccessPointId: string;
}

/** What the agent of a notebook's node has to know. Its cluster's nodes and it agree on folders, runtime, proxy and job role. Pure. */
export function notebookConfig(
  { name, idleTimeoutMinutes, kernelIdleMinutes, mpiKernelIdleMinutes }: NotebookSettings,
  { orgName, org, cluster, settings, place, group, homeAccessPointId }: NotebookSurroundings,
): AgentConfig {
  const { jobRoleArn } = settings;
  return {
    kind: "notebook",
    runtime: runtimeOf(settings),
    ...nodeOptions({ ...settings, efa: false }, place),
    org: orgName,
    clusterUuid: cluster.uuid,
    clusterName: settings.name,
    fileSystemId: org.fileSystemId,
    accessPointId: cluster.sharedAccessPointId,
    agentsAccessPointId: cluster.agentsAccessPointId,
    ...(settings.orgFolder ? { orgAccessPointId: org.orgAccessPointId } : {}),
    logBucket: org.logBucketName,
    ...(jobRoleArn === undefined ? {} : { jobRoleArn }),
    notebook: {
      name,
      group,
      homeAccessPointId,
      idleTimeoutMinutes: idleTimeoutMinutes === 0 ? null : idleTimeoutMinutes,
      kernelIdleMinutes,
      mpiKernelIdleMinutes,
    },
  };
}
