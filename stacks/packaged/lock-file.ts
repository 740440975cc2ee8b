/** A provider in Terraform's dependency lock file. */
export interface LockedProvider {
  /** The full address: `registry.terraform.io/hashicorp/aws`. */
  readonly address: string;
  readonly version: string;
  /** Null: Terraform takes the first that it installs, and writes its checksums here. */
  readonly hashes: readonly string[] | null;
}

const REGISTRY = "registry.terraform.io";
const EXACT = /^\d+\.\d+\.\d+$/;
const BLOCK = /^provider "([^"]+)" \{\n[\s\S]*?^\}$/gm;

/**
 * The providers of exactly one version each that a stack's `cdk.tf.json` requires. `known`: their checksums by
 * `<address> <version>`, where they are known already. Pure.
 */
export function lockedProviders(
  stack: string,
  known: ReadonlyMap<string, readonly string[]>,
): readonly LockedProvider[] {
  const { terraform } = JSON.parse(stack) as {
    terraform?: { required_providers?: Record<string, { source: string; version?: string }> };
  };
  return Object.values(terraform?.required_providers ?? {}).flatMap(({ source, version = "" }) => {
    const address = addressOf(source);
    return EXACT.test(version)
      ? [{ address, version, hashes: known.get(`${address} ${version}`) ?? null }]
      : [];
  });
}

/** As Terraform reads a `source`, whose first parts may be left out. */
function addressOf(source: string): string {
  const parts = source.split("/");
  return [...[REGISTRY, "hashicorp"].slice(0, 3 - parts.length), ...parts].join("/");
}

/**
 * A lock file with these providers. What `before` has of one in the same version stays, with the checksums that Terraform has written.
 * cdktf calls `terraform providers lock`, which looks into no mirror, where a stack's providers are not locked. Pure.
 * @see https://developer.hashicorp.com/terraform/language/files/dependency-lock
 */
export function renderLockFile(before: string, providers: readonly LockedProvider[]): string {
  const there = new Map([...before.matchAll(BLOCK)].map(([block, address = ""]) => [address, block]));
  const blocks = [...providers]
    .sort((a, b) => (a.address < b.address ? -1 : 1))
    .map((provider) => {
      const block = provider.hashes === null ? there.get(provider.address) : undefined;
      return block !== undefined && versionOf(block) === provider.version ? block : renderBlock(provider);
    });
  return `# Muster's app writes what is missing here, and "terraform init" the checksums.\n\n${blocks.join("\n\n")}\n`;
}

const versionOf = (block: string): string | undefined => /^\s*version\s*=\s*"([^"]*)"/m.exec(block)?.[1];

const renderBlock = ({ address, version, hashes }: LockedProvider): string =>
  [
    `provider "${address}" {`,
    `  version     = "${version}"`,
    `  constraints = "${version}"`,
    ...(hashes === null ? [] : ["  hashes = [", ...hashes.map((hash) => `    "${hash}",`), "  ]"]),
    "}",
  ].join("\n");
