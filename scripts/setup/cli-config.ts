import { AWS_PROVIDER } from "./provider-mirror.js";

/** Our own provider, as `muster/muster` is written in full. */
const MUSTER_PROVIDER = "registry.terraform.io/muster/muster";

/**
 * Terraform's CLI configuration: our provider from the mirror that the build makes, AWS's from a mirror, everything
 * else from its registry; no version check over the network.
 */
export function renderCliConfig(musterMirror: string, awsMirror: string): string {
  const mirror = (path: string, provider: string): string =>
    [
      "  filesystem_mirror {",
      `    path    = ${JSON.stringify(path)}`,
      `    include = ["${provider}"]`,
      "  }",
    ].join("\n");
  return [
    "disable_checkpoint = true",
    "provider_installation {",
    mirror(musterMirror, MUSTER_PROVIDER),
    mirror(awsMirror, AWS_PROVIDER),
    `  direct {\n    exclude = ["${MUSTER_PROVIDER}", "${AWS_PROVIDER}"]\n  }`,
    "}",
    "",
  ].join("\n");
}
