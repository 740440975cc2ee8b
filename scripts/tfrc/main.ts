import { join, resolve } from "node:path";
import { renderCliConfig } from "../setup/cli-config.js";
import { findProviderMirror } from "../setup/provider-mirror.js";
import { endWith } from "../system/command-line.js";
import { cacheRoot } from "../system/paths.js";

// Prints Terraform's CLI configuration (TF_CLI_CONFIG_FILE): Muster's provider from this checkout's build, the AWS provider from
// a mirror where this machine has one (MUSTER_TERRAFORM_MIRROR names it), and everything else from its registry.
endWith(async () => {
  const musterMirror = join(resolve(import.meta.dirname, "../.."), "dist/terraform-mirror");
  process.stdout.write(renderCliConfig(musterMirror, findProviderMirror(cacheRoot())));
  return 0;
});
