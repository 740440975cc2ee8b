import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../system/command.js";
import { findOnPath } from "../system/find-on-path.js";
import { renameUnlessThere } from "./files.js";

const VERSION = "1.11.4";
/** Write-only attributes, which keep secrets out of the state, came with 1.11. */
const OLDEST = [1, 11] as const;
/** As published for the release, by platform of the zip. */
const SHA256: Readonly<Record<string, string>> = {
  linux_amd64: "1ce994251c00281d6845f0f268637ba50c0005657eb3cf096b92f753b42ef4dc",
};
const DOWNLOAD_TIMEOUT_SECONDS = 300;

/** A suitable `terraform`, and where it was found. */
export interface Terraform {
  readonly path: string;
  readonly version: string;
  readonly source: "MUSTER_TERRAFORM" | "PATH" | "cache";
}

/**
 * MUSTER_TERRAFORM, else the one on PATH, else the one in the cache, which is downloaded if it is not there yet.
 * Throws if MUSTER_TERRAFORM is not suitable; one on PATH that is too old is skipped.
 */
export async function provideTerraform(cache: string, say: (line: string) => void): Promise<Terraform> {
  const explicit = process.env["MUSTER_TERRAFORM"];
  if (explicit)
    return { path: explicit, version: await fittingVersion(explicit), source: "MUSTER_TERRAFORM" };
  const onPath = findOnPath("terraform");
  if (onPath !== undefined) {
    try {
      return { path: onPath, version: await fittingVersion(onPath), source: "PATH" };
    } catch (error) {
      say(`terraform: skipped the one on PATH. ${(error as Error).message}`);
    }
  }
  const folder = join(cache, `terraform-${VERSION}`);
  const path = join(folder, "terraform");
  if (!existsSync(path)) await download(cache, folder, say);
  return { path, version: VERSION, source: "cache" };
}

/** Whether a version, as `terraform version -json` prints it, is suitable. */
export function isFittingVersion(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major === OLDEST[0] && minor >= OLDEST[1];
}

async function fittingVersion(path: string): Promise<string> {
  // A configuration file that TF_CLI_CONFIG_FILE names and that isn't there makes it print warnings.
  const env = { ...process.env, TF_CLI_CONFIG_FILE: "/dev/null", CHECKPOINT_DISABLE: "1" };
  const output = await runCommand([path, "version", "-json"], { timeoutSeconds: 30, env });
  const { terraform_version: version } = JSON.parse(output) as { terraform_version: string };
  if (isFittingVersion(version)) return version;
  throw new Error(`${path} is Terraform ${version}, but ${OLDEST.join(".")} or a newer 1.x is needed.`);
}

async function download(cache: string, folder: string, say: (line: string) => void): Promise<void> {
  const platform = "linux_amd64";
  const url = `https://releases.hashicorp.com/terraform/${VERSION}/terraform_${VERSION}_${platform}.zip`;
  say(`terraform: downloading ${VERSION} (27 MB)`);
  const zip = await fetchBytes(url);
  const sha256 = createHash("sha256").update(zip).digest("hex");
  if (sha256 !== SHA256[platform]) {
    throw new Error(
      `${url} has SHA-256 ${sha256} instead of ${SHA256[platform]}: it is not the published file.`,
    );
  }
  const work = await mkdtemp(join(cache, "terraform-"));
  try {
    await writeFile(join(work, "terraform.zip"), zip);
    await runCommand(["python3", "-m", "zipfile", "-e", join(work, "terraform.zip"), work], {
      timeoutSeconds: 60,
    });
    await rm(join(work, "terraform.zip"));
    await chmod(join(work, "terraform"), 0o755);
    await chmod(work, 0o755);
    await renameUnlessThere(work, folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function fetchBytes(url: string): Promise<Buffer> {
  try {
    const reply = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_SECONDS * 1000) });
    if (!reply.ok) throw new Error(`HTTP ${reply.status}`);
    return Buffer.from(await reply.arrayBuffer());
  } catch (error) {
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? cause.message : message;
    throw new Error(
      `Terraform is not on PATH and ${url} can't be downloaded (${reason}). Install Terraform ${OLDEST.join(".")} or newer, or set MUSTER_TERRAFORM to its path.`,
    );
  }
}
