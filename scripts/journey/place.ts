import { readdirSync } from "node:fs";
import { join } from "node:path";
import { cloudPlaces } from "../local/hosts/cloud.js";
import { localRoot } from "../local/paths.js";
import { cloudEnvironment, readRunning } from "../local/state.js";
import { locateWorkspace, type Workspace } from "./workspace.js";

/** Where a journey takes place: a local cloud, and a workspace with one org and one cluster. */
export interface JourneyPlace {
  readonly projectRoot: string;
  readonly cloudName: string;
  readonly workspace: Workspace;
}

/** Names for a journey: its cloud, and with it its workspace. Several with different names can be under way at once. */
export function placeJourney(projectRoot: string, cloudName: string, region: string): JourneyPlace {
  const folder = join(localRoot(), "workspaces", cloudName);
  const workspace = locateWorkspace({ folder, org: "demo", region, clusterName: cloudName });
  return { projectRoot, cloudName, workspace };
}

/** Makes the running cloud the AWS of this process and of whatever it starts. Fails where the cloud does not run. */
export function useCloud({ cloudName }: JourneyPlace): void {
  const state = readRunning(cloudName);
  if (state === null) throw new Error(`The local cloud "${cloudName}" does not run.`);
  Object.assign(process.env, cloudEnvironment(state));
}

/**
 * /shared as this machine sees it: the root directory of the org's access point. What is read here is what the nodes
 * wrote, not what they say of it. Fails where there is not exactly one.
 */
export function sharedFolder({ cloudName }: JourneyPlace): string {
  const accessPoints = join(cloudPlaces(cloudName).efs, ".access-points");
  const names = readdirSync(accessPoints);
  if (names.length !== 1) throw new Error(`${names.length} access points in ${accessPoints}, not one`);
  return join(accessPoints, names[0] ?? "");
}
