/** The full address of AWS's provider. */
export const AWS_PROVIDER = "registry.terraform.io/hashicorp/aws";

/** The full address of our provider, `muster/muster`. */
const MUSTER_PROVIDER = "registry.terraform.io/muster/muster";

/**
 * Terraform's CLI configuration: our provider from the mirror that the build makes, AWS's from a mirror if there is one,
 * everything else from its registry; no version check over the network.
 */
export function renderCliConfig(musterMirror: string, awsMirror?: string): string {
  const mirrors = [
    { path: musterMirror, provider: MUSTER_PROVIDER },
    ...(awsMirror === undefined ? [] : [{ path: awsMirror, provider: AWS_PROVIDER }]),
  ];
  return [
    "disable_checkpoint = true",
    "provider_installation {",
    ...mirrors.flatMap(({ path, provider }) => [
      "  filesystem_mirror {",
      `    path    = ${JSON.stringify(path)}`,
      `    include = ["${provider}"]`,
      "  }",
    ]),
    `  direct {\n    exclude = [${mirrors.map(({ provider }) => `"${provider}"`).join(", ")}]\n  }`,
    "}",
    "",
  ].join("\n");
}

/** As renderCliConfig, with a registry in the place of Terraform's, by its address: `terraform providers lock` asks it too. */
export const renderRegistryConfig = (url: string): string =>
  [
    "disable_checkpoint = true",
    'host "registry.terraform.io" {',
    `  services = { "providers.v1" = ${JSON.stringify(`${url}/v1/providers/`)} }`,
    "}",
    "",
  ].join("\n");
