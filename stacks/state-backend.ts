import path from "node:path";
import {
  DataTerraformRemoteStateLocal,
  DataTerraformRemoteStateS3,
  LocalBackend,
  S3Backend,
  type TerraformRemoteState,
  type TerraformStack,
} from "cdktf";
import type { Construct } from "constructs";
import type { StateSettings } from "./config/state.js";
import { literal } from "./constructs/literal.js";

/** Which state: `<org>/org`, `<org>/account`, `<org>/images/<family>`, `<org>/clusters/<name>` or `<org>/notebooks/<name>`, below the folder or prefix of the settings. */
export type StateKey =
  | `${string}/org`
  | `${string}/account`
  | `${string}/images/${string}`
  | `${string}/clusters/${string}`
  | `${string}/notebooks/${string}`;

/** Keeps the state of `stack` under `key`. In S3: encrypted, and locked while it is written. */
export function keepState(stack: TerraformStack, settings: StateSettings, key: StateKey): void {
  if (settings.type === "local") {
    new LocalBackend(stack, { path: localFile(settings.folder, key) });
    return;
  }
  // useLockfile is missing from cdktf's type but is passed on to Terraform.
  const backend = { ...remoteObject(settings, key), encrypt: true, useLockfile: true };
  new S3Backend(stack, backend);
}

/** The outputs of another stack's state, read at plan. The state must exist: deploy that stack first. */
export function readOutputs(
  scope: Construct,
  id: string,
  settings: StateSettings,
  key: StateKey,
): TerraformRemoteState {
  if (settings.type === "local") {
    // A data source's values are templates; a backend's values are not.
    return new DataTerraformRemoteStateLocal(scope, id, { path: literal(localFile(settings.folder, key)) });
  }
  return new DataTerraformRemoteStateS3(scope, id, remoteObject(settings, key));
}

function localFile(folder: string, key: StateKey): string {
  return path.join(folder, `${key}.tfstate`);
}

function remoteObject({ bucket, region, prefix }: StateSettings & { type: "s3" }, key: StateKey) {
  return { bucket, region, key: `${prefix}/${key}.tfstate` };
}
