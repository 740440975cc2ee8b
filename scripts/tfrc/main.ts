import { join, resolve } from "node:path";
import { renderCliConfig } from "../cli/render/cli-config.js";
import { findProviderMirror } from "../setup/provider-mirror.js";
import { developersCommand, runToEnd } from "../system/command-line.js";
import { cacheRoot } from "../system/paths.js";

runToEnd(
  developersCommand(
    "npm run --silent tfrc",
    "Prints Terraform's CLI configuration (TF_CLI_CONFIG_FILE): Muster's provider from this checkout's build, the AWS provider from a mirror where this machine has one (MUSTER_TERRAFORM_MIRROR names it), everything else from its registry.",
  ).action(() => {
    const musterMirror = join(resolve(import.meta.dirname, "../.."), "dist/terraform-mirror");
    process.stdout.write(renderCliConfig(musterMirror, findProviderMirror(cacheRoot())));
  }),
);
