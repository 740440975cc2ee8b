import { mkdir, symlink } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { sessionManagerPath } from "./notebook.js";

interface EmptyHome {
  /** The home: it is made if it is not there, and has nothing but what is said here. */
  readonly home: string;
  readonly projectRoot: string;
  /** The program. */
  readonly terraform: string;
  /** A mirror with AWS's provider. */
  readonly awsProvider: string;
  /** Names the AWS of the person's shell. */
  readonly aws: Readonly<Record<string, string>>;
  /** Folders of programs that come first on PATH. */
  readonly programs?: readonly string[];
}

/** How the machine reaches package registries: it is the machine's, not the person's. */
const NETWORK = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"] as const;
const CERTIFICATES = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR"] as const;

/**
 * The shell of a person with an empty home: its environment. Terraform finds AWS's provider in a folder where it looks itself, so that no network is
 * needed, and there is no configuration of Terraform's. Session Manager's programs are there, and what npm has fetched for the machine before.
 */
export async function emptyHome(person: EmptyHome): Promise<Readonly<Record<string, string>>> {
  const { home, projectRoot, terraform, awsProvider, aws, programs = [] } = person;
  const plugins = join(home, ".local/share/terraform/plugins");
  await mkdir(dirname(plugins), { recursive: true });
  await symlink(awsProvider, plugins);
  const path = [...programs, dirname(process.execPath), dirname(terraform), sessionManagerPath(projectRoot)];
  const ofMachine = [...NETWORK, ...CERTIFICATES].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(ofMachine),
    ...{ PATH: path.join(delimiter), HOME: home, CI: "1", FORCE_COLOR: "0", CHECKPOINT_DISABLE: "1" },
    npm_config_cache: process.env["npm_config_cache"] ?? join(process.env["HOME"] ?? "/root", ".npm"),
    ...aws,
  };
}
