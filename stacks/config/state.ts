import path from "node:path";
import type { MusterFile } from "./schema.js";

/** Where Terraform keeps state: files in `folder` (absolute), or objects below `prefix` in an existing bucket. */
export type StateSettings =
  | { readonly type: "local"; readonly folder: string }
  | { readonly type: "s3"; readonly bucket: string; readonly region: string; readonly prefix: string };

/** The file's `state` (checked by the rules) with its defaults filled in. Relative folders start at `baseFolder`. Pure. */
export function stateSettings(
  state: MusterFile["state"],
  org: MusterFile["org"],
  baseFolder: string,
): StateSettings {
  if (state.type === "local") {
    return { type: "local", folder: path.resolve(baseFolder, state.path ?? "muster-state") };
  }
  const { bucket = "", region = org.region, prefix = "muster" } = state;
  return { type: "s3", bucket, region, prefix };
}
