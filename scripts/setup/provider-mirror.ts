import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { AWS_PROVIDER } from "../cli/render/cli-config.js";
import { runCommand } from "../system/command.js";
import { renameUnlessThere } from "./files.js";

/** The version that the CDKTF bindings in package.json are made for. */
export const AWS_PROVIDER_VERSION = "5.100.0";

type Environment = Readonly<Record<string, string | undefined>>;

const SEARCHED_ROOTS = ["/opt", "/srv", "/usr/share", "/usr/local/share", "/usr/local/lib"];
const DOWNLOAD_TIMEOUT_SECONDS = 900;

/** Our own mirror, in the cache. */
const cachedMirror = (cache: string): string => join(cache, "terraform-providers");

/**
 * A folder from which Terraform can install the AWS provider without the registry, or undefined: MUSTER_TERRAFORM_MIRROR,
 * Terraform's implied mirror folders, our own cache, a search one level below the usual roots, and last Terraform's
 * plug-in caches, which may be emptied at any time. Throws if MUSTER_TERRAFORM_MIRROR has none. Changes nothing.
 */
export function findProviderMirror(
  cache: string,
  environment: Environment = process.env,
  roots: readonly string[] = SEARCHED_ROOTS,
): string | undefined {
  const explicit = environment["MUSTER_TERRAFORM_MIRROR"];
  if (explicit) {
    if (holdsProvider(explicit)) return explicit;
    throw new Error(
      `MUSTER_TERRAFORM_MIRROR is "${explicit}", which does not contain ${AWS_PROVIDER}/${AWS_PROVIDER_VERSION}.`,
    );
  }
  const candidates = [
    ...impliedMirrors(environment),
    cachedMirror(cache),
    ...roots.flatMap(foldersIn),
    ...pluginCaches(environment),
  ];
  return candidates.find(holdsProvider);
}

/**
 * Fetches the provider from the registry, once, into a mirror in the cache: Terraform itself downloads it and checks
 * its signature. Gives the mirror's folder. May run twice and concurrently.
 */
export async function downloadProvider(
  cache: string,
  terraform: string,
  say: (line: string) => void,
): Promise<string> {
  say(`AWS provider: downloading ${AWS_PROVIDER_VERSION} (about 150 MB)`);
  const work = await mkdtemp(join(cache, "provider-"));
  try {
    const required = `aws = { source = "hashicorp/aws", version = "${AWS_PROVIDER_VERSION}" }`;
    await writeFile(join(work, "main.tf"), `terraform {\n  required_providers {\n    ${required}\n  }\n}\n`);
    await writeFile(join(work, "cli.tfrc"), "provider_installation {\n  direct {}\n}\n");
    const env = { ...process.env, TF_CLI_CONFIG_FILE: join(work, "cli.tfrc"), CHECKPOINT_DISABLE: "1" };
    await runCommand([terraform, `-chdir=${work}`, "init", "-input=false", "-no-color"], {
      env,
      timeoutSeconds: DOWNLOAD_TIMEOUT_SECONDS,
    });
    await renameUnlessThere(join(work, ".terraform/providers"), cachedMirror(cache));
    return cachedMirror(cache);
  } catch (error) {
    throw new Error(
      `The AWS provider ${AWS_PROVIDER_VERSION} is in no mirror here, and its download failed. Let this machine reach registry.terraform.io, or set MUSTER_TERRAFORM_MIRROR to a folder that contains ${AWS_PROVIDER}.\n${(error as Error).message}`,
    );
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function impliedMirrors(environment: Environment): string[] {
  const home = environment["HOME"] ?? homedir();
  const dataHome = environment["XDG_DATA_HOME"] || join(home, ".local/share");
  const dataDirs = (environment["XDG_DATA_DIRS"] || "/usr/local/share:/usr/share").split(":");
  return [
    join(home, ".terraform.d/plugins"),
    ...[dataHome, ...dataDirs].map((folder) => join(folder, "terraform/plugins")),
  ];
}

function pluginCaches(environment: Environment): string[] {
  const explicit = environment["TF_PLUGIN_CACHE_DIR"];
  return [
    ...(explicit ? [explicit] : []),
    join(environment["HOME"] ?? homedir(), ".terraform.d/plugin-cache"),
  ];
}

/** Unpacked, or as the zip that `terraform providers mirror` makes. */
function holdsProvider(mirror: string): boolean {
  const platform = "linux_amd64";
  return (
    existsSync(join(mirror, AWS_PROVIDER, AWS_PROVIDER_VERSION, platform)) ||
    existsSync(join(mirror, AWS_PROVIDER, `terraform-provider-aws_${AWS_PROVIDER_VERSION}_${platform}.zip`))
  );
}

function foldersIn(root: string): string[] {
  try {
    const entries = readdirSync(root, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map(({ name }) => join(root, name));
  } catch {
    return []; // missing, or not readable
  }
}
