import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { clusterFolderPath } from "../../agent/contract/names.js";
import { cloudPlaces } from "../local/hosts/cloud.js";
import { cloudEnvironment, readRunning } from "../local/state.js";
import { localRoot } from "../system/paths.js";
import { locateWorkspace, type Workspace } from "./workspace.js";

/** Where a journey takes place: a local cloud, and a workspace with one org and one cluster. */
export interface JourneyPlace {
  readonly projectRoot: string;
  readonly cloudName: string;
  readonly workspace: Workspace;
}

/** A journey's cloud and workspace, by name. Journeys with different names can run at the same time. */
export function placeJourney(projectRoot: string, cloudName: string, region: string): JourneyPlace {
  const folder = join(localRoot(), "workspaces", cloudName);
  const workspace = locateWorkspace({ folder, org: "demo", region, clusterName: cloudName });
  return { projectRoot, cloudName, workspace };
}

/** Makes the running cloud the AWS of this process and its children. Fails if the cloud does not run. */
export function useCloud({ cloudName }: JourneyPlace): void {
  const state = readRunning(cloudName);
  if (state === null) throw new Error(`The local cloud "${cloudName}" does not run.`);
  Object.assign(process.env, cloudEnvironment(state));
}

/**
 * A cluster's /shared as this machine sees it: its folder on the org's file system. So tests read what the nodes really wrote.
 * Fails unless there is exactly one.
 */
export function sharedFolder({ cloudName }: Pick<JourneyPlace, "cloudName">, clusterUuid: string): string {
  const { efs } = cloudPlaces(cloudName);
  const path = clusterFolderPath(clusterUuid, "shared");
  const folders = readdirSync(efs)
    .map((fileSystem) => join(efs, fileSystem, path))
    .filter((folder) => existsSync(folder));
  const [only, ...more] = folders;
  if (only === undefined || more.length > 0) {
    throw new Error(`${folders.length} folders ${path} on the file systems in ${efs}, not one`);
  }
  return only;
}
