import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ProcessIdentity } from "../../agent/system/processes.js";
import { type CloudPlaces, cloudPlaces } from "./hosts/cloud.js";
import { isAlive } from "./process-identity.js";

export const DEFAULT_CLOUD = "default";
export const DEFAULT_REGION = "us-east-1";

/** `cloud.json`: a cloud's daemon writes it once everything answers, so readers can use the cloud at once. */
export interface CloudState extends ProcessIdentity {
  readonly name: string;
  readonly region: string;
  readonly endpointUrl: string;
  readonly gatewaySocket: string;
  readonly emulatorPort: number;
  readonly netns: string;
  /** Has one folder per EFS file system id. */
  readonly efsRoot: string;
  readonly imageId: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
}

const statePath = (cloud: CloudPlaces): string => join(cloud.folder, "cloud.json");
export const daemonLogPath = (cloud: CloudPlaces): string => join(cloud.folder, "daemon.log");

export function writeState(cloud: CloudPlaces, state: CloudState): void {
  const path = statePath(cloud);
  writeFileSync(`${path}.new`, `${JSON.stringify(state, null, 2)}\n`);
  renameSync(`${path}.new`, path);
}

/** The state of a cloud that runs, or null. */
export function readRunning(name: string): CloudState | null {
  const path = statePath(cloudPlaces(name));
  if (!existsSync(path)) return null;
  const state = JSON.parse(readFileSync(path, "utf8")) as CloudState;
  return isAlive(state) ? state : null;
}

/** The environment that makes the cloud a program's AWS, and no other. */
export const cloudEnvironment = (
  state: Pick<CloudState, "endpointUrl" | "region">,
): Record<string, string> => ({
  AWS_ENDPOINT_URL: state.endpointUrl,
  AWS_REGION: state.region,
  AWS_ACCESS_KEY_ID: "test",
  AWS_SECRET_ACCESS_KEY: "test",
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_MAX_ATTEMPTS: "2",
});
